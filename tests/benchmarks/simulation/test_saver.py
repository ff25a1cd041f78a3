"""A simulated save: coalesced and paced as the product's."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.simulation.agenda import Agenda
from benchmarks.simulation.saver import SimulatedSaver


class Store:
    def __init__(self, agenda: Agenda, takes_s: float = 0.05) -> None:
        self.agenda = agenda
        self.takes_s = takes_s
        self.writes: list[float] = []

    def write(self, written: Callable[[int], None]) -> None:
        self.writes.append(round(self.agenda.now, 2))
        self.agenda.after(self.takes_s, lambda: written(1000))


def test_facts_close_together_are_one_write_and_then_about_one_a_second() -> None:
    agenda = Agenda()
    store = Store(agenda)
    saver = SimulatedSaver(agenda, store.write)
    saver.claimed(1000)
    for tenth in range(100):
        agenda.at(tenth / 10, lambda: saver.offer(urgent=False))
    agenda.run_until(lambda: False, 20)
    assert 10 <= len(store.writes) <= 12
    assert store.writes[0] == 0.1


def test_what_is_urgent_goes_at_once_and_behind_a_write_that_is_under_way() -> None:
    agenda = Agenda()
    store = Store(agenda, takes_s=0.5)
    saver = SimulatedSaver(agenda, store.write)
    saver.offer(urgent=True)
    saver.offer(urgent=True)
    agenda.run_until(lambda: False, 5)
    assert store.writes == [0.0, 0.5]
