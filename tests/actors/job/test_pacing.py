"""When a record may be saved."""

from __future__ import annotations

from actors.job.pacing import BURST, LONGEST_S, SMALL_RECORD, SavePacer


def test_urgent_saves_go_at_once_up_to_the_burst() -> None:
    pacer = SavePacer()
    for _ in range(BURST):
        assert pacer.wait(0, 0, urgent=True) == 0
        pacer.saved(0, 100)
    assert pacer.wait(0, 0, urgent=True) == 1.0
    assert pacer.wait(1.0, 0, urgent=True) == 0


def test_progress_gathers_and_leaves_the_last_token() -> None:
    pacer = SavePacer()
    assert pacer.wait(0, 0, urgent=False) == 0.1
    assert pacer.wait(0.1, 0, urgent=False) == 0
    pacer.saved(0.1, 100)
    pacer.saved(0.1, 100)
    assert pacer.wait(0.2, 0.1, urgent=False) > 0.8
    assert pacer.wait(0.2, 0.1, urgent=True) == 0


def test_no_second_holds_more_than_the_burst_and_one_a_second() -> None:
    pacer, now, saves = SavePacer(), 0.0, []
    while now < 20:
        if pacer.wait(now, now - 1, urgent=False) == 0:
            pacer.saved(now, 100)
            saves.append(now)
        now += 0.01
    for start in range(20):
        within = [save for save in saves if start <= save < start + 1]
        assert len(within) <= BURST
    assert len(saves) <= 20 + BURST


def test_large_records_are_saved_less_often() -> None:
    pacer = SavePacer()
    for _ in range(3):
        pacer.saved(0, 1024 * 1024)
    assert pacer.wait(0, 0, urgent=True) == 4.0


def test_throttling_slows_down_within_bounds_and_passes() -> None:
    pacer = SavePacer()
    pacer.throttled(0)
    assert pacer.wait(0, 0, urgent=True) == 2.0
    for _ in range(20):
        pacer.throttled(0)
    assert pacer.wait(0, 0, urgent=True) == LONGEST_S
    for second in range(10):
        pacer.saved(1000 + 40 * second, 100)
    assert pacer.wait(1400, 1399, urgent=True) == 0


def test_throttling_does_not_speed_up_a_record_that_is_saved_less_often_anyway() -> None:
    pacer = SavePacer()
    for _ in range(BURST):
        pacer.saved(0, 2 * int(LONGEST_S) * SMALL_RECORD)
    before = pacer.wait(0, 0, urgent=True)
    assert before == 2 * LONGEST_S
    pacer.throttled(0)
    assert pacer.wait(0, 0, urgent=True) == before


def test_after_another_owner_nothing_is_left_of_the_burst() -> None:
    pacer = SavePacer()
    pacer.saved(0, 100)
    pacer.taken_over(0)
    assert pacer.wait(0, 0, urgent=True) == 1.0
    assert pacer.wait(2.0, 0, urgent=False) == 0
