"""What a simulation does: which hosts and jobs there are, what befalls them and when, and how bad the network is.

Times are virtual seconds from the start, or moments of a job's life. Hosts and jobs are named by their place in the
script.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from cluster.marker import Operation
from tests.actors.job.simulation.moment import Gap, Moment
from tests.actors.job.simulation.network import Weather


@dataclass(frozen=True, slots=True)
class Place:
    """Where hosts live, one life after the other."""

    cluster: str
    name: str


@dataclass(frozen=True, slots=True)
class Job:
    """shut: pages that the engines do not read before the end, so that nothing but an order ends the job till then.

    told: the host of this place hears of the marker at once; None: its Ingress died before it could tell anybody.
    callback: whether it asks for one.
    """

    at: float
    pages: int
    shut: frozenset[int]
    told: int | None
    callback: bool = False


When = float | Moment


@dataclass(frozen=True, slots=True)
class Kill:
    """kill -9. The next life begins ``after`` seconds later."""

    at: When
    host: int
    after: float


@dataclass(frozen=True, slots=True)
class Stall:
    """The host's process stands still. replaced: it is thought dead, and its name begins its next life meanwhile."""

    at: When
    host: int
    seconds: float
    replaced: bool


@dataclass(frozen=True, slots=True)
class Away:
    """The host (None: everybody) is cut off from the blob store."""

    at: When
    host: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Drain:
    """A stop by signal: the host lets go of its jobs and ends. The next life begins ``after`` seconds later."""

    at: When
    host: int
    after: float


@dataclass(frozen=True, slots=True)
class Order:
    """A user's order. told: the host of this place hears of it at once; None: nobody does."""

    at: When
    job: int
    operation: Operation
    told: int | None


Action = Kill | Stall | Away | Drain | Order


@dataclass(frozen=True, slots=True)
class Script:
    """slowest_s: how long the engines take for a page, at the longest. losses: how often (0 to 1) its replica is
    preempted. refusing: how often (0 to 1) a callback is not taken. calm_at: from then on nothing goes wrong.
    """

    seed: int
    places: tuple[Place, ...]
    jobs: tuple[Job, ...]
    actions: tuple[Action, ...]
    weather: Weather
    slowest_s: float = 5.0
    losses: float = 0.0
    refusing: float = 0.0
    calm_at: float = 150.0


NEIGHBOURS = (Place("c1", "job-host-a-0"), Place("c1", "job-host-b-0"), Place("c2", "job-host-a-0"))
"""Two deployments of one cluster, and another cluster on the same bucket."""

ORDERS = (Operation.CANCEL, Operation.RUN, Operation.DELETE)
"""RUN opens the next run of a job that has ended."""

_times: st.SearchStrategy[When] = st.one_of(
    st.floats(0, 140, allow_nan=False).map(lambda at: round(at, 2)),
    st.builds(
        Moment,
        gap=st.sampled_from(Gap),
        job=st.integers(0, 2),
        count=st.integers(1, 3),
        pause_s=st.sampled_from([0.0, 0.0, 0.05, 1.0, 20.0]),
    ),
)
_pauses = st.sampled_from([0.5, 5.0, 20.0, 45.0, 100.0])
_rates = st.sampled_from([0.0, 0.0, 0.05, 0.2])
_hosts = st.integers(0, 2)
_told = st.one_of(st.none(), _hosts)

weathers = st.builds(
    Weather,
    unavailable=_rates,
    lost=_rates,
    late=_rates,
    throttled=_rates,
    slow=_rates,
    deadly=st.sampled_from([0.0, 0.0, 0.005, 0.03]),
    latency_s=st.sampled_from([0.02, 0.3]),
    late_s=st.sampled_from([1.0, 10.0, 60.0]),
)


@st.composite
def _jobs(draw: st.DrawFn) -> Job:
    pages = draw(st.integers(1, 4))
    shut = draw(st.sets(st.integers(1, pages), max_size=2))
    return Job(draw(st.sampled_from([0.0, 3.0, 60.0])), pages, frozenset(shut), draw(_told), draw(st.booleans()))


_actions: st.SearchStrategy[Action] = st.one_of(
    st.builds(Kill, at=_times, host=_hosts, after=_pauses),
    st.builds(Stall, at=_times, host=_hosts, seconds=_pauses, replaced=st.booleans()),
    st.builds(Away, at=_times, host=st.one_of(st.none(), _hosts), seconds=_pauses),
    st.builds(Drain, at=_times, host=_hosts, after=_pauses),
    st.builds(Order, at=_times, job=st.integers(0, 2), operation=st.sampled_from(ORDERS), told=_told),
)

scripts = st.builds(
    Script,
    seed=st.integers(0, 2**32 - 1),
    places=st.integers(1, 3).map(lambda count: NEIGHBOURS[:count]),
    jobs=st.lists(_jobs(), min_size=1, max_size=3).map(tuple),
    actions=st.one_of(st.lists(_actions, max_size=3), st.lists(_actions, min_size=5, max_size=12)).map(tuple),
    weather=weathers,
    slowest_s=st.sampled_from([0.5, 5.0, 40.0]),
    losses=st.sampled_from([0.0, 0.2]),
    refusing=st.sampled_from([0.0, 0.3, 1.0]),
)
