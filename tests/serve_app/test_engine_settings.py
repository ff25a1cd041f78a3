from __future__ import annotations

from typing import Any

import pytest

from cluster.errors import StartupError
from cluster.settings import ReplicaRange, load_settings
from serve_app.engine_settings import PoolShape, engine_chains, engine_names, pool_shape, readable_languages


def settings(**values: Any) -> Any:
    return load_settings(store="memory://", **values)


def test_pools_have_their_full_names() -> None:
    assert engine_names(settings(engines="rapidocr, null")) == ("rapidocr", "null")


@pytest.mark.parametrize(
    ("engines", "reason"), [("magic", "magic"), ("null:x", "takes nothing"), ("rapidocr,rapidocr", "twice")]
)
def test_engines_that_can_not_be_stop_the_start(engines: str, reason: str) -> None:
    with pytest.raises(StartupError, match=reason):
        engine_names(settings(engines=engines))


def test_languages_are_known_of_engines_whose_whole_chain_tells_them() -> None:
    readable = readable_languages(settings(engines="rapidocr,ppocr-torch,null", fallbacks="ppocr-torch>null"))
    assert readable.keys() == {"rapidocr"}
    assert {"de", "en", "fr", "zh"} <= set(readable["rapidocr"])


def test_each_engine_alone_unless_a_chain_says_otherwise() -> None:
    assert engine_chains(settings(engines="rapidocr,null")) == {
        None: ("rapidocr",),
        "rapidocr": ("rapidocr",),
        "null": ("null",),
    }
    chains = engine_chains(settings(engines="null,rapidocr", fallbacks="null > rapidocr"))
    assert chains[None] == chains["null"] == ("null", "rapidocr")
    assert chains["rapidocr"] == ("rapidocr",)


@pytest.mark.parametrize(
    ("fallbacks", "reason"), [("null", "two engines"), ("null>null", "two engines"), ("null>rapidocr", "none of")]
)
def test_chains_that_can_not_be_stop_the_start(fallbacks: str, reason: str) -> None:
    with pytest.raises(StartupError, match=reason):
        engine_chains(settings(engines="null", fallbacks=fallbacks))


@pytest.mark.parametrize("engine", ["rapidocr", "null"])
@pytest.mark.parametrize("batch", [None, 1, 2, 16, 64, 1024])
@pytest.mark.parametrize("replicas", ["1", "0-4", "3"])
def test_a_pools_numbers_fit_one_another_for_every_batch(engine: str, batch: int | None, replicas: str) -> None:
    shape = pool_shape(engine, settings(engines=engine, batch_size=batch, ocr_replicas=replicas))
    assert shape.calls >= 2 * shape.batch
    assert shape.in_flight >= 2 * shape.batch * shape.replicas.most
    assert 1 <= shape.target <= shape.calls / 2


@pytest.mark.parametrize(
    ("calls", "in_flight", "target"),
    [(31, 96, 8), (64, 63, 8), (64, 96, 0), (64, 96, 33)],
)
def test_numbers_that_would_starve_a_replica_are_refused(calls: int, in_flight: int, target: int) -> None:
    with pytest.raises(StartupError):
        PoolShape(16, ReplicaRange(1, 2), calls, in_flight, target).check()
