"""Shows that each of the container's checks turns red when the Dockerfile is broken."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from dockerfile import FILE  # noqa: E402
from breakage import Breakage, prove  # noqa: E402

D = "Dockerfile"
RULES = [
    Breakage("apt-get without --yes", D, r"install --yes ", "install ", "test_hadolint"),
    Breakage("Debian 13", D, r"FROM debian:12-slim", "FROM debian:13-slim", "test_both_stages_are_debian_12"),
    Breakage("root", D, r"^USER .*", "USER 0:0", "test_the_image_runs_as_a_user"),
    Breakage("a user by name", D, r"^USER .*", "USER bulkhead", "test_the_image_runs_as_a_user"),
    Breakage("an entry point in shell form", D, r"^ENTRYPOINT .*", "ENTRYPOINT bulkhead", "test_no_shell_stands"),
    Breakage("a health check in shell form", D, r'CMD \["bulkhead", "probe"\]', "CMD bulkhead probe", "test_no_shell_stands"),
    Breakage("another stop signal", D, r"^STOPSIGNAL .*", "STOPSIGNAL SIGKILL", "test_stopping_and_health"),
    Breakage("a health check without time to start", D, r"--start-period=60s ", "", "test_stopping_and_health"),
    Breakage("a program that is not on the path", D, r"^ENV PATH=/opt/bulkhead:", "ENV PATH=", "test_the_program_is_found"),
    Breakage("a token in the image", D, r"^ENV ", "ENV AELYST_TOKEN=hunter2 ", "test_nothing_secret"),
    Breakage("a download", D, r"^RUN mkdir /staged", "RUN curl -O https://x.example \\\\\n    \\&\\& mkdir /staged", "test_nothing_secret"),
    Breakage("a folder that is copied and ignored", "Dockerfile.dockerignore", r"^!Tests\n", "", "test_the_context"),
    Breakage("a folder that does not exist", D, r"^COPY Tests Tests", "COPY Proofs Tests", "test_the_context"),
    Breakage("a product that does not exist", D, r"--product bulkhead", "--product bulk", "test_the_build_makes_the_product"),
    Breakage("a Swift runtime that is not in the image", D, r" --static-swift-stdlib", "", "test_the_build_makes_the_product"),
]  # fmt: skip
# Each of these makes a Debian root of its own.
STEPS = [
    Breakage("resources that are left behind", D, r" -o -name '\*\.resources'", "", "test_the_steps_run_and_stage"),
    Breakage("no librdkafka", D, r"ca-certificates librdkafka1", "ca-certificates", "test_every_library_of_the_program"),
    Breakage("no certificates", D, r"ca-certificates librdkafka1", "librdkafka1", "test_certificates_are_there"),
]

if __name__ == "__main__":
    prove(RULES + (STEPS if "--steps" in sys.argv else []), FILE.parent, HERE, {"BULKHEAD_DOCKERFILE": "Dockerfile"})
