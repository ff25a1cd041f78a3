"""Faults by script, for the null engine: ``crash:page=3,times=1;fail:page=5;oom:page=7,times=2;slow:page=9,ms=2000``.

A script is a list of faults separated by ``;``. A fault is its kind, then ``page=N`` (the page it strikes, of whatever
job), ``times=N`` (how often; without it always) and for ``slow`` ``ms=N`` (how long the page takes).

crash: the replica's process ends at once. Its count must outlive the process, so it is kept as files in a folder.
fail: the page gets EngineFailed. oom: the page gets EngineOutOfMemory unless it is alone in its batch.
slow: the batch takes that much longer. hang: the batch never ends.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from cluster.errors import StartupError

KINDS = ("crash", "fail", "oom", "slow", "hang")


@dataclass(frozen=True, slots=True)
class ScriptedFault:
    """times: None strikes always. ms: of ``slow``."""

    kind: str
    page: int
    times: int | None = None
    ms: int = 0


def parse_faults(script: str) -> tuple[ScriptedFault, ...]:
    """StartupError says what is wrong with the script."""
    return tuple(_parse(part.strip()) for part in script.split(";") if part.strip())


def _parse(part: str) -> ScriptedFault:
    kind, _, rest = part.partition(":")
    if kind not in KINDS:
        raise StartupError(f"The fault {part!r} is of no known kind; known are {', '.join(KINDS)}.")
    values: dict[str, int] = {}
    for pair in rest.split(","):
        name, _, value = pair.partition("=")
        if name not in ("page", "times", "ms") or not value.isdecimal():
            raise StartupError(f"The fault {part!r} has {pair!r}; allowed are page=N, times=N and ms=N.")
        values[name] = int(value)
    if "page" not in values:
        raise StartupError(f"The fault {part!r} names no page.")
    return ScriptedFault(kind, values["page"], values.get("times"), values.get("ms", 0))


class FaultCounts:
    """How often each fault has struck. folder: where the counts of crashes outlive the process."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._counts: Counter[ScriptedFault] = Counter()

    def strikes(self, fault: ScriptedFault) -> bool:
        """Whether the fault strikes once more; if so, it is counted."""
        if fault.times is None:
            return True
        if fault.kind == "crash" and self._folder is not None:
            return any(self._claim(self._folder / f"crash-{fault.page}-{n}") for n in range(fault.times))
        self._counts[fault] += 1
        return self._counts[fault] <= fault.times

    def _claim(self, path: Path) -> bool:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(exist_ok=False)
        except FileExistsError:
            return False
        return True
