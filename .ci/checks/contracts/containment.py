"""Whether everything that one JSON Schema, the sender's, allows is allowed by another one, the reader's.

Knows the keywords that `schemas/` uses and refuses others. It errs on the strict side: patterns that differ, for instance, count as
narrower even where they are not.
"""

import itertools
import json

import jsonschema

NOTES = {"$schema", "$id", "$defs", "$comment", "title", "description", "examples", "default"}
KEYWORDS = {
    "type", "enum", "const", "pattern", "format", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "properties", "required", "additionalProperties", "propertyNames", "minProperties", "maxProperties", "dependentRequired",
    "items", "minItems", "maxItems", "uniqueItems", "anyOf", "oneOf", "allOf", "if", "then", "else", "not",
}  # fmt: skip
TYPES = ("null", "boolean", "string", "integer", "fraction", "array", "object")
LOWER = {"minLength": "string", "minItems": "array", "minProperties": "object", "minimum": "number", "exclusiveMinimum": "number"}
UPPER = {"maxLength": "string", "maxItems": "array", "maxProperties": "object", "maximum": "number", "exclusiveMaximum": "number"}
SAME = {"pattern": "string", "format": "string", "uniqueItems": "array"}


class Unknown(Exception):
    """A keyword that is not understood; to be added here before a schema uses it."""


def resolved(schema):
    """The schema without notes and with its references put in; they must not go in circles."""

    def walk(node):
        if isinstance(node, bool):
            return node
        node = dict(node)
        if "$ref" in node:
            target = schema
            for part in node.pop("$ref").removeprefix("#/").split("/"):
                target = target[part]
            inner = walk(target)
            return {"allOf": [inner, walk(node)]} if set(node) - NOTES else inner
        unknown = set(node) - KEYWORDS - NOTES
        if unknown:
            raise Unknown(", ".join(sorted(unknown)))
        result = {key: value for key, value in node.items() if key not in NOTES}
        for key in ("items", "additionalProperties", "propertyNames", "if", "then", "else", "not"):
            if key in result:
                result[key] = walk(result[key])
        for key in ("anyOf", "oneOf", "allOf"):
            if key in result:
                result[key] = [walk(item) for item in result[key]]
        if "properties" in result:
            result["properties"] = {name: walk(item) for name, item in result["properties"].items()}
        return result

    return walk(schema)


def flat(conjuncts):
    """The schemas that all have to hold, with those of `allOf` beside them."""
    result = []
    for schema in conjuncts:
        if schema is True:
            continue
        if schema is False:
            return [False]
        rest = {key: value for key, value in schema.items() if key != "allOf"}
        result += ([rest] if rest else []) + flat(schema.get("allOf", []))
        if False in result:
            return [False]
    return result


def types(conjuncts):
    left = set(TYPES)
    for schema in conjuncts:
        if "type" in schema:
            named = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            left &= set(itertools.chain.from_iterable(("integer", "fraction") if name == "number" else (name,) for name in named))
    return left


def values(conjuncts):
    """All values that are allowed, where those can be counted; else `None`."""
    candidates = None
    for schema in conjuncts:
        named = schema.get("enum", [schema["const"]] if "const" in schema else None)
        if named is not None and (candidates is None or len(named) < len(candidates)):
            candidates = named
    if candidates is None:
        if not types(conjuncts) <= {"null", "boolean"}:
            return None
        candidates = [None, True, False]
    return [value for value in candidates if all(valid(value, schema) for schema in conjuncts)]


def valid(value, schema):
    return jsonschema.Draft202012Validator(schema).is_valid(value)


def property_of(conjuncts, name):
    return [schema.get("properties", {}).get(name, schema.get("additionalProperties", True)) for schema in conjuncts]


def required(conjuncts):
    return set(itertools.chain.from_iterable(schema.get("required", []) for schema in conjuncts))


def empty(conjuncts):
    """Whether surely no value is allowed."""
    conjuncts = flat(conjuncts)
    if False in conjuncts:
        return True
    left = types(conjuncts)
    if not left or values(conjuncts) == []:
        return True
    if left == {"object"} and any(empty(property_of(conjuncts, name)) for name in required(conjuncts)):
        return True
    denials = [schema["not"] for schema in conjuncts if "not" in schema]
    others = [{key: value for key, value in schema.items() if key != "not"} for schema in conjuncts]
    return any(not breaches(others, denial) for denial in denials)


def bound(conjuncts, keyword, choose):
    return choose((schema[keyword] for schema in conjuncts if keyword in schema), default=None)


def breaches(left, right, at="", lenient=False):
    """What the sender's schemas `left`, taken together, allow and the reader's `right` does not, as texts.

    `lenient`: values of properties that `left` does not name do not count.
    """
    left = flat(left)
    if right is True or right == {} or right in left or empty(left):
        return []
    if right is False:
        return [f"{at or '/'}: may be sent, is not taken"]
    finite = values(left)
    if finite is not None:
        return [f"{at or '/'}: {json.dumps(value)} may be sent, is not taken" for value in finite if not valid(value, right)]
    found = plain(left, right, at, lenient)
    if not found:
        return []
    # What is said of the parts may hold where it does not for the whole.
    for parts in divisions(left):
        parted = [breaches(part, right, at, lenient) for part in parts]
        if not any(parted):
            return []
        found = list(dict.fromkeys(itertools.chain.from_iterable(parted)))
    return found


