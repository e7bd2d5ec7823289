"""Breaks a copy of what a check guards, one way at a time, and expects that check to turn red."""

import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile


@dataclasses.dataclass
class Breakage:
    what: str
    file: str  # relative to the copy
    old: str  # a regular expression that is found
    new: str
    test: str  # the test that has to fail


def turned_red(breakage, source, checks, variables):
    """Whether the named test fails on the broken copy; `variables` maps an environment variable to a path in the copy."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / source.name
        shutil.copytree(source, copy)
        path = copy / breakage.file
        text, count = re.subn(breakage.old, breakage.new, path.read_text(), count=1, flags=re.M)
        assert count == 1, f"{breakage.what}: {breakage.old!r} is not found in {breakage.file}"
        path.write_text(text)
        environment = os.environ | {name: str(copy / inner) for name, inner in variables.items()}
        run = subprocess.run(
            [sys.executable, "-B", "-m", "pytest", "-p", "no:cacheprovider", "-x", "-q", "--no-header", "-k", breakage.test, checks],
            env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        # 1: tests ran and some failed. A copy that does not even load is 2, an error in a fixture is 1 as well but says so.
        red = run.returncode == 1 and re.search(rf"^FAILED .*{breakage.test}", run.stdout, re.M) is not None
        return red, run.stdout


def prove(breakages, source, checks, variables):
    passed = 0
    for breakage in breakages:
        red, output = turned_red(breakage, source, checks, variables)
        passed += red
        print(f"{'red as it should be' if red else 'STAYED GREEN'}: {breakage.what} ({breakage.test})", flush=True)
        if not red:
            print(output[-3000:])
    print(f"{passed} passed, {len(breakages) - passed} failed")
    sys.exit(passed != len(breakages))
