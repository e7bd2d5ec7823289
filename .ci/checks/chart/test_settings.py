"""The settings file in the ConfigMap is what the values said, and the program takes it."""

import copy
import itertools
import os
import pathlib
import subprocess

import pytest
import yaml
from chart import SECRETS_PATH, VALUES, is_hook, of_kind, pods, render, rendered, settings, values_of


@pytest.mark.parametrize("name", VALUES)
def test_the_configmap_says_what_the_values_say(name):
    expected = copy.deepcopy(values_of(name)["config"])
    expected.setdefault("admin", {"listen": "0.0.0.0:8087"})
    maps = [each for each in of_kind(rendered(name), "ConfigMap") if "bulkhead.yaml" in each["data"]]
    assert len(maps) == (1 if name == "bare" else 2)
    for each in maps:
        assert yaml.safe_load(each["data"]["bulkhead.yaml"]) == expected, is_hook(each)


def test_large_numbers_keep_their_digits():
    values = copy.deepcopy(values_of("minimal"))
    values["config"]["kafka"]["fetch.max.bytes"] = 2147483135
    assert "fetch.max.bytes: 2147483135\n" in settings(render(values))


NEEDS_PROGRAM = pytest.mark.skipif(
    "BULKHEAD_BIN" not in os.environ, reason="BULKHEAD_BIN is not set: no program to ask for `config check` and its options"
)


@NEEDS_PROGRAM
def test_the_program_has_the_commands_and_options_of_the_chart():
    lines = {tuple(template["spec"]["containers"][0]["args"]) for name in VALUES for _, template in pods(rendered(name))}
    for line in sorted(lines):
        words = list(itertools.takewhile(lambda word: not word.startswith("-"), line))
        run = subprocess.run(
            [os.environ["BULKHEAD_BIN"], *words, "--help"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
        )
        assert run.returncode == 0, f"bulkhead {' '.join(words)} does not exist: {run.stderr}"
        for option in line[len(words) :]:
            assert not option.startswith("-") or option in run.stdout, f"bulkhead {' '.join(words)} has no {option}"


@NEEDS_PROGRAM
@pytest.mark.parametrize("name", VALUES)
def test_config_check_takes_the_settings(name, tmp_path: pathlib.Path):
    objects = rendered(name)
    _, template = next(iter(pods(of_kind(objects, "Deployment"))))
    container = template["spec"]["containers"][0]
    environment = {variable["name"]: "placeholder" for variable in container.get("env", [])}
    # Mounted secrets stand elsewhere on this machine.
    text = settings(objects).replace(SECRETS_PATH, str(tmp_path / "secrets"))
    for word in text.replace("}", " ").replace("${file:", " ").split():
        if word.startswith(str(tmp_path)):
            path = pathlib.Path(word)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("placeholder")
    file = tmp_path / "bulkhead.yaml"
    file.write_text(text)
    run = subprocess.run(
        [os.environ["BULKHEAD_BIN"], "config", "check", "--config", str(file)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, f"{name}: exit code {run.returncode}\n{run.stdout}\n{text}"
