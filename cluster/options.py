"""What a client may ask of a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cluster.callback_url import CallbackTerms, check_callback_url
from cluster.errors import OptionInvalid
from cluster.page_range import check_page_range

MODES = ("auto", "ocr")
PRIORITIES = ("interactive", "bulk")
DPI_RANGE = (72, 400)
NOT_BUILT = ("languages",)
"""Options of the HTTP contract whose part does not exist yet: refused, never accepted and ignored."""


@dataclass(frozen=True, slots=True)
class JobOptions:
    """Options as checked and stored in the marker and the record. The password is not among them.

    mode: ``auto`` or ``ocr``; until embedded text is judged, both read every page by OCR.
    pages: ``1-3,7`` or None for all. dpi: dots an inch of the page images. session_id: the client's own grouping.
    engine: the OCR pool, None for the deployment's default. priority: pages of ``bulk`` jobs wait for others.
    callback_url: where the terminal record is sent, or None.
    layout: ``full``, or ``plain`` to leave the layout step out.
    """

    mode: str = "auto"
    pages: str | None = None
    dpi: int = 150
    session_id: str | None = None
    engine: str | None = None
    priority: str = "interactive"
    callback_url: str | None = None
    layout: str = "full"

    def as_dict(self) -> dict[str, Any]:
        return {
            "mode": self.mode,
            "pages": self.pages,
            "dpi": self.dpi,
            "session_id": self.session_id,
            "engine": self.engine,
            "priority": self.priority,
            "callback_url": self.callback_url,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> JobOptions:
        """From what was stored; names of later versions are ignored."""
        return cls(**{name: data[name] for name in cls.__slots__ if name in data})


ALLOWED = ("mode", "pages", "engine", "dpi", "password", "priority", "session_id", "callback_url")


NO_CALLBACKS = CallbackTerms()


def parse_options(
    fields: Mapping[str, str], engines: Sequence[str] = (), callbacks: CallbackTerms = NO_CALLBACKS
) -> tuple[JobOptions, str | None]:
    """Checks what the client sent; returns the options and the password. OptionInvalid names the field.

    engines: those that may be named, the default first. callbacks: what is allowed of them.
    """
    for name in fields:
        if name in NOT_BUILT:
            raise OptionInvalid(f"The option `{name}` is not available in this version; allowed are {_names()}.")
        if name not in ALLOWED:
            raise OptionInvalid(f"The option `{name[:60]}` is unknown; allowed are {_names()}.")
    mode = fields.get("mode", "auto")
    if mode == "text":
        raise OptionInvalid("`mode` = `text` is not available in this version; allowed are `auto` and `ocr`.")
    if mode not in MODES:
        raise OptionInvalid(f"`mode` is `{mode[:40]}`; allowed are `auto` and `ocr`.")
    pages = check_page_range(fields["pages"]) if fields.get("pages") else None
    password = check_password(fields.get("password"))
    priority = fields.get("priority") or PRIORITIES[0]
    if priority not in PRIORITIES:
        raise OptionInvalid(f"`priority` is `{priority[:40]}`; allowed are `interactive` and `bulk`.")
    options = JobOptions(
        mode,
        pages,
        _dpi(fields.get("dpi", "150")),
        _session(fields.get("session_id")),
        _engine(fields.get("engine"), engines),
        priority,
        check_callback_url(fields.get("callback_url"), callbacks),
    )
    return options, password


def check_password(text: str | None) -> str | None:
    """The document's password, None where it is empty. OptionInvalid."""
    if text is not None and len(text) > 1024:
        raise OptionInvalid("`password` is longer than 1024 characters.")
    return text or None


def _engine(name: str | None, engines: Sequence[str]) -> str | None:
    """None for the default, also where it is named: another default tomorrow reads unfinished jobs of today as well."""
    if not name or name in engines[:1]:
        return None
    if name not in engines:
        allowed = ", ".join(f"`{engine}`" for engine in engines)
        raise OptionInvalid(f"`engine` is `{name[:200]}`; allowed are {allowed}.")
    return name


def _names() -> str:
    return ", ".join(f"`{name}`" for name in ALLOWED)


def _dpi(text: str) -> int:
    low, high = DPI_RANGE
    if not (text.strip().isdecimal() and len(text) <= 6 and low <= int(text) <= high):
        raise OptionInvalid(f"`dpi` is `{text[:40]}`; allowed is a whole number from {low} to {high}.")
    return int(text)


def _session(text: str | None) -> str | None:
    if not text:
        return None
    if len(text) > 200 or not text.isprintable():
        raise OptionInvalid("`session_id` may have up to 200 printable characters.")
    return text
