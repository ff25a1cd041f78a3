"""The autoscaling policy of a pool, in Serve's controller: as many replicas as the pages that hosts tell of want.

Serve's own policy counts calls. A call carries up to a group of pages; what hosts hold back is in no call; and from no
replica it starts one, and the others only once that one is up, which on a new node takes minutes. So JobHosts are asked
for their demand (actors/job/demand.py), about once a second and in a thread of its own, since the controller must not
wait. Serve's delays are set to nothing, for the rule has its own (replica_scaling.py).

What is not known changes nothing: where a host does not answer, its last word counts for a while, and then every pool
stays as it is.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import ray
import ray.util

from actors.job.demand import Demand
from cluster.clock import Clock, SystemClock
from cluster.ray_cluster import NAMESPACE
from serve_app.host_names import is_host
from serve_app.replica_scaling import ReplicaScaler, ScalingTerms

log = logging.getLogger(__name__)

POLL_S = 1.0
ANSWER_S = 2.0
STALE_S = 15.0
"""So long a host's last word counts when it does not answer."""

UNASKED_S = 60.0
"""After so long without a question nobody is scaled by demand any more, and no host is asked."""

Ask = Callable[[], Mapping[str, Demand | None]]
"""What each living host tells, None where it did not answer."""


class DemandNews:
    """The latest that hosts told, kept up to date while somebody wants to know."""

    def __init__(self, ask: Ask, clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._told: dict[str, tuple[float, Demand]] = {}
        self._known_at: float | None = None
        self._wanted_at = 0.0
        self._thread: threading.Thread | None = None
        self._pause = threading.Event()

    def latest(self) -> Demand | None:
        """Of all hosts together. None: not known."""
        self._wanted_at = self._clock.monotonic()
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="demand", daemon=True)
            self._thread.start()
        return self._sum()

    def refresh(self) -> None:
        """Asks every host once."""
        answers = self._ask()
        now = self._clock.monotonic()
        told = {host: (now, demand) for host, demand in answers.items() if demand is not None}
        silent = answers.keys() - told.keys()
        self._told = {**{host: self._told[host] for host in silent if host in self._told}, **told}
        if silent <= self._told.keys():
            self._known_at = now

    def _sum(self) -> Demand | None:
        told, now = self._told, self._clock.monotonic()
        if self._known_at is None or now - self._known_at > STALE_S:
            return None
        if any(now - at > STALE_S for at, _ in told.values()):
            return None
        return sum((demand for _, demand in told.values()), Demand())

    def _run(self) -> None:
        while self._clock.monotonic() - self._wanted_at < UNASKED_S:
            try:
                self.refresh()
            except Exception:  # whatever it is: the pools stay as they are, and the next round may do better
                log.exception("scaling: the hosts could not be asked")
            self._pause.wait(POLL_S)


def ask_hosts() -> dict[str, Demand | None]:
    names = [actor["name"] for actor in ray.util.list_named_actors(True) if actor["namespace"] == NAMESPACE]
    calls: dict[str, Any] = {}
    for name in filter(is_host, names):
        try:
            calls[name] = ray.get_actor(name, NAMESPACE).demand.remote()
        except (ValueError, AttributeError):
            log.debug("scaling: %s is gone, or of a version that tells no demand", name)
    if calls:
        ray.wait(list(calls.values()), num_returns=len(calls), timeout=ANSWER_S)
    return {name: _answer(call) for name, call in calls.items()}


def _answer(call: Any) -> Demand | None:
    try:
        demand: Demand = ray.get(call, timeout=0)
    except (ray.exceptions.RayError, TimeoutError):
        return None
    return demand


@cache
def shared_news() -> DemandNews:
    """One for all pools of the controller."""
    return DemandNews(ask_hosts, SystemClock())


class PagesWaiting:
    """Serve makes one for a pool, and asks it at every round. engine: whose pool it is, "" for the Renderers.

    terms: as ScalingTerms has them.
    """

    def __init__(
        self, engine: str, terms: Mapping[str, Any], news: DemandNews | None = None, clock: Clock | None = None
    ) -> None:
        self._engine = engine
        self._clock = clock or SystemClock()
        self._scaler = ReplicaScaler(ScalingTerms(**terms))
        self._news = news or shared_news()

    def __call__(self, context: Any) -> tuple[int, dict[str, Any]]:
        demand = self._news.latest()
        target: int = context.target_num_replicas
        if demand is None:
            self._scaler.forget()
            return target, {}
        pages = demand.reads.get(self._engine, 0.0) if self._engine else demand.render
        return self._scaler.decide(pages, target, self._clock.monotonic()), {}