def divisions(left):
    """Ways to see `left` as the union of several."""
    for index, schema in enumerate(left):
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                rest = {key: value for key, value in schema.items() if key != keyword}
                others = left[:index] + [rest] + left[index + 1 :]
                branches = schema[keyword]
                denied = [[{"not": branch} for branch in branches if branch is not one] if keyword == "oneOf" else [] for one in branches]
                yield [others + [branch] + denials for branch, denials in zip(branches, denied)]
                return
    names = {"number" if name == "fraction" else name for name in types(left)}
    names -= {"integer"} if "number" in names else set()
    if 1 < len(names) < len(TYPES) - 1:
        yield [left + [{"type": name}] for name in sorted(names)]


def plain(left, right, at, lenient):
    found = []
    here = at or "/"
    kinds = types(left)

    def concerns(kind):
        return kinds & ({"integer", "fraction"} if kind == "number" else {kind})

    extra = kinds - types([right])
    if extra == {"integer"} and "fraction" in types([right]):
        extra = set()
    if extra:
        found.append(f"{here}: type {', '.join(sorted(extra))} may be sent, is not taken")
    for keyword in ("enum", "const"):
        if keyword in right:
            found.append(f"{here}: only {json.dumps(right[keyword])} is taken")
    for keyword, kind in SAME.items():
        if keyword in right and concerns(kind) and not any(schema.get(keyword) == right[keyword] for schema in left):
            found.append(f"{here}: only {keyword} {right[keyword]} is taken")
    for table, choose, exceeds in ((LOWER, max, lambda a, b: a < b), (UPPER, min, lambda a, b: a > b)):
        for keyword, kind in table.items():
            if keyword in right and concerns(kind):
                own = bound(left, keyword, choose)
                if own is None and keyword.startswith("min") and kind != "number" and right[keyword] == 0:
                    continue
                if own is None or exceeds(own, right[keyword]):
                    found.append(f"{here}: {keyword} {'any' if own is None else own} may be sent, {right[keyword]} is taken")
    if concerns("array") and "items" in right:
        found += breaches([schema.get("items", True) for schema in left], right["items"], f"{at}/items", lenient)
    if concerns("object"):
        found += objects(left, right, at, lenient)
    found += combined(left, right, at, lenient)
    return found


def objects(left, right, at, lenient):
    found = []
    names = list(dict.fromkeys(itertools.chain(right.get("properties", {}), *(schema.get("properties", {}) for schema in left))))
    for name in right.get("required", []):
        if name not in required(left):
            found.append(f"{at}/{name}: may be left out, is needed")
    for name, needed in right.get("dependentRequired", {}).items():
        own = set(itertools.chain.from_iterable(schema.get("dependentRequired", {}).get(name, []) for schema in left)) | required(left)
        if not empty(property_of(left, name)) and not set(needed) <= own:
            found.append(f"{at}/{name}: may come without {', '.join(needed)}, which is needed with it")
    for name in names:
        isNamed = any(name in schema.get("properties", {}) for schema in left)
        isOpen = all(schema.get("additionalProperties", True) is True for schema in left)
        if lenient and not isNamed and isOpen:
            continue
        allowed = right.get("properties", {}).get(name, right.get("additionalProperties", True))
        found += breaches(property_of(left, name), allowed, f"{at}/{name}", lenient)
    if "additionalProperties" in right:
        others = [schema.get("additionalProperties", True) for schema in left]
        found += breaches(others, right["additionalProperties"], f"{at}/*", lenient)
    if "propertyNames" in right:
        own = [schema["propertyNames"] for schema in left if "propertyNames" in schema]
        found += breaches([{"type": "string"}, *own], right["propertyNames"], f"{at}/(names)", lenient)
    return found


def combined(left, right, at, lenient):
    found = []
    here = at or "/"
    for part in right.get("allOf", []):
        found += breaches(left, part, at, lenient)
    if "not" in right and not empty(left + [right["not"]]):
        found.append(f"{here}: may be sent, is excluded")
    if "if" in right:
        then = [schema["then"] for schema in left if schema.get("if") == right["if"] and "then" in schema]
        found += breaches(left + [right["if"], *then], right.get("then", True), at, lenient)
        otherwise = [schema["else"] for schema in left if schema.get("if") == right["if"] and "else" in schema]
        found += breaches(left + [{"not": right["if"]}, *otherwise], right.get("else", True), at, lenient)
    for keyword in ("anyOf", "oneOf"):
        if keyword not in right:
            continue
        attempts = [breaches(left, branch, at, lenient) for branch in right[keyword]]
        fitting = [branch for branch, attempt in zip(right[keyword], attempts) if not attempt]
        if not fitting:
            found += min(attempts, key=len)
        elif keyword == "oneOf":
            others = [branch for branch in right["oneOf"] if branch is not fitting[0]]
            if not all(empty(left + [branch]) for branch in others):
                found.append(f"{here}: may fit several alternatives, only one is taken")
    return found

