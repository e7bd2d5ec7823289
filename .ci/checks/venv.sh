# shellcheck shell=bash
# Sourced by the checks that are written in Python: makes a virtual environment of its own and leaves its python in $python.
#
# venv NAME PACKAGE...
venv() {
    local folder="${TMPDIR:-/tmp}/bulkhead-check-$1"
    shift
    python="$folder/bin/python"
    [ -x "$python" ] || python3 -m venv "$folder"
    local attempt
    for attempt in 1 2 3 4 5; do
        if "$python" -m pip install --quiet --disable-pip-version-check "$@"; then
            return 0
        fi
        echo "installing $* failed, attempt $attempt of 5" >&2
        sleep $((attempt * 5))
    done
    return 1
}
