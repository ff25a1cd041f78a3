"""Random histories of two and three hosts over one blob store: whatever goes wrong, every rule of the judge holds."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.actors.job.simulation.run import carry_out
from tests.actors.job.simulation.script import Script, scripts


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(script=scripts)
def test_every_history_keeps_the_rules(script: Script) -> None:
    carry_out(script)
