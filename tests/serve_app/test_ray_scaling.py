"""The policy in Serve's controller, over hosts of the test's."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import asdict
from types import SimpleNamespace

import pytest
from ray.serve.config import AutoscalingConfig

from actors.job.demand import Demand
from cluster.clock import ManualClock
from cluster.settings import ReplicaRange, load_settings
from serve_app import deploy
from serve_app.ray_scaling import STALE_S, DemandNews, PagesWaiting
from serve_app.replica_scaling import ScalingTerms

TERMS = asdict(ScalingTerms(least=0, most=4, pages=10, up_s=0, down_s=0))


class Hosts:
    def __init__(self) -> None:
        self.answers: Mapping[str, Demand | None] = {}

    def ask(self) -> Mapping[str, Demand | None]:
        return self.answers


class QuietNews(DemandNews):
    """Asks only when the test wants it to."""

    def latest(self) -> Demand | None:
        return self._sum()


@pytest.fixture
def hosts() -> Hosts:
    return Hosts()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def news(hosts: Hosts, clock: ManualClock) -> QuietNews:
    return QuietNews(hosts.ask, clock)


def context(target: int) -> SimpleNamespace:
    return SimpleNamespace(target_num_replicas=target)


def test_the_pages_of_all_hosts_count(hosts: Hosts, news: QuietNews, clock: ManualClock) -> None:
    hosts.answers = {"a": Demand(5, {"null": 15}), "b": Demand(20, {"null": 11})}
    news.refresh()
    assert PagesWaiting("null", TERMS, news, clock)(context(0)) == (3, {})
    assert PagesWaiting("", TERMS, news, clock)(context(1)) == (3, {}), "of the Renderers"
    assert PagesWaiting("other", TERMS, news, clock)(context(1)) == (0, {})


async def test_what_is_not_known_changes_nothing(hosts: Hosts, news: QuietNews, clock: ManualClock) -> None:
    policy = PagesWaiting("null", TERMS, news, clock)
    assert policy(context(2)) == (2, {}), "nobody was asked yet"
    hosts.answers = {"a": None}
    news.refresh()
    assert policy(context(2)) == (2, {}), "nobody has answered yet"


async def test_a_hosts_last_word_counts_for_a_while(hosts: Hosts, news: QuietNews, clock: ManualClock) -> None:
    policy = PagesWaiting("null", TERMS, news, clock)
    hosts.answers = {"a": Demand(0, {"null": 30}), "b": Demand(0, {"null": 5})}
    news.refresh()
    await clock.advance(STALE_S - 1)
    hosts.answers = {"a": None, "b": Demand()}
    news.refresh()
    assert policy(context(1)) == (3, {})
    await clock.advance(2)
    news.refresh()
    assert policy(context(2)) == (2, {}), "it is too old, and the pool stays as it is"


async def test_a_host_that_is_gone_wants_nothing(hosts: Hosts, news: QuietNews, clock: ManualClock) -> None:
    hosts.answers = {"a": Demand(0, {"null": 30})}
    news.refresh()
    hosts.answers = {}
    news.refresh()
    assert PagesWaiting("null", TERMS, news, clock)(context(2)) == (0, {})


async def test_news_that_nobody_brings_any_more_change_nothing(
    hosts: Hosts, news: QuietNews, clock: ManualClock
) -> None:
    news.refresh()
    await clock.advance(STALE_S + 1)
    assert PagesWaiting("null", TERMS, news, clock)(context(2)) == (2, {})


async def test_patience_does_not_run_while_nothing_is_known(hosts: Hosts, news: QuietNews, clock: ManualClock) -> None:
    policy = PagesWaiting("null", {**TERMS, "down_s": 60}, news, clock)
    hosts.answers = {"a": Demand()}
    news.refresh()
    assert policy(context(2)) == (2, {})
    await clock.advance(STALE_S + 50)
    assert policy(context(2)) == (2, {}), "it is not known"
    news.refresh()
    assert policy(context(2)) == (2, {}), "a lull, for all that is known"
    for _ in range(6):
        await clock.advance(10)
        news.refresh()
    assert policy(context(2)) == (0, {})


def test_it_asks_by_itself_while_somebody_wants_to_know(hosts: Hosts, clock: ManualClock) -> None:
    hosts.answers = {"a": Demand(7, {})}
    news = DemandNews(hosts.ask, clock)
    for _ in range(1000):
        if news.latest() is not None:
            break
        news._pause.wait(0.01)
    assert news.latest() == Demand(7, {})
    news._wanted_at = -1000.0


def test_serve_takes_the_policy_by_its_name() -> None:
    settings = load_settings(ocr_replicas="0-4", scale_up_seconds=3, scale_down_seconds=90)
    options = deploy._scaling(settings, "null", ReplicaRange(0, 4), 16)["autoscaling_config"]
    config = AutoscalingConfig(**options)
    assert (config.min_replicas, config.max_replicas) == (0, 4)
    module, _, name = config.policy.policy_function.partition(":")
    assert getattr(importlib.import_module(module), name) is PagesWaiting
    assert ScalingTerms(**config.policy.policy_kwargs["terms"]) == ScalingTerms(0, 4, 16, 3, 90)
    assert deploy._scaling(settings, "null", ReplicaRange(2, 2), 16) == {"num_replicas": 2}
