"""A submission: a document becomes a job, whichever way it comes; never two, however often it must be sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Literal, TypedDict

from gnosis_ocr.bodies import FormBody, OnProgress
from gnosis_ocr.errors import FileTooLarge, NotFound, OptionInvalid, RequestRefused, ServerUnreachable
from gnosis_ocr.exchange import exchange
from gnosis_ocr.jobs import job_of, server_info
from gnosis_ocr.records import Job
from gnosis_ocr.resumable_upload import CHUNK_BYTES, removed, uploaded
from gnosis_ocr.sources import Source, SourceLike, open_source, uri_of
from gnosis_ocr.steps import Plan, Request, work

LONGEST_KEY = 200
"""Characters of an Idempotency-Key."""


class JobOptions(TypedDict, total=False):
    """What a job may be asked; docs/api.md says what each means. Those left out, or None, are the server's default.

    mode: how pages are read. pages: ``1-3,7``. engine: one of the server's. dpi: of page images. languages: what the
    document is written in, codes as in ``de`` or ``zh-Hant``. layout: ``plain`` leaves the layout step out. password:
    opens an encrypted document. session_id: the caller's own grouping. callback_url: gets the record at the end.
    """

    mode: Literal["auto", "ocr", "text"] | None
    pages: str | None
    engine: str | None
    dpi: int | None
    languages: str | Sequence[str] | None
    layout: Literal["full", "plain"] | None
    password: str | None
    priority: Literal["interactive", "bulk"] | None
    session_id: str | None
    callback_url: str | None


def submitted(
    given: SourceLike, filename: str | None, options: JobOptions, key: str, on_progress: OnProgress | None
) -> Plan[Job]:
    """key: the Idempotency-Key, one for each document that is meant once. RequestRefused, ServerUnreachable,
    SourceUnreadable."""
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise _invalid(f"`idempotency_key` must have 1 to {LONGEST_KEY} printable ASCII characters.")
    fields = _fields(options)
    if (uri := uri_of(given)) is not None:
        return (yield from _named({"uri": uri}, fields, key))
    source = yield from work(lambda: open_source(given, filename))
    with closing(source):
        return (yield from _sent(source, fields, key, on_progress))


def _sent(source: Source, fields: Mapping[str, str], key: str, on_progress: OnProgress | None) -> Plan[Job]:
    if not (yield from _too_large_for_a_request(source)):
        try:
            return (yield from _in_a_request(source, fields, key, on_progress))
        except FileTooLarge:
            # A document of a single chunk may still be above this server's limit of one request.
            if source.size > CHUNK_BYTES or source.size > (yield from server_info()).upload_bytes:
                raise
    upload_id = yield from uploaded(source, on_progress)
    try:
        return (yield from _named({"upload_id": upload_id}, fields, key))
    except ServerUnreachable:
        raise
    except RequestRefused as refused:
        if 400 <= refused.status < 429:  # for good, so the upload is of no more use
            yield from _let_go_of(upload_id)
        raise


def _invalid(detail: str) -> OptionInvalid:
    """As the server would refuse it, if it could be sent."""
    return OptionInvalid(detail, status=400, code="option_invalid")


def _let_go_of(upload_id: str) -> Plan[None]:
    """It would expire by itself."""
    try:
        yield from removed(upload_id)
    except (RequestRefused, ServerUnreachable):
        return


def _too_large_for_a_request(source: Source) -> Plan[bool]:
    """Small documents are sent without asking."""
    if source.size <= CHUNK_BYTES:
        return False
    try:
        return source.size > (yield from server_info()).direct_upload_bytes
    except NotFound:  # a server from before it told its limits
        return False


def _in_a_request(source: Source, fields: Mapping[str, str], key: str, on_progress: OnProgress | None) -> Plan[Job]:
    body = FormBody(source, fields, on_progress)
    return job_of((yield from exchange(Request("POST", "/api/jobs", {**body.headers, **_idempotent(key)}, body))))


def _named(source: Mapping[str, str], fields: Mapping[str, str], key: str) -> Plan[Job]:
    body = json.dumps({"source": source, "options": fields}).encode()
    headers = {"Content-Type": "application/json", **_idempotent(key)}
    return job_of((yield from exchange(Request("POST", "/api/jobs", headers, body))))


def _idempotent(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def _fields(options: JobOptions) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in options.items():
        if isinstance(value, str):
            fields[name] = value
        elif isinstance(value, Sequence):
            fields[name] = ",".join(value)
        elif value is not None:
            fields[name] = str(value)
    return fields
