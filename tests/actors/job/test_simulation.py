"""Random histories of up to three hosts over one blob store: whatever goes wrong, every rule of the judge holds.

A failure prints the smallest script that hypothesis found, and its history; ``carry_out(Script(...))`` repeats it.
"""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from cluster.marker import Operation
from tests.actors.job.simulation.moment import Gap, Moment
from tests.actors.job.simulation.network import Weather
from tests.actors.job.simulation.run import carry_out
from tests.actors.job.simulation.script import NEIGHBOURS, Away, Job, Kill, Order, Script, Stall, scripts


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(script=scripts)
def test_every_history_keeps_the_rules(script: Script) -> None:
    carry_out(script)


def test_a_script_repeats_its_history() -> None:
    script = Script(
        seed=7,
        places=NEIGHBOURS,
        jobs=(Job(0.0, 4, frozenset({3}), 0), Job(3.0, 3, frozenset(), None)),
        actions=(
            Kill(Moment(Gap.RESULT, job=0, count=2), host=0, after=5.0),
            Stall(40.0, host=1, seconds=45.0, replaced=True),
            Away(60.0, host=None, seconds=20.0),
            Order(90.0, job=0, operation=Operation.CANCEL, told=None),
        ),
        weather=Weather(unavailable=0.05, lost=0.1, late=0.1, throttled=0.05, slow=0.1),
    )
    assert carry_out(script).tell() == carry_out(script).tell()
