"""Runs the double as a process: ``python -m tests.cloud_storage --port N [--bucket B ...] [--unlimited]``.

Its first line on stdout ends with its URL, for STORAGE_EMULATOR_HOST. SIGTERM or Ctrl-C ends it, and what it stores.
"""

from __future__ import annotations

import argparse
import signal
import threading

from tests.cloud_storage.double import CloudDouble
from tests.cloud_storage.server import running_double


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.cloud_storage")
    parser.add_argument("--port", type=int, default=4443, help="0: any free one")
    parser.add_argument("--bucket", action="append", help="a bucket that there is; may be given more than once")
    parser.add_argument(
        "--unlimited", action="store_true", help="count writes, but do not refuse those that come too fast"
    )
    chosen = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    cloud = CloudDouble(tuple(chosen.bucket or ["bucket"]), enforce_limit=not chosen.unlimited)
    with running_double(cloud, chosen.port) as server:
        print(f"Buckets {', '.join(cloud.buckets)} at {server.url}", flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
