"""Compares `schemas/` with the schemas of the last release, `schemas/released/`.

    compatibility.py            says what would break a producer or a consumer
    compatibility.py --prove    breaks a copy in every way, expects red for each, and green for what is harmless
    compatibility.py --release  keeps the schemas of today as those of the release
"""

import copy
import json
import pathlib
import shutil
import sys

from containment import breaches, resolved

SCHEMAS = pathlib.Path(__file__).resolve().parents[3] / "schemas"
RELEASED = SCHEMAS / "released"
SUFFIX = ".schema.json"
ASSIGN, UNASSIGN = "bulkhead.conversation.assign.v1", "bulkhead.conversation.unassign.v1"
IMPORT, START = "bulkhead.contacts.import.v1", "bulkhead.campaign.start.v1"
OUTCOME, IMPORTED, CAMPAIGN = "bulkhead.outcome.v1", "bulkhead.import.completed.v1", "bulkhead.campaign.completed.v1"
READ = {ASSIGN, UNASSIGN, IMPORT, START, "control"}
WRITTEN = {OUTCOME, IMPORTED, CAMPAIGN, "control", "status"}


def load(folder):
    return {path.name.removesuffix(SUFFIX): json.loads(path.read_text()) for path in sorted(folder.glob("*" + SUFFIX))}


def kinds(schema):
    """The records of the status topic by their `kind`: readers pass over kinds that they do not know."""
    result = {}
    for branch in schema["oneOf"]:
        kind = branch["properties"]["kind"]
        for name in kind.get("enum", [kind.get("const")]):
            result[name] = {**branch, "$defs": schema.get("$defs", {})}
    return result


def against(name, old, new):
    found = []
    if name in READ:
        found += [f"a producer of {name} breaks: {text}" for text in breaches([resolved(old)], resolved(new), lenient=True)]
    if name in WRITTEN:
        pairs = [(name, old, new)]
        if name == "status":
            before, after = kinds(old), kinds(new)
            found += [f"a reader of status breaks: kind {kind} is gone" for kind in before.keys() - after.keys()]
            pairs = [(f"status, kind {kind}", before[kind], after[kind]) for kind in before if kind in after]
        for title, before, after in pairs:
            found += [f"a reader of {title} breaks: {text}" for text in breaches([resolved(after)], resolved(before))]
    return found


def compare(released, current):
    found = [f"{name}: the schema is gone" for name in released.keys() - current.keys()]
    found += [f"{name}: neither read nor written, say which in {pathlib.Path(__file__).name}" for name in current.keys() - READ - WRITTEN]
    found += [text for name in released.keys() & current.keys() for text in against(name, released[name], current[name])]
    return sorted(found)


DATA = "properties/data/properties"
JOB, MEMBER = "oneOf/1", "oneOf/0"
TEXT = {"type": "string"}


def change(schema, path, value):
    """Puts `value` where `path` leads; `...` takes away what stands there. A list's `+` adds to it."""
    *folders, last = path.split("/")
    target = schema
    for part in folders:
        target = target[int(part)] if isinstance(target, list) else target[part]
    if isinstance(target, list):
        if last == "+":
            target.append(value)
        else:
            target.remove(last)
    elif value is ...:
        del target[last]
    else:
        target[last] = value


