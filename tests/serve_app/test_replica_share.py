"""How many cores a replica takes."""

from __future__ import annotations

import os

import pytest

from serve_app.replica_share import cores_of


def test_a_replica_takes_the_cores_that_it_was_given_else_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(64)))
    assert (cores_of(None, 4), cores_of(None, 100)) == (16, 1)
    assert (cores_of(4, 100), cores_of(2.5, 1), cores_of(0.5, 1)) == (4, 2, 1)
