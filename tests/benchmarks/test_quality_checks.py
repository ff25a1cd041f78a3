from __future__ import annotations

import pytest

from benchmarks.quality_checks import Absent, Check, Neighbour, Order, Present, Reading, Side

MARKDOWN = """# The harbour master

The ferry leaves the old har-
bour at noon, and nobody waits. A grey cat sleeps
under the chair of the captain.

| Item | May | June |
|---|---|---|
| Red box | 1.20 | 44.10 |
| Long wooden oar | 3.00 | 7.15 |
"""
FERRY = "The ferry leaves the old harbour at noon, and nobody waits."
CAT = "A grey cat sleeps under the chair of the captain."


@pytest.mark.parametrize(
    ("check", "passed"),
    [
        (Present(FERRY), True),
        (Present(FERRY.replace("ferry", "fenry")), True),  # a letter or two may be wrong
        (Present("The ferry leaves the island at dawn, and everybody waits."), False),
        (Present(f"{CAT} And more that was never read by anybody at all."), False),
        (Present("44.10"), True),
        (Present("44.11"), False),
        (Absent("The harbour master"), False),
        (Absent("A Journey to the Coast"), True),
        (Absent("noon"), False),
        (Absent("212"), True),
        (Order(FERRY, CAT), True),
        (Order(CAT, FERRY), False),
        (Order(FERRY, "A black dog barks at the tower of the church."), False),
        (Neighbour("1.20", Side.LEFT, "Red box"), True),
        (Neighbour("1.20", Side.RIGHT, "44.10"), True),
        (Neighbour("1.20", Side.ABOVE, "May"), True),
        (Neighbour("1.20", Side.BELOW, "3.00"), True),
        (Neighbour("1.20", Side.BELOW, "44.10"), False),
        (Neighbour("7.15", Side.RIGHT, "x"), False),
        (Neighbour("3.00", Side.LEFT, "Long wooden oars"), True),
    ],
)
def test_checks(check: Check, passed: bool) -> None:
    assert Reading(MARKDOWN).passes(check) is passed


def test_plain_text_has_no_tables() -> None:
    reading = Reading("| Item | May |\n|---|---|\n| Oar | 3.00 |", markdown=False)
    assert not reading.passes(Neighbour("3.00", Side.LEFT, "Oar"))
    assert reading.passes(Present("3.00"))


def test_japanese_is_found_whatever_stands_between_its_signs() -> None:
    reading = Reading("山の 道を\n\n歩く春の花を見た。")
    assert reading.passes(Present("山の道を歩く春の花を見た。"))


def test_an_empty_reading() -> None:
    reading = Reading("")
    assert not reading.passes(Present(FERRY))
    assert not reading.passes(Present("12"))
    assert not reading.passes(Order(FERRY, CAT))
    assert reading.passes(Absent("The harbour master"))
