"""Carries a script out and has its history judged.

Until ``calm_at`` the script's actions befall the hosts, and the network is as bad as its weather. Then nothing goes
wrong any more, and a host lives at every place. Jobs that were ordered to end must end although some of their pages
stay shut; then all pages are read, and every job must end.
"""

from __future__ import annotations

from functools import partial

from cluster.marker import Marker, Operation
from tests.actors.job.simulation.history import Act, History
from tests.actors.job.simulation.hosts import CALL_S
from tests.actors.job.simulation.moment import Moment, Watch
from tests.actors.job.simulation.script import Action, Away, Drain, Job, Kill, Order, Script, Stall
from tests.actors.job.simulation.world import World, world

ORDERS_SEEN_S = 300.0 + 2 * CALL_S
"""An order stands at the latest after: a late write, a silent owner, and two sweeps; a deletion ends later."""
GIVEN_S = 30.0
"""Orders that could not be given in the storm are given by then."""
ENDED_S = 600.0
SETTLED_S = 100.0


def carry_out(script: Script) -> History:
    """What happened. AssertionError where a rule was broken, with the history."""
    callbacks = {number for number, job in enumerate(script.jobs) if job.callback}
    with world(script.places, len(script.jobs), script.seed, callbacks) as made:
        made.network.weather = script.weather
        made.pools.slowest_s, made.pools.losses = script.slowest_s, script.losses
        made.receivers.refusing, made.receivers.slowest_s = script.refusing, script.slowest_s
        for place in range(len(script.places)):
            made.begin(place)
        for number, job in enumerate(script.jobs):
            made.loop.outside(job.at, partial(_accept, made, script, number, job))
        for action in script.actions:
            _plan(made, script, action)
        made.loop.run_for(script.calm_at)
        made.calm()
        made.loop.run_for(GIVEN_S)
        end(made)
        return made.history


def end(made: World) -> None:
    """All must come to its end now."""
    ordered = [marker for marker in made.markers if _ordered_to_end(made, marker)]
    made.until(lambda: all(map(made.over, ordered)), ORDERS_SEEN_S, "an order was lost")
    made.pools.open_all()
    made.pools.slowest_s, made.pools.losses = 1.0, 0.0
    made.until(lambda: all(map(made.over, made.markers)), ENDED_S, "a job does not end")
    made.loop.run_for(SETTLED_S)
    made.judge()


def _ordered_to_end(made: World, marker: Marker) -> bool:
    standing = made.standing(marker)
    return standing is not None and standing.operation is not Operation.RUN


def _accept(made: World, script: Script, number: int, job: Job) -> None:
    made.accept(number, job.pages, job.shut, _place(script, job.told))


def _plan(made: World, script: Script, action: Action) -> None:
    """Has the action happen when its time, or its moment, comes."""
    if not isinstance(action.at, Moment):
        made.loop.outside(action.at, partial(_act, made, script, action))
        return
    moment = action.at
    watch, left = Watch(made.markers[moment.job % len(made.markers)]), moment.count

    def watched(act: Act) -> None:
        nonlocal left
        if watch.gap(act) is moment.gap:
            left -= 1
            if left == 0 and made.loop.time() + moment.pause_s < script.calm_at:
                made.loop.outside(moment.pause_s, partial(_act, made, script, action))

    made.history.watchers.append(watched)


def _act(made: World, script: Script, action: Action) -> None:
    match action:
        case Kill(_, host, after):
            for life in made.living(host % len(script.places)):
                made.kill(life, after)
        case Stall(_, host, seconds, replaced):
            for life in made.living(host % len(script.places)):
                made.stall(life, seconds)
            if replaced:
                made.begin(host % len(script.places))
        case Away(_, None, seconds):
            made.cut_off(None, seconds)
        case Away(_, int(host), seconds):
            for life in made.living(host % len(script.places)):
                made.cut_off(life, seconds)
        case Drain(_, host, after):
            for life in made.living(host % len(script.places)):
                made.drain(life, after)
        case Order(_, job, operation, told):
            made.order(job % len(script.jobs), operation, _place(script, told))


def _place(script: Script, host: int | None) -> int | None:
    return None if host is None else host % len(script.places)
