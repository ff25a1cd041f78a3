"""Calls without Serve's refusals."""

from __future__ import annotations

import inspect
from types import SimpleNamespace

import pytest
from ray.serve._private.router import AsyncioRouter, CurrentLoopRouter

from serve_app.ray_plain_calls import call_plainly


def test_the_switch_of_a_handle_is_turned() -> None:
    router = SimpleNamespace(_enable_strict_max_ongoing_requests=True)
    call_plainly(SimpleNamespace(_router=SimpleNamespace(_asyncio_router=router)))
    assert router._enable_strict_max_ongoing_requests is False


@pytest.mark.parametrize("handle", [object(), SimpleNamespace(_router=None), SimpleNamespace(_router=object())])
def test_another_serve_keeps_its_calls(handle: object, caplog: pytest.LogCaptureFixture) -> None:
    call_plainly(handle)
    assert "no switch" in caplog.text


def test_the_serve_that_is_installed_has_the_switch_and_asks_it_for_every_call() -> None:
    assert "_asyncio_router" in inspect.getsource(CurrentLoopRouter.__init__)
    assert "self._enable_strict_max_ongoing_requests" in inspect.getsource(AsyncioRouter._route_and_send_request_once)
