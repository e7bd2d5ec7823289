"""Makes the chart's schema for `config` from the table of all settings, which the program's own description of its keys makes.

Run as a program, it writes the result into values.schema.json.
"""

import json
import os
import pathlib
import re

from chart import CHART, ROOT

PLACES = [ROOT / "README.md", ROOT / "Sources/Bulkhead/Bulkhead.docc/Settings.md"]
HEAD = "| Key | Allowed | Default | Meaning |"
REFERENCE = {"$ref": "#/definitions/reference"}
# `${NAME}`, `${NAME:-default}` or `${file:/path}` somewhere in a text.
REFERRING = {"type": "string", "pattern": r"\$\{[^}]+\}"}


def table():
    """Rows as (key, allowed, default, meaning)."""
    given = os.environ.get("BULKHEAD_SETTINGS_TABLE")
    places = [pathlib.Path(given)] if given else PLACES
    for place in places:
        if place.exists() and HEAD in (text := place.read_text()):
            rows = []
            for line in text.partition(HEAD)[2].splitlines()[2:]:
                if not line.startswith("|"):
                    break
                cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
                rows.append((cells[0].strip("`"), *cells[1:]))
            return rows
    raise AssertionError(f"no table of the settings ({HEAD}) in {', '.join(map(str, places))}")


def or_reference(schema):
    return {"anyOf": [schema, REFERRING]}


def scalar(allowed):
    """The schema of a value from the words that say what may stand there."""
    if allowed == "true or false":
        return or_reference({"type": "boolean"})
    bounds = re.match(r"(\d+(?:\.\d+)?)([A-Za-z]*) to (\d+(?:\.\d+)?)([A-Za-z]*)(?: \(|$)", allowed)
    if bounds:
        units = {bounds[2], bounds[4]} - {""}
        if units and units <= {"ms", "s", "m", "h", "d"}:
            return or_reference({"$ref": "#/definitions/duration"})
        if units:
            return or_reference({"$ref": "#/definitions/size"})
        return or_reference({"type": "number", "minimum": json.loads(bounds[1]), "maximum": json.loads(bounds[3])})
    if allowed.startswith("a list of "):
        item = scalar(allowed.removeprefix("a list of "))
        return {"anyOf": [{"type": "array", "items": item}, {"type": "string"}]}
    if re.fullmatch(r"\w+(, \w+)* or \w+", allowed):
        return or_reference({"enum": re.split(r", | or ", allowed)})
    if allowed.startswith("an http or https address"):
        return or_reference({"type": "string", "pattern": "^https?://[^@?#]+$"})
    if "digits" in allowed:
        return {"type": ["string", "integer"]}
    return {"type": "string"}


# Where the chart has to read the value itself, or can do with less than the program.
OWN = {
    "prefix": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,100}$"},
    "shutdown.grace": {"$ref": "#/definitions/duration"},
    # Probes and Prometheus come from outside the pod.
    "admin.listen": {"type": "string", "pattern": "^(0\\.0\\.0\\.0|\\[::\\]):[0-9]{1,5}$"},
    "kafka": {
        "type": "object",
        "required": ["bootstrap.servers"],
        "properties": {"bootstrap.servers": {"type": "string", "pattern": "^[^${}]+$"}},
        "propertyNames": {"pattern": "^[a-z0-9]+([._][a-z0-9]+)*$"},
        "patternProperties": {"(password|secret|token|key\\.pem|oauthbearer\\.config|jaas\\.config)$": REFERENCE},
        "additionalProperties": {"type": ["string", "number", "boolean"]},
    },
}
# What the program takes as the name of a provider, an account or a country.
NAMES = {"pattern": "^[A-Za-z0-9_-]{1,100}$"}


def group(description=None):
    schema = {"type": "object", "additionalProperties": False, "properties": {}}
    if description:
        schema["description"] = description
    return schema


def build(rows):
    """The schema of the whole settings file."""
    root = group("The settings file, in its own shape; made from the table of all settings.")
    for key, allowed, default, meaning in rows:
        *above, last = key.replace("[]", ".[]").split(".")
        at = root
        for part in above:
            if part.startswith("<"):
                at = at["additionalProperties"]
            elif part == "[]":
                at = at["items"]
            else:
                at = at["properties"].setdefault(part, group())
        if last == "*":
            # The key above stands for the whole map.
            above_map = root["properties"]
            above_map[above[-1]] = {"description": meaning, **OWN[above[-1]]}
            continue
        if key in OWN:
            schema = OWN[key]
        elif "Secret." in meaning:
            schema = REFERENCE
        elif allowed == "names":
            names = NAMES
            schema = {"type": "object", "minProperties": 1, "propertyNames": names, "additionalProperties": group()}
        elif allowed == "a list":
            schema = {"type": "array", "items": group()}
        else:
            schema = scalar(allowed)
        # draft-07 ignores what stands beside a $ref.
        schema = {"allOf": [schema]} if "$ref" in schema else dict(schema)
        at["properties"][last] = {"description": meaning, **schema}
        if default == "required" and "[]" in key:
            at.setdefault("required", []).append(last)
    root["required"] = ["kafka", "providers", "admin"]
    root["properties"]["admin"]["required"] = ["listen"]
    for provider in [root["properties"]["providers"]["additionalProperties"]]:
        provider["required"] = ["accounts"]
    return root


if __name__ == "__main__":
    file = CHART / "values.schema.json"
    schema = json.loads(file.read_text())
    schema["properties"]["config"] = build(table())
    file.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
    print(f"wrote {file}")
