"""Runs all tests: those of the actors in a process beside all others, first those that need no cluster.

It has the lower priority, so that what is measured in seconds elsewhere is not disturbed. Not by pytest-xdist: a test
that ends its process, as signals and native code may, leaves it waiting for ever.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile

PYTEST = (sys.executable, "-m", "pytest")
BESIDE = ("-m", "not e2e", "tests/actors")
NICENESS = 10
FIRST = ("-m", "not e2e", "--ignore", "tests/actors")
LAST = ("-m", "e2e")


def main() -> int:
    """0 where every test passed."""
    with tempfile.TemporaryFile() as output:
        command = ["nice", "-n", str(NICENESS), *PYTEST, *BESIDE]
        beside = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            codes = [subprocess.run([*PYTEST, *which], check=False).returncode for which in (FIRST, LAST)]
            codes.append(beside.wait())
        finally:
            _end(beside)
        output.seek(0)
        sys.stdout.buffer.write(output.read())
        sys.stdout.flush()
    return max(abs(code) for code in codes)


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
