from __future__ import annotations

from actors.ocr.retirement import Retirement, RetirementLimits


def test_without_limits_nobody_retires() -> None:
    retirement = Retirement(RetirementLimits(), lambda: 1e9)
    retirement.consider(10**9)
    assert retirement.reason is None


def test_pages_and_memory_are_reasons_and_the_first_one_stays() -> None:
    memory = [100.0]
    retirement = Retirement(RetirementLimits(pages=10, memory_mb=500), lambda: memory[0])
    retirement.consider(9)
    assert retirement.reason is None
    memory[0] = 501
    retirement.consider(9)
    assert retirement.reason == "It takes 501 MB."
    retirement.consider(10)
    assert retirement.reason == "It takes 501 MB."
