"""The receiver of callbacks remembers how jobs ended, and what was no record."""

from __future__ import annotations

import httpx

from benchmarks.callback_receiver import callback_receiver


def test_callbacks_are_taken_and_remembered() -> None:
    with callback_receiver() as callbacks:
        assert callbacks.wait_for("a", 0) is None
        told = [
            httpx.post(callbacks.url, content=body, trust_env=False).status_code
            for body in (b'{"job_id": "a", "status": "completed"}', b"[]")
        ]
        assert told == [204, 204]
        assert callbacks.wait_for("a", 5) == "completed"
        assert callbacks.wrong == [b"[]"]
