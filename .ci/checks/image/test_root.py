"""The Dockerfile's steps run on Debian 12, and the program runs in what they make."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import pytest
from debian import DebianRoot, compiled, is_swift_runtime, needed, products, program, swift_runtime
from dockerfile import FINAL, argv, healthcheck


@pytest.fixture(scope="session")
def root(tmp_path_factory):
    """The finished root; without a program one of Debian's own stands in for it."""
    if os.geteuid() != 0 or not shutil.which("mmdebstrap"):
        assert "CI" not in os.environ, "CI has to run this as root on Debian"
        pytest.skip("a Debian root needs root and mmdebstrap")
    folder = tmp_path_factory.mktemp("image")
    if os.environ.get("BULKHEAD_CONTAINER_BUILD"):
        built = compiled(folder / "src")
    elif program():
        # The file may have another name than the program.
        (folder / "given").mkdir()
        shutil.copy(program(), folder / "given/bulkhead")
        for bundle in program().parent.glob("*.resources"):
            shutil.copytree(bundle, folder / "given" / bundle.name)
        built = products(folder / "given", folder / "products")
    else:
        (folder / "given").mkdir()
        shutil.copy("/usr/bin/true", folder / "given/bulkhead")
        built = products(folder / "given", folder / "products")
    made = DebianRoot(folder / "root")
    made.build(built)
    made.finish()
    yield made
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def runnable(root):
    """The root, when there is a real program in it."""
    if not program() and not os.environ.get("BULKHEAD_CONTAINER_BUILD"):
        pytest.skip("BULKHEAD_BIN is not set: there is no program to run in the root")
    staged = root.path / "opt/bulkhead/bulkhead"
    if any(is_swift_runtime(library) for library in needed(staged)) and not root.lent:
        root.lend(swift_runtime(staged))
    return root


def test_the_steps_run_and_stage_the_program_with_its_resources(root):
    staged = {path.name for path in (root.path / "opt/bulkhead").iterdir()}
    assert "bulkhead" in staged and all(name == "bulkhead" or name.endswith(".resources") for name in staged)
    assert len(staged) >= 2
    assert all(any(path.iterdir()) for path in (root.path / "opt/bulkhead").glob("*.resources"))


def test_every_library_of_the_program_is_in_the_image(root):
    libraries = [library for library in needed(root.path / "opt/bulkhead/bulkhead") if not is_swift_runtime(library)]
    if program():
        assert "librdkafka.so.1" in libraries
    missing = set(libraries) - root.libraries()
    assert not missing
    # What the program is linked with is asked for by name, not there by chance.
    assert "librdkafka.so.1" in root.libraries()


def test_certificates_are_there(root):
    assert (root.path / "etc/ssl/certs/ca-certificates.crt").stat().st_size > 100_000


def test_no_package_lists_are_left(root):
    lists = root.path / "var/lib/apt/lists"
    assert not lists.exists() or not any(lists.iterdir())


def test_the_program_starts_without_shell_rights_or_writable_root(runnable):
    done = runnable.enter([*argv(FINAL.last("ENTRYPOINT")), "--help"])
    assert done.returncode == 0, done.stdout
    refused = runnable.enter(["touch", "/opt/bulkhead/new"])
    assert refused.returncode != 0 and "Read-only file system" in refused.stdout


def test_settings_are_read_from_the_images_folder(runnable):
    file = runnable.path / FINAL.last("WORKDIR").lstrip("/") / "bulkhead.yaml"
    file.write_text("prefix: from-the-image\nproviders: { a: { kind: nonsense } }\n")
    try:
        done = runnable.enter([*argv(FINAL.last("ENTRYPOINT")), "config", "check"])
    finally:
        file.unlink()
    assert done.returncode == 2 and "nonsense" in done.stdout, done.stdout


def test_the_health_check_is_unhealthy_while_nothing_runs(runnable):
    _, command = healthcheck()
    done = runnable.enter(command)
    # 1 is Docker's word for unhealthy; 2, as for a command that does not exist, is reserved.
    assert done.returncode == 1, done.stdout


def handles(process, number):
    """Whether a process has said what happens on a signal, rather than die of it."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    masks = [int(value, 16) for value in re.findall(r"^Sig(?:Blk|Ign|Cgt):\s*([0-9a-f]+)", status, re.M)]
    return any(mask >> (number - 1) & 1 for mask in masks)


def test_the_stop_signal_ends_the_program_in_order(runnable):
    number = getattr(signal, FINAL.last("STOPSIGNAL"))
    deadline = time.monotonic() + 120
    with runnable.started([*argv(FINAL.last("ENTRYPOINT")), "broker"]) as process:
        assert process.stdout.readline().startswith("bootstrap.servers=")
        while not handles(process, number):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        # Between taking a signal over and listening to it one can be missed: an engine would kill then, this asks again.
        while process.poll() is None:
            assert time.monotonic() < deadline, "still running"
            process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
        assert process.returncode == 0


def test_the_demo_runs_as_the_image_would_run_it(runnable):
    done = runnable.enter([*argv(FINAL.last("ENTRYPOINT")), "demo"], timeout=600)
    assert done.returncode == 0, done.stdout[-4000:]
