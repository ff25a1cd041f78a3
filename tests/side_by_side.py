"""Runs all tests: those of the actors in a process beside all others, then those that need a cluster in two lanes.

Clusters mostly wait, for each other's processes and for time to pass, so two of them at once take half as long. What
runs beside the first has the lower priority, so that what is measured in seconds there is not disturbed. Not by
pytest-xdist: a test that ends its process, as signals and native code may, leaves it waiting for ever.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

PYTEST = (sys.executable, "-m", "pytest", "--reruns", "1", "--durations", "15")
"""A test that fails is run once more, since other programs may take this machine's cores for seconds. One that needs it
is told as RERUN at the end: a fault to mend, here or in the product, but nobody's change is refused for it."""
ACTORS = ("-m", "not e2e", "tests/actors")
OTHERS = ("-m", "not e2e", "--ignore", "tests/actors")
SECOND_LANE = (
    "test_callbacks",
    "test_front_door",
    "test_limits",
    "test_metrics",
    "test_pools",
    "test_reading",
    "test_several_nodes",
)
"""Of tests/e2e: about half of them by time, and those whose own times matter least."""
_FILES = [*(f"tests/e2e/{name}.py" for name in SECOND_LANE), "tests/browser"]
SMALL = ("-m", "e2e and not large")
"""`make large` runs the others."""
FIRST = (*SMALL, *(part for file in _FILES for part in ("--ignore", file)))
SECOND = (*SMALL, *_FILES)
NICENESS = 10


def main() -> int:
    """0 where every test passed."""
    with ExitStack() as later:
        actors = later.enter_context(_beside(ACTORS))
        codes = [_run(OTHERS)]
        with _beside(SECOND) as second:
            codes.append(_run(FIRST))
            codes.append(second.wait())
        codes.append(actors.wait())
    return max(abs(code) for code in codes)


def _run(which: tuple[str, ...]) -> int:
    return subprocess.run([*PYTEST, *which], check=False).returncode


@contextmanager
def _beside(which: tuple[str, ...]) -> Iterator[subprocess.Popen[bytes]]:
    """Started for the block's time; what it printed is printed at the block's end."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            ["nice", "-n", str(NICENESS), *PYTEST, *which], stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield process
        finally:
            _end(process)
            output.seek(0)
            sys.stdout.buffer.write(output.read())
            sys.stdout.flush()


def _end(process: subprocess.Popen[bytes]) -> None:
    """As Ctrl-C does, which the terminal has sent it already."""
    if process.poll() is None:
        try:
            process.wait(1)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
