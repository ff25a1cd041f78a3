"""Runs all tests: those of the actors beside all others that need no cluster, in a process each; then those with one.

Not by pytest-xdist: a test that ends its process, as signals and native code may, leaves it waiting for ever.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time

PYTEST = (sys.executable, "-m", "pytest")
BESIDE = ("-m", "not e2e", "tests/actors")
FIRST = ("-m", "not e2e", "--ignore", "tests/actors")
LAST = ("-m", "e2e")


def main() -> int:
    """0 where every test passed."""
    with tempfile.TemporaryFile() as output:
        beside = subprocess.Popen([*PYTEST, *BESIDE], stdout=output, stderr=subprocess.STDOUT)
        try:
            codes = [subprocess.run([*PYTEST, *FIRST], check=False).returncode]
            print("Waiting for the tests of the actors.", flush=True)
            codes.append(beside.wait())
        finally:
            _end(beside)
        output.seek(0)
        sys.stdout.buffer.write(output.read())
        sys.stdout.flush()
    codes.append(subprocess.run([*PYTEST, *LAST], check=False).returncode)
    return max(abs(code) for code in codes)


def _end(process: subprocess.Popen[bytes]) -> None:
    """As Ctrl-C does, which the terminal has sent it already."""
    if process.poll() is None:
        time.sleep(1)
        process.terminate()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
