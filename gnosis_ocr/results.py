"""What was read: of one page, or of a whole job in one of its formats."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, Literal, get_args
from urllib.parse import quote

from gnosis_ocr.errors import OptionInvalid, ServerUnreachable
from gnosis_ocr.exchange import PAUSES_S, exchange
from gnosis_ocr.jobs import JobRef, path_of
from gnosis_ocr.steps import Pause, Plan, Request, Shut, read, work

TextFormat = Literal["md", "txt", "json", "hocr", "alto"]
"""The formats that are text."""


def page_text(job: JobRef, page: int) -> Plan[str]:
    """PageNotFound, PageNotReady, PageFailed."""
    answer = yield from exchange(Request("GET", path_of(job, f"/pages/{page}/text")))
    return answer.content.decode("utf-8")


def page_image(job: JobRef, page: int) -> Plan[bytes]:
    """PNG. PageNotFound, PageNotReady, PageFailed."""
    return (yield from exchange(Request("GET", path_of(job, f"/pages/{page}/image")))).content


def result(job: JobRef, output: str) -> Plan[bytes]:
    """output: a format of the HTTP contract. ResultNotReady, ResultUnavailable, FormatNotAvailable, OptionInvalid."""
    return (yield from exchange(_result(job, output))).content


def result_text(job: JobRef, output: str) -> Plan[str]:
    """As ``result``, of the formats that are text; OptionInvalid of others."""
    check_text(output)
    return (yield from result(job, output)).decode("utf-8")


def check_text(output: str) -> None:
    if output not in get_args(TextFormat):
        allowed = ", ".join(f"`{name}`" for name in get_args(TextFormat))
        raise OptionInvalid(f"`format` is `{output}`; text is in {allowed}.", status=400, code="option_invalid")


def downloaded(job: JobRef, output: str, path: Path) -> Plan[Path]:
    """As ``result``, into a file, piece by piece: it is there when it is whole. OSError where it can't be written."""
    for pause in (*PAUSES_S, None):
        yield from exchange(_result(job, output), stream=True)
        with _growing(path) as file:
            try:
                while piece := (yield from read()):
                    yield from work(partial(file.write, piece))
                yield Shut()
                yield from work(file.flush)
                yield from work(partial(os.replace, file.name, path))
                return path
            except ServerUnreachable:
                if pause is None:
                    raise
        yield Shut()
        yield Pause(pause)
    raise AssertionError("the last attempt has no pause after it")


def _result(job: JobRef, output: str) -> Request:
    return Request("GET", path_of(job, f"/result?format={quote(output, safe='')}"))


@contextmanager
def _growing(path: Path) -> Iterator[BinaryIO]:
    """A file beside ``path``, removed at the end unless it has taken that one's name."""
    beside = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        with beside.open("xb") as file:
            yield file
    finally:
        beside.unlink(missing_ok=True)
