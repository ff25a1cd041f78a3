"""The server under test, as a process: ``python -m tests.e2e.server``, settings from the environment.

Without Ray's dashboard, which takes two seconds to start, unless a port is set for it.
"""

from __future__ import annotations

import os

from cluster.settings import load_settings
from serve_app.server import running_server, wait_for_signal

if __name__ == "__main__":
    with running_server(load_settings(), dashboard="GNOSIS_DASHBOARD_PORT" in os.environ):
        wait_for_signal()
