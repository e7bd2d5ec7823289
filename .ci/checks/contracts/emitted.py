"""What the worker really writes, held against the schemas: every type and disposition, every kind of status, dead letters and lane records.

    emitted.py            starts broker, simulator and worker, provokes everything, and judges what they wrote
    emitted.py --prove    takes parts of it away or breaks them, and expects red for each
"""

import collections
import contextlib
import copy
import dataclasses
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import jsonschema
import yaml

from compatibility import ASSIGN, CAMPAIGN, IMPORT, IMPORTED, OUTCOME, SCHEMAS, START, UNASSIGN, load

BULKHEAD = os.environ.get("BULKHEAD_BIN", "bulkhead")
# Failing here means that something has never happened; nothing is waited for that takes longer than a few seconds.
PATIENCE = 90
# Bulkhead takes its variables for settings.
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("BULKHEAD_")}
RESULTS = {"applied", "unchanged", "reconciled", "superseded", "simulated"}
LETTERS = {"rejected", "refused", "not_found", "unauthorized", "exhausted"}
KINDS = {"member", "campaign", "import", "importPart", "campaignPlan", "jobs"}
SETTINGS = """
kafka: {{ bootstrap.servers: "{servers}", session.timeout.ms: 6000 }}
providers:
  hatif:
    kind: hatif
    baseURL: {url}/hatif
    accounts: {{ main: {{ clientID: main, clientSecret: hush }} }}
    limits: [ {{ requests: 1000, per: 1s, scope: account }} ]
    breaker: {{ minimumCalls: 10000 }}
    import: {{ reconcileDelay: 0s }}
  latest:
    kind: hatif
    baseURL: {url}/hatif
    coalesce: latest
    accounts: {{ main: {{ clientID: latest, clientSecret: hush }} }}
    limits: [ {{ requests: 1000, per: 1s, scope: account }} ]
  convor:
    kind: convor
    baseURL: {url}/convor
    accounts: {{ main: {{ token: hush }} }}
retry: {{ maxAttempts: 2, base: 10ms, cap: 50ms }}
admin: {{ listen: "127.0.0.1:0" }}
"""


@dataclasses.dataclass
class Record:
    topic: str
    key: str | None
    value: str | None
    headers: list  # of pairs

    def header(self, name):
        return next((value for key, value in reversed(self.headers) if key == name), None)

    @property
    def json(self):
        return json.loads(self.value)


def asyncapi():
    return yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text())


def topics():
    names = []
    for channel in asyncapi()["channels"].values():
        providers = ["hatif", "latest", "convor"] if "{provider}" in channel["address"] else [""]
        names += [channel["address"].replace("{provider}", provider) for provider in providers]
    return names