# What would break somebody: what it is, the type, and the changes.
BREAKING = [
    ("a field that has to be there now", ASSIGN, ("properties/data/required/+", "account")),
    ("a new field that has to be there", ASSIGN, (f"{DATA}/team", TEXT), ("properties/data/required/+", "team")),
    ("an attribute that has to be there now", START, ("required/+", "time")),
    ("a field that is gone", ASSIGN, (f"{DATA}/campaign", ...)),
    ("a field of another name", IMPORT, (f"{DATA}/labels", ...), (f"{DATA}/tags", {"type": "array"})),
    ("a type that is gone", ASSIGN, (f"{DATA}/account/type", "string")),
    ("text that has to be an integer", ASSIGN, ("properties/correlationid/type", ["integer", "null"])),
    ("an integer where numbers were taken", START, (f"{DATA}/options/properties/maxRate/type", "integer")),
    ("a value that is gone", START, (f"{DATA}/action/enum/distribute", ...)),
    ("a value that is gone, of an attribute", ASSIGN, ("properties/priority/enum", ["live", None])),
    ("another version only", ASSIGN, ("properties/specversion/const", "1.1")),
    ("a list of values where any text was taken", ASSIGN, ("properties/subject/enum", ["a", "b"])),
    ("a shorter text", ASSIGN, ("properties/id/maxLength", 128)),
    ("a longer least text", IMPORT, (f"{DATA}/vcards/minLength", 10)),
    ("a bound for a text that had none", IMPORT, (f"{DATA}/vcards/maxLength", 1_000_000)),
    ("a narrower range", IMPORT, (f"{DATA}/bytes/maximum", 1024)),
    ("a range from 2", START, (f"{DATA}/distribute/items/properties/weight/minimum", 2)),
    ("a pattern that differs", ASSIGN, (f"{DATA}/provider/pattern", "^[a-z]+$")),
    ("a pattern that is new", ASSIGN, ("properties/source/pattern", "^/")),
    ("a format that is new", ASSIGN, ("properties/source/format", "uri-reference")),
    ("fewer items", START, (f"{DATA}/targets/maxItems", 1000)),
    ("items that are narrower", IMPORT, (f"{DATA}/labels/items/maxLength", 64)),
    ("a form of a rule that is gone", IMPORT, (f"{DATA}/defaultCountry/oneOf", [{"type": "null"}, TEXT])),
    ("an exclusion", IMPORT, ("properties/data/not", {"required": ["labels"]})),
    ("alternatives where all was taken", UNASSIGN, ("oneOf", [{"required": ["time"]}, {"required": ["subject"]}])),
    ("an alternative that is gone", IMPORT, ("properties/data/oneOf", [{"required": ["vcards"]}, {"required": ["url", "sha256"]}])),
    ("an alternative that overlaps", IMPORT, ("properties/data/oneOf/+", {"required": ["provider"]})),
    ("a field that needs another one", IMPORT, ("properties/data/dependentRequired/labels", ["defaultCountry"])),
    ("a condition", START, ("properties/data/allOf/+", {"if": {"properties": {"action": {"const": "unassign"}}}, "then": {"required": ["account"]}})),
    ("no other attributes", ASSIGN, ("additionalProperties", False)),
    ("a closed object that was open", "control", ("additionalProperties", False)),
    ("a deeper field that has to be there", START, (f"{DATA}/options/properties/canary/properties/deep", TEXT), (f"{DATA}/options/properties/canary/required/+", "deep")),
    ("a narrower assignee, behind a reference", ASSIGN, ("$defs/assignee/properties/user/oneOf", [TEXT])),
    ("a disposition that is new", OUTCOME, (f"{DATA}/disposition/enum/+", "skipped")),
    ("a disposition among the counts that is new", IMPORTED, (f"{DATA}/counts/propertyNames/enum/+", "skipped")),
    ("a disposition that is any text", OUTCOME, (f"{DATA}/disposition", TEXT)),
    ("a state that is new", CAMPAIGN, (f"{DATA}/state/enum/+", "failed")),
    ("a written field that is gone", OUTCOME, (f"{DATA}/attempts", ...), ("properties/data/required/attempts", ...)),
    ("a written field that may be left out", OUTCOME, ("properties/data/required/replay", ...)),
    ("a written field of the envelope that may be left out", OUTCOME, ("required/time", ...)),
    ("an optional written field that is gone", OUTCOME, (f"{DATA}/reason", ...)),
    ("a written field that may be null", OUTCOME, (f"{DATA}/attempts/type", ["integer", "null"])),
    ("a written integer that is a number now", OUTCOME, (f"{DATA}/times/properties/waitedMs/type", "number")),
    ("a written id of another form", OUTCOME, ("properties/id/pattern", "^[0-9a-f]{64}$")),
    ("a written time of any form", IMPORTED, (f"{DATA}/startedAt/format", ...)),
    ("a written number without its bound", CAMPAIGN, (f"{DATA}/total/minimum", ...)),
    ("a new form of a written union", OUTCOME, (f"{DATA}/previousAssignee/anyOf/+", TEXT)),
    ("a wider assignee, behind a reference", OUTCOME, ("$defs/assignee/maxProperties", 2)),
    ("a deep written field that is gone", OUTCOME, (f"{DATA}/response/properties/requestId", ...), (f"{DATA}/response/required/requestId", ...)),
    ("an act that is new", "control", ("properties/action/enum/+", "drain")),
    ("an act that is gone", "control", ("properties/action/enum/limit", ...)),
    ("a state of a lane that is new", "status", (f"{MEMBER}/properties/lanes/items/properties/state/enum/+", "draining")),
    ("a snapshot without its total", "status", (f"{JOB}/required/done", ...)),
    ("a kind of snapshot that is gone", "status", (f"{JOB}/properties/kind/enum", ["campaign"])),
]  # fmt: skip
HARMLESS = [
    ("a new optional field", ASSIGN, (f"{DATA}/team", TEXT)),
    ("a field that need not be there any more", START, ("properties/data/required/campaign", ...)),
    ("a longer text", ASSIGN, ("properties/id/maxLength", 512)),
    ("a wider range", IMPORT, (f"{DATA}/bytes/maximum", 1 << 40)),
    ("one more type", ASSIGN, (f"{DATA}/provider/type", ["string", "null"])),
    ("numbers where integers were taken", IMPORT, (f"{DATA}/bytes/type", "number")),
    ("a value that is new", ASSIGN, ("properties/priority/enum/+", "urgent")),
    ("an action that is new, with its own condition", START, (f"{DATA}/action/enum/+", "close"), ("properties/data/allOf/+", {"if": {"properties": {"action": {"const": "close"}}}, "then": {"properties": {"assignee": False}}})),
    ("a condition that is gone", START, ("properties/data/allOf", [])),
    ("an alternative that is new", IMPORT, (f"{DATA}/sftp", TEXT), ("properties/data/oneOf/+", {"required": ["sftp"]})),
    ("a new field of an open object", "control", ("properties/ticket", TEXT)),
    ("a written field that is new", OUTCOME, (f"{DATA}/region", TEXT), ("properties/data/required/+", "region")),
    ("a written field that is always there now", OUTCOME, ("properties/data/required/+", "reason")),
    ("a disposition that is not written any more", OUTCOME, (f"{DATA}/disposition/enum/superseded", ...)),
    ("a written text with a bound", OUTCOME, (f"{DATA}/reason/maxLength", 500)),
    ("a written field that is never null any more", OUTCOME, (f"{DATA}/entity/type", "string")),
    ("a snapshot of a new kind", "status", ("oneOf/+", {"type": "object", "properties": {"kind": {"const": "fleet"}}})),
    ("other words", OUTCOME, (f"{DATA}/attempts/description", "Calls."), ("title", "End of a command")),
]  # fmt: skip


