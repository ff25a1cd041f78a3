"""What OpenVINO's import does besides importing: nothing, in a process that has loaded all that is used of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

WATCHED = """
import sys, threading

def tell(event, details):
    if event in ("os.fork", "os.posix_spawn", "subprocess.Popen", "socket.connect", "socket.getaddrinfo"):
        print(event, flush=True)

sys.addaudithook(tell)
{loading}
for thread in threading.enumerate():
    if thread is not threading.main_thread():
        print(thread.name)
"""
LOADING = {
    "engine": """
from actors.ocr.ppocr_runtime import fastest_runtime
from actors.ocr.ppocr_weights import wheel_weights
fastest_runtime(1, wheel_weights().recognizer, "openvino")
""",
    "layout": "from actors.render.layout_model import load; load()",
}


def events_of(loading: str) -> str:
    """Processes started, addresses looked up and threads left by a fresh process. In CI OpenVINO is silent anyway."""
    command = ["env", "-u", "CI", sys.executable, "-c", WATCHED.format(loading=LOADING[loading])]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("loading", ["engine", "layout"])
def test_loading_tells_nobody(loading: str) -> None:
    assert events_of(loading) == ""
