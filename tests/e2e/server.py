"""The server under test, as a process: ``python -m tests.e2e.server``, settings from the environment.

Without Ray's dashboard, unless ``--dashboard`` asks for it: it takes two seconds to start.
"""

from __future__ import annotations

import sys

from cluster.settings import load_settings
from serve_app.server import running_server, wait_for_signal

if __name__ == "__main__":
    with running_server(load_settings(), dashboard="--dashboard" in sys.argv):
        wait_for_signal()
