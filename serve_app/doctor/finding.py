"""A finding: what one check found, how bad it is, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """WARNING: it works, and not as well as it could. FAULT: the server would not start, or not do what it is for."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """check: what was looked at, in a word or two. mend: what to do about it; empty where nothing is to be done."""

    check: str
    verdict: Verdict
    found: str
    mend: str = ""


def ok(check: str, found: str) -> Finding:
    return Finding(check, Verdict.OK, found)


def warning(check: str, found: str, mend: str) -> Finding:
    return Finding(check, Verdict.WARNING, found, mend)


def fault(check: str, found: str, mend: str) -> Finding:
    return Finding(check, Verdict.FAULT, found, mend)