def prove():
    base = load(SCHEMAS)
    wrong = compare(base, base)
    for isBreaking, cases in ((True, BREAKING), (False, HARMLESS)):
        for what, name, *changes in cases:
            broken = copy.deepcopy(base)
            for path, value in changes:
                change(broken[name], path, value)
            found = compare(base, broken)
            if bool(found) != isBreaking:
                wrong.append(f"{'STAYED GREEN' if isBreaking else 'TURNED RED'}: {what} ({name}) {found}")
    if not compare(base, {name: schema for name, schema in base.items() if name != OUTCOME}):
        wrong.append("STAYED GREEN: a schema that is gone")
    print("\n".join(wrong) or f"{len(BREAKING) + 1} breaking changes turn red, {len(HARMLESS)} harmless ones do not")
    return bool(wrong)


def release():
    RELEASED.mkdir(exist_ok=True)
    for path in RELEASED.glob("*" + SUFFIX):
        path.unlink()
    for path in SCHEMAS.glob("*" + SUFFIX):
        shutil.copy(path, RELEASED)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--prove"]:
            sys.exit(prove())
        case ["--release"]:
            release()
        case _:
            found = compare(load(RELEASED), load(SCHEMAS))
            print("\n".join(found) or f"no producer and no reader of {len(load(RELEASED))} released schemas breaks")
            sys.exit(bool(found))
