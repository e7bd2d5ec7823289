"""The Dockerfile under test, as stages of instructions."""

import dataclasses
import json
import os
import pathlib
import shlex

import dockerfile_parse

ROOT = pathlib.Path(__file__).resolve().parents[3]
FILE = pathlib.Path(os.environ.get("BULKHEAD_DOCKERFILE", ROOT / ".container/Dockerfile"))
IGNORE = FILE.with_name("Dockerfile.dockerignore")


@dataclasses.dataclass
class Stage:
    image: str
    name: str
    steps: list  # pairs of instruction and value

    def values(self, instruction):
        return [value for each, value in self.steps if each == instruction]

    def last(self, instruction):
        return self.values(instruction)[-1]


def stages():
    parser = dockerfile_parse.DockerfileParser(path=str(FILE), cache_content=False)
    found = []
    for step in parser.structure:
        instruction, value = step["instruction"], step["value"]
        if instruction == "COMMENT":
            continue
        if instruction == "FROM":
            words = value.split()
            found.append(Stage(image=words[0], name=words[-1] if "AS" in words else "", steps=[]))
        else:
            found[-1].steps.append((instruction, value))
    return found


BUILD, FINAL = stages()


def environment(stage):
    """Variables that the stage sets."""
    words = [word for value in stage.values("ENV") for word in shlex.split(value)]
    return dict(word.split("=", 1) for word in words)


def argv(value):
    """The words of an instruction in exec form; None in shell form."""
    _, bracket, rest = value.partition("[")
    return json.loads(bracket + rest) if bracket else None


def healthcheck():
    options, _, command = FINAL.last("HEALTHCHECK").partition("CMD")
    return options.split(), argv(command)


def context():
    """What the build context holds: the ignore file leaves out everything that it does not name with `!`."""
    lines = [line.strip() for line in IGNORE.read_text().splitlines()]
    patterns = [line for line in lines if line and not line.startswith("#")]
    assert patterns[0] == "*" and all(line.startswith("!") for line in patterns[1:]), "the ignore file is not a list of exceptions"
    return [line[1:] for line in patterns[1:]]


def copies(stage):
    """Sources and destination of each COPY from the build context."""
    for value in stage.values("COPY"):
        words = [word for word in value.split() if not word.startswith("--")]
        if "--from=" not in value:
            yield words[:-1], words[-1]
