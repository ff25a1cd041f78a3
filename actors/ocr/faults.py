"""Scripted faults of the null engine.

A script is faults separated by ``;``. A fault is its kind, ``:``, and ``key=value`` separated by ``,``. White space
around each part is ignored.

    script = [ fault { ";" fault } ]
    fault  = kind ":" key "=" number { "," key "=" number }

    kind    what happens when the page is read               keys
    crash   the process ends at once                         page, times
    hang    the call never returns                           page, times
    slow    the batch takes so much longer                   page, times, ms (needed)
    oom     the page answers EngineOutOfMemory               page, times
    fail    the page answers EngineFailed                    page, times

``page`` is needed: the page number, in every job. ``times``: after so many the fault is over; without it, never. Times
are counted for each process, but for ``crash``, which would otherwise never be over, in a folder that outlives it.

Example: ``crash:page=3,times=1; fail:page=5; oom:page=7,times=2; slow:page=9,ms=2000; hang:page=4``
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cluster.errors import StartupError


class FaultKind(StrEnum):
    CRASH = "crash"
    HANG = "hang"
    SLOW = "slow"
    OOM = "oom"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class ScriptedFault:
    """times: None for always. ms: milliseconds, of ``slow`` alone."""

    kind: FaultKind
    page: int
    times: int | None = None
    ms: int = 0


def parse_faults(script: str) -> tuple[ScriptedFault, ...]:
    """The faults of a script, in its order. StartupError names the part that is wrong."""
    return tuple(_fault(part.strip()) for part in script.split(";") if part.strip())


class FaultCounter:
    """Which faults are still to come. folder: where crashes are counted, made when the first one comes."""

    def __init__(self, faults: tuple[ScriptedFault, ...], folder: Path) -> None:
        self._faults = faults
        self._folder = folder
        self._used = [0] * len(faults)

    def next_of(self, page: int) -> list[ScriptedFault]:
        """The faults that reading this page meets now, each counted as having happened."""
        return [fault for index, fault in enumerate(self._faults) if fault.page == page and self._count(index, fault)]

    def _count(self, index: int, fault: ScriptedFault) -> bool:
        if fault.times is None:
            return True
        if fault.kind is FaultKind.CRASH:
            return any(self._mark(f"crash-{index}-{turn}") for turn in range(fault.times))
        self._used[index] += 1
        return self._used[index] <= fault.times

    def _mark(self, name: str) -> bool:
        """Create-only, so that of two processes one alone takes this turn."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            (self._folder / name).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


def _fault(part: str) -> ScriptedFault:
    name, _, rest = part.partition(":")
    try:
        kind = FaultKind(name.strip())
    except ValueError:
        raise _bad(part, f"the kind must be one of {', '.join(FaultKind)}") from None
    values: dict[str, int] = {}
    for pair in rest.split(",") if rest.strip() else ():
        key, _, number = (text.strip() for text in pair.partition("="))
        if key not in ("page", "times", "ms") or (key == "ms") > (kind is FaultKind.SLOW):
            raise _bad(part, f"{kind} has no {key!r}")
        if key in values:
            raise _bad(part, f"{key!r} stands twice")
        if not (number.isascii() and number.isdecimal() and int(number) >= 1):
            raise _bad(part, f"{key!r} must be a whole number from 1")
        values[key] = int(number)
    for key in ("page", "ms") if kind is FaultKind.SLOW else ("page",):
        if key not in values:
            raise _bad(part, f"{kind} needs {key!r}")
    return ScriptedFault(kind, values["page"], values.get("times"), values.get("ms", 0))


def _bad(part: str, reason: str) -> StartupError:
    return StartupError(f"The scripted fault {part!r} is wrong: {reason}.")
