"""What a client may ask of a job."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cluster.callback_url import CallbackTerms, check_callback_url
from cluster.errors import OptionInvalid
from cluster.page_range import check_page_range

MODES = ("auto", "ocr", "text")
LAYOUTS = ("full", "plain")
PRIORITIES = ("interactive", "bulk")
DPI_RANGE = (72, 400)
NOT_BUILT: tuple[str, ...] = ()
"""Options of the HTTP contract whose part does not exist yet: refused, never accepted and ignored."""

MOST_LANGUAGES = 20
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class JobOptions:
    """Options as checked and stored in the marker and the record. The password is not among them.

    mode: ``auto`` (a page's embedded text where it is good, else OCR), ``ocr`` (always) or ``text`` (never).
    pages: ``1-3,7`` or None for all. dpi: dots an inch of the page images. session_id: the client's own grouping.
    engine: the OCR pool, None for the deployment's default. priority: pages of ``bulk`` jobs wait for others.
    callback_url: where the terminal record is sent, or None. languages: what the document is written in, as BCP 47
    names them, ``de,zh-hant``; None where nothing was said. layout: ``full``, or ``plain``: without the layout step.
    """

    mode: str = "auto"
    pages: str | None = None
    dpi: int = 150
    session_id: str | None = None
    engine: str | None = None
    priority: str = "interactive"
    callback_url: str | None = None
    languages: str | None = None
    layout: str = "full"

    @property
    def language_codes(self) -> tuple[str, ...]:
        return tuple(self.languages.split(",")) if self.languages else ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "mode": self.mode,
            "pages": self.pages,
            "dpi": self.dpi,
            "session_id": self.session_id,
            "engine": self.engine,
            "priority": self.priority,
            "callback_url": self.callback_url,
            "languages": self.languages,
            "layout": self.layout,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> JobOptions:
        """From what was stored; names of later versions are ignored."""
        return cls(**{name: data[name] for name in cls.__slots__ if name in data})


ALLOWED = (
    *("mode", "pages", "engine", "dpi", "password", "priority", "session_id", "callback_url"),
    *("languages", "layout"),
)


NO_CALLBACKS = CallbackTerms()


NO_LANGUAGES: Mapping[str, Sequence[str]] = {}


def parse_options(
    fields: Mapping[str, str],
    engines: Sequence[str] = (),
    callbacks: CallbackTerms = NO_CALLBACKS,
    readable: Mapping[str, Sequence[str]] = NO_LANGUAGES,
) -> tuple[JobOptions, str | None]:
    """Checks what the client sent; returns the options and the password. OptionInvalid names the field.

    engines: those that may be named, the default first. callbacks: what is allowed of them. readable: the languages of
    those engines that tell what they read.
    """
    for name in fields:
        if name in NOT_BUILT:
            raise OptionInvalid(f"The option `{name}` is not available in this version; allowed are {_names()}.")
        if name not in ALLOWED:
            raise OptionInvalid(f"The option `{name[:60]}` is unknown; allowed are {_names()}.")
    mode = fields.get("mode", "auto")
    if mode not in MODES:
        raise OptionInvalid(f"`mode` is `{mode[:40]}`; allowed are `auto`, `ocr` and `text`.")
    layout = fields.get("layout") or LAYOUTS[0]
    if layout not in LAYOUTS:
        raise OptionInvalid(f"`layout` is `{layout[:40]}`; allowed are `full` and `plain`.")
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
        _languages(fields.get("languages")),
        layout,
    )
    if mode != "text":
        _check_readable(options, engines, readable)
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


def _languages(text: str | None) -> str | None:
    """In one spelling: lower case, each once, in the order asked for."""
    codes = [code.strip().lower() for code in (text or "").split(",")]
    codes = list(dict.fromkeys(code for code in codes if code))
    for code in codes:
        if not _LANGUAGE.fullmatch(code):
            raise OptionInvalid(f"`languages` has `{code[:40]}`; allowed are codes as in `de,fr` or `zh-Hant`.")
    if len(codes) > MOST_LANGUAGES:
        raise OptionInvalid(f"`languages` has {len(codes)} codes; allowed are {MOST_LANGUAGES}.")
    return ",".join(codes) or None


def _check_readable(options: JobOptions, engines: Sequence[str], readable: Mapping[str, Sequence[str]]) -> None:
    """OptionInvalid where the engine reads none of the languages, by the codes' first parts."""
    engine = options.engine or next(iter(engines), "")
    known = readable.get(engine, ())
    codes = options.language_codes
    if codes and known and not {code.partition("-")[0] for code in codes} & set(known):
        asked = ",".join(codes)
        raise OptionInvalid(
            f"`languages` is `{asked[:60]}`, none of which the engine `{engine[:60]}` reads; "
            f"allowed are {', '.join(known)}."
        )


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