class Installation:
    """Broker, simulator and worker as processes, and a kcat on every topic."""

    def __init__(self, stack):
        self.stack = stack
        self.folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self.records = []
        self.changed = threading.Condition()
        counts = [argument for name in topics() for argument in ("--topic", f"{name}:1")]
        self.servers = self.first_line(self.start("broker", BULKHEAD, "broker", *counts))
        self.url = self.first_line(self.start("simulate", BULKHEAD, "simulate", "--port", "0", "--limit", "hatif:1000/1s:account"))
        self.settings = self.folder / "bulkhead.yaml"
        self.settings.write_text(SETTINGS.format(servers=self.servers, url=self.url))
        for topic in topics():
            reader = self.start("kcat", "kcat", "-C", "-J", "-u", "-q", "-b", self.servers, "-t", topic, "-o", "beginning")
            threading.Thread(target=self.read, args=(reader,), daemon=True).start()
        self.worker = self.start("run", BULKHEAD, "run", "--config", str(self.settings))

    def start(self, name, *arguments):
        log = self.stack.enter_context(open(self.folder / f"{name}.log", "ab"))
        process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=ENVIRONMENT)

        def end():
            process.kill()
            process.wait()

        self.stack.callback(end)
        return process

    @staticmethod
    def first_line(process):
        return process.stdout.readline().decode().strip().partition("=")[2]

    def read(self, reader):
        for line in reader.stdout:
            record = json.loads(line.decode(errors="surrogateescape"))
            names = record.get("headers") or []
            headers = list(zip(names[::2], names[1::2]))
            with self.changed:
                self.records.append(Record(record["topic"], record.get("key"), record.get("payload"), headers))
                self.changed.notify_all()

    def wait(self, what, condition):
        """Waits until the records fulfil the condition, which gives what it found."""
        end = time.monotonic() + PATIENCE
        with self.changed:
            while not (found := condition(self.records)):
                if self.worker.poll() is not None or not self.changed.wait(end - time.monotonic()) or time.monotonic() > end:
                    sys.exit(f"{what}: never came\n" + (self.folder / "run.log").read_text()[-3000:])
            return found

    def outcomes(self, *ids):
        def condition(records):
            found = {record.json["data"]["command"]["id"] for record in records if is_event(record, OUTCOME)}
            return set(ids) <= found

        self.wait(f"outcomes of {', '.join(ids)}", condition)

    def state(self, campaign, *states):
        def condition(records):
            snapshots = [record.json for record in records if record.topic == "bulkhead.status" and record.key == f"campaign/{campaign}" and record.value]
            return any(snapshot["state"] in states for snapshot in snapshots)

        self.wait(f"campaign {campaign} {' or '.join(states)}", condition)

    def send(self, topic, *messages):
        file = self.folder / "messages"
        lines = [f"{key}\t{value if isinstance(value, str) else json.dumps(value)}\n" for key, value in messages]
        file.write_text("".join(lines))
        subprocess.run(["kcat", "-P", "-b", self.servers, "-t", topic, "-K", "\t", "-l", file], check=True)

    def fault(self, **fault):
        request = urllib.request.Request(f"{self.url}/control/faults", method="POST", data=json.dumps(fault).encode())
        urllib.request.urlopen(request).close()

    def bulkhead(self, *arguments):
        run = subprocess.run([BULKHEAD, *arguments, "--config", self.settings], env=ENVIRONMENT, capture_output=True, text=True)
        if run.returncode:
            sys.exit(f"bulkhead {' '.join(arguments)}: exit code {run.returncode}\n{run.stdout}{run.stderr}")


def conversation(number):
    return f"3a1a4cb7-e7c1-4045-8000-{number:012x}"


def event(type, id, data, **attributes):
    return {"specversion": "1.0", "type": type, "source": "/contracts", "id": id, "data": data, **attributes}


def command(id, number, user="u-1", provider="hatif", type=ASSIGN, expect=None, **attributes):
    data = {"provider": provider, "account": "main", "conversation": conversation(number)}
    if type == ASSIGN:
        data["assignee"] = {"user": user}
    if expect:
        data["expect"] = {"assignee": {"user": expect}}
    return f"{provider}/main/{conversation(number)}", event(type, id, data, **attributes)


def campaign(id, **data):
    return f"campaign/{id}", event(START, f"start-{id}", {"campaign": id, "provider": "hatif", "account": "main", **data})


