"""Rules that the Dockerfile keeps."""

import os
import re
import subprocess
import sys

import pytest
from dockerfile import BUILD, FILE, FINAL, ROOT, argv, context, copies, environment, healthcheck


def test_hadolint_finds_nothing():
    # DL3008 wants versions of Debian packages, which would keep security updates out.
    hadolint = os.path.join(os.path.dirname(sys.executable), "hadolint")
    run = subprocess.run([hadolint, "--ignore", "DL3008", FILE], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_both_stages_are_debian_12():
    assert re.fullmatch(r"swift:6\.3(\.\d+)?-bookworm", BUILD.image)
    assert FINAL.image == "debian:12-slim"


def test_the_image_runs_as_a_user_by_number_that_is_not_root():
    user, _, group = FINAL.last("USER").partition(":")
    assert int(user) >= 10000 and int(group) >= 10000
    after = [instruction for instruction, _ in FINAL.steps[FINAL.steps.index(("USER", FINAL.last("USER"))) :]]
    assert not {"RUN", "COPY", "ADD"} & set(after)


def test_no_shell_stands_between_the_engine_and_the_program():
    for instruction in ("ENTRYPOINT", "CMD"):
        assert argv(FINAL.last(instruction)), f"{instruction} is in shell form"
    assert argv(FINAL.last("ENTRYPOINT"))[0] == "bulkhead"
    _, command = healthcheck()
    assert command and command[0] == "bulkhead", "HEALTHCHECK is in shell form"
    assert not FINAL.values("SHELL")


def test_stopping_and_health():
    assert FINAL.last("STOPSIGNAL") == "SIGTERM"
    options, _ = healthcheck()
    assert {option.partition("=")[0] for option in options} == {"--interval", "--timeout", "--start-period", "--retries"}


def test_the_program_is_found():
    assert environment(FINAL)["PATH"].split(":")[0] == "/opt/bulkhead"
    assert "--from=build /staged/ /opt/bulkhead/" in FINAL.values("COPY")


@pytest.mark.parametrize("stage", [BUILD, FINAL], ids=["build", "final"])
def test_nothing_secret_and_nothing_from_elsewhere(stage):
    assert not stage.values("ADD") and not stage.values("ARG")
    assert set(environment(stage)) <= {"PATH"}
    for step in stage.values("RUN"):
        assert not re.search(r"curl|wget|git clone|https?://", step)


def test_the_context_has_what_is_copied_and_nothing_else():
    copied = {source for sources, _ in copies(BUILD) for source in sources}
    assert copied == set(context())
    assert not list(copies(FINAL))
    for source in copied:
        assert (ROOT / source).exists(), f"{source} does not exist"


def test_the_build_makes_the_product_of_the_manifest():
    step = next(step for step in BUILD.values("RUN") if step.startswith("swift build"))
    product = re.search(r"--product (\S+)", step)[1]
    assert re.search(rf'\.executable\(name: "{product}"', (ROOT / "Package.swift").read_text())
    assert "--static-swift-stdlib" in step and "--configuration release" in step