def provoke(installation):
    """Makes everything happen that can be read from a topic."""
    at = lambda minutes: (datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=minutes)).isoformat(timespec="seconds")  # noqa: E731
    fault, send = installation.fault, installation.send
    fault(action="lostAnswer", entity=conversation(3), pathContains="/assign", times=1)
    fault(action="delay", entity=conversation(4), pathContains="/assign", times=1, ms=1500)
    fault(action="status", status=400, entity=conversation(5), body='{"error":{"code":"Voxa:1","message":"no such agent"}}')
    fault(action="status", status=404, entity=conversation(6))
    fault(action="status", status=403, entity=conversation(7), body="")
    fault(action="status", status=500, entity=conversation(9))

    send(
        "bulkhead.commands",
        command("applied", 1, correlationid="c-1", traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        command("unchanged", 1, expect="u-1"),
        command("unassigned", 1, type=UNASSIGN, expect="u-1"),
        command("precondition", 2, expect="u-9"),
        command("reconciled", 3),
        command("first", 4, "u-1", "latest"),
        command("superseded", 4, "u-2", "latest"),
        command("winner", 4, "u-3", "latest"),
        command("refused", 5),
        command("not-found", 6),
        command("unauthorized", 7),
        command("live", 8, time=at(-1)),
        command("exhausted", 9),
        command("unsupported", 10, provider="convor"),
        command("expired", 11, expirytime=at(-1)),
        command("rejected", 12, provider="nobody"),
        ("nobody", "no JSON at all"),
    )
    cards = ["FN:Jane Doe\r\nTEL:+966501234567", "FN:Jane Doe\r\nTEL:+966501234567", "FN:No Phone", "FN:Jörg\r\nTEL:+966501234568"]
    vcards = "".join(f"BEGIN:VCARD\r\nVERSION:3.0\r\n{card}\r\nEND:VCARD\r\n" for card in cards) + "BEGIN:VCARD\r\nVERSION:3.0\r\n"
    fault(action="status", status=400, pathContains="/import", times=8)
    send("bulkhead.imports", ("import/i-1", event(IMPORT, "i-1", {"provider": "hatif", "account": "main", "vcards": vcards})))

    installation.outcomes("live")
    send("bulkhead.commands", command("stale", 8, "u-2", priority="bulk", time=at(-10)))
    options = {"dryRun": True, "maxRate": 100, "maxErrorRate": 0.5}
    send("bulkhead.commands", campaign("dry", action="assign", assignee={"user": "u-5"}, targets=[conversation(20), conversation(21)], options=options))
    options = ["--provider", "hatif", "--account", "main", "--unassign", "--assignee", "user:nobody", "--canary", "5", "--canary-wait", "1s"]
    installation.bulkhead("campaign", "start", "--campaign", "wide", *options)
    members = [conversation(number) for number in (5, *range(30, 40))]
    send("bulkhead.commands", campaign("careful", action="unassign", targets=members, options={"canary": {"count": 1, "maxErrors": 0}}))
    for arguments in (
        ["pause", "convor/main", "--for", "1m", "--why", "to see it"],
        ["limit", "convor/main", "--set", "5/1s"],
        ["resume", "convor/main"],
    ):
        installation.bulkhead("lane", *arguments)
    installation.state("careful", "paused")
    installation.bulkhead("campaign", "cancel", "careful", "--why", "to see it")
    installation.state("careful", "cancelled")
    installation.state("dry", "completed")
    installation.state("wide", "completed")

    numbered = [name for name in ("applied", "unchanged", "unassigned", "precondition", "reconciled", "superseded", "winner")]
    installation.outcomes(*numbered, "refused", "not-found", "unauthorized", "exhausted", "unsupported", "expired", "rejected", "stale")
    installation.wait("end of the import", lambda records: any(is_event(record, IMPORTED) for record in records))
    installation.wait("a checkpoint of jobs", lambda records: any(record.key == "jobs" for record in records))
    letters = lambda records: {record.header("bulkhead-dlq-disposition") for record in records if record.topic == "bulkhead.dead-letters"}  # noqa: E731
    installation.wait("dead letters", lambda records: letters(records) >= LETTERS)


def is_event(record, type):
    return record.topic in ("bulkhead.results", "bulkhead.failures") and record.json.get("type") == type


def judge(records, schemas, document):
    """What is wrong with the records, and what is missing."""
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    assert "date-time" in checker.checkers, "rfc3339-validator is not installed"
    validators = {name: jsonschema.Draft202012Validator(schema, format_checker=checker) for name, schema in schemas.items()}
    seen = collections.Counter()
    wrong = []

    def check(name, record):
        if name not in validators:
            wrong.append(f"{record.topic}: {name} is no type of the schemas")
            return
        seen[name] += 1
        for error in validators[name].iter_errors(record.json):
            wrong.append(f"{record.topic}, {name}: /{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")

    def headers(name, record):
        known = document["components"]["schemas"][name]["properties"]
        own = [key for key, _ in record.headers if key.startswith(("bulkhead-", "kafka_dlt", "__dlq"))]
        wrong.extend(f"{record.topic}: asyncapi.yaml does not know the header {key}" for key in own if key not in known)

    for record in records:
        match record.topic.removeprefix("bulkhead."):
            case "results" | "failures" as topic:
                type = record.json.get("type")
                check(type, record)
                if type == OUTCOME:
                    disposition = record.json.get("data", {}).get("disposition")
                    seen[f"disposition {disposition}"] += 1
                    if (disposition in RESULTS) != (topic == "results"):
                        wrong.append(f"{disposition} stands on {topic}")
                if not (record.header("content-type") or "").startswith("application/cloudevents+json"):
                    wrong.append(f"{topic}: content-type {record.header('content-type')}")
            case "commands" if record.value.startswith("{"):
                check(record.json["type"], record)
            case "control":
                check("control", record)
            case "status" if record.value is not None:
                check("status", record)
                seen[f"kind {record.json.get('kind')}"] += 1
            case "dead-letters":
                disposition = record.header("bulkhead-dlq-disposition")
                seen[f"letter {disposition}"] += 1
                headers("deadLetterHeaders", record)
                needed = ("disposition", "topic", "partition", "offset", "timestamp", "reason", "attempts", "deferrals", "replays", "last-failure")
                wrong += [f"a letter ({disposition}) lacks {name}" for name in needed if record.header(f"bulkhead-dlq-{name}") is None]
                aliases = {
                    "kafka_dlt-original-topic": record.header("bulkhead-dlq-topic"),
                    "kafka_dlt-exception-message": record.header("bulkhead-dlq-reason"),
                    "kafka_dlt-original-partition": big_endian(record.header("bulkhead-dlq-partition"), 4),
                    "__dlq.errors.topic": record.header("bulkhead-dlq-topic"),
                    "__dlq.errors.partition": record.header("bulkhead-dlq-partition"),
                    "__dlq.errors.offset": record.header("bulkhead-dlq-offset"),
                    "__dlq.errors.message": record.header("bulkhead-dlq-reason"),
                }
                wrong += [f"a letter's {name} is {record.header(name)!r}" for name, value in aliases.items() if record.header(name) != value]
                # One that was rejected may be anything; a card of an import is an import.
                if disposition != "rejected":
                    if record.json["type"] == IMPORT and record.header("bulkhead-dlq-card") is None:
                        wrong.append("the letter of a card lacks its number")
                    seen["letter of a card"] += record.json["type"] == IMPORT
                    check(record.json["type"], record)
            case str(name) if name.startswith("lane.") and record.value is not None:
                headers("laneHeaders", record)
                if record.json["type"] in schemas:
                    check(record.json["type"], record)
                    seen["lane record"] += 1

    dispositions = schemas[OUTCOME]["properties"]["data"]["properties"]["disposition"]["enum"]
    wanted = [f"disposition {name}" for name in dispositions] + [f"letter {name}" for name in LETTERS] + [f"kind {name}" for name in KINDS]
    wanted += [OUTCOME, IMPORTED, CAMPAIGN, "control", "status", "letter of a card", "lane record"]
    wrong += [f"never written: {name}" for name in wanted if not seen[name]]
    return list(dict.fromkeys(wrong)), seen


def big_endian(text, bytes):
    return text and int(text).to_bytes(bytes).decode(errors="surrogateescape")


def undocumented(installation):
    """Topics that are made and that asyncapi.yaml does not know, and the other way round."""
    run = subprocess.run([BULKHEAD, "topics", "plan", "--json", "--config", installation.settings], check=True, stdout=subprocess.PIPE, env=ENVIRONMENT)
    planned = {topic["name"] for topic in json.loads(run.stdout)["topics"]}
    return [f"topic {name} is only in {'the plan' if name in planned else 'asyncapi.yaml'}" for name in planned ^ set(topics())]


def prove(records, schemas, document):
    """Takes away and breaks parts of what was written; each has to be seen."""
    wrong, _ = judge(records, schemas, document)
    cases = 0

    def expect(what, changed, **others):
        nonlocal cases
        cases += 1
        if not judge(changed, **{"schemas": schemas, "document": document} | others)[0]:
            wrong.append(f"STAYED GREEN: {what}")

    def broken(record, change):
        copied = dataclasses.replace(record, headers=list(record.headers))
        if record.value is not None:
            value = record.json
            change(value)
            copied.value = json.dumps(value)
        return copied

    def without(predicate):
        return [record for record in records if not predicate(record)]

    for disposition in schemas[OUTCOME]["properties"]["data"]["properties"]["disposition"]["enum"]:
        expect(f"no {disposition}", without(lambda record: is_event(record, OUTCOME) and record.json["data"]["disposition"] == disposition))
    for disposition in LETTERS:
        expect(f"no letter {disposition}", without(lambda record: record.header("bulkhead-dlq-disposition") == disposition))
    for kind in KINDS:
        expect(f"no {kind}", without(lambda record: record.topic == "bulkhead.status" and record.value is not None and record.json["kind"] == kind))
    for type in (IMPORTED, CAMPAIGN):
        expect(f"no {type}", without(lambda record: is_event(record, type)))
    expect("no control record", without(lambda record: record.topic == "bulkhead.control"))
    samples = {}
    for record in records:
        if record.value is not None and record.topic in ("bulkhead.results", "bulkhead.failures", "bulkhead.control", "bulkhead.status"):
            samples.setdefault(record.json.get("type") or record.json.get("kind") or "control", record)
    for name, record in samples.items():
        for field in [key for key in record.json if key not in ("subject", "datacontenttype", "correlationid", "traceparent", "tracestate", "kind")]:
            needed = schemas["status"]["oneOf"] if record.topic == "bulkhead.status" else [schemas[name]]
            if any(field in schema["required"] for schema in needed if schema["properties"].get("kind", {}).get("const") in (None, name)):
                expect(f"{name} without {field}", [broken(record, lambda value: value.pop(field)), *without(lambda other: other is record)])
    outcome = samples[OUTCOME]
    expect("a time of another form", [broken(outcome, lambda value: value.update(time="yesterday")), *records])
    other = {"bulkhead.results": "bulkhead.failures", "bulkhead.failures": "bulkhead.results"}[outcome.topic]
    expect("an outcome on the other topic", [dataclasses.replace(outcome, topic=other), *records])
    expect("an outcome without its content type", [dataclasses.replace(outcome, headers=[]), *records])
    letters = [record for record in records if record.header("bulkhead-dlq-disposition") == "refused"]
    card = next(record for record in letters if record.header("bulkhead-dlq-card"))
    nameless = [pair for pair in card.headers if pair[0] != "bulkhead-dlq-card"]
    expect("a card's letter without its number", [dataclasses.replace(card, headers=nameless), *without(lambda other: other is card)])
    letter = next(record for record in letters if not record.header("bulkhead-dlq-card"))
    for name, _ in letter.headers:
        if name not in ("bulkhead-dlq-provider", "bulkhead-dlq-account", "bulkhead-dlq-first-failure", "bulkhead-dlq-http-status", "kafka_dlt-original-offset", "kafka_dlt-original-timestamp") and "bulkhead-origin" not in name:
            headers = [pair for pair in letter.headers if pair[0] != name]
            expect(f"a letter without {name}", [dataclasses.replace(letter, headers=headers), *without(lambda other: other is letter)])
    less = copy.deepcopy(document)
    del less["components"]["schemas"]["deadLetterHeaders"]["properties"]["bulkhead-dlq-reason"]
    expect("a header that is not in asyncapi.yaml", records, document=less)
    print("\n".join(wrong) or f"{cases} breaks of what was written turn red")
    return bool(wrong)


if __name__ == "__main__":
    with contextlib.ExitStack() as stack:
        installation = Installation(stack)
        provoke(installation)
        wrong = undocumented(installation)
        with installation.changed:
            records = list(installation.records)
    if sys.argv[1:] == ["--prove"]:
        sys.exit(prove(records, load(SCHEMAS), asyncapi()))
    found, seen = judge(records, load(SCHEMAS), asyncapi())
    wrong += found
    print("\n".join(wrong) or f"{sum(seen[name] for name in load(SCHEMAS))} records of {len([name for name in load(SCHEMAS) if seen[name]])} schemas are as they should be")
    sys.exit(bool(wrong))
