"""A submission in JSON: where the document is, and the options.

``{"source": {"upload_id": "…"} | {"uri": "gs://bucket/name.pdf"}, "options": {…}}``
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import orjson

from cluster.callback_url import CallbackTerms
from cluster.errors import BodyMalformed, FileMissing, FileTooLarge, OptionInvalid
from cluster.options import ALLOWED, NO_CALLBACKS, NO_LANGUAGES, parse_options
from cluster.source_uri import SourceUri, parse_source_uri
from serve_app.incoming_body import IncomingBody

MEDIA_TYPE = "application/json"
MOST_BYTES = 64 << 10
_SHAPE = '{"source": {"upload_id": "…"}, "options": {…}}, or with {"uri": "gs://…"} as the source'


@dataclass(frozen=True, slots=True)
class JsonSubmission:
    """Either ``upload_id`` or ``uri``. fields: the options as text, checked."""

    upload_id: str | None
    uri: SourceUri | None
    fields: Mapping[str, str]


async def read_submission(
    body: IncomingBody,
    query: Mapping[str, str],
    engines: Sequence[str],
    callbacks: CallbackTerms = NO_CALLBACKS,
    readable: Mapping[str, Sequence[str]] = NO_LANGUAGES,
) -> JsonSubmission:
    """query: what it says beside ``wait``. engines, callbacks, readable: as for ``parse_options``.

    BodyMalformed, FileMissing, OptionInvalid; FileTooLarge past 64 KB.
    """
    for name in query:
        raise OptionInvalid(f"`{name[:60]}` stands in the query; options of a JSON submission stand in `options`.")
    too_large = FileTooLarge(f"A submission in JSON is larger than {MOST_BYTES >> 10} KB, the limit for it.")
    async with aclosing(body.pieces(MOST_BYTES, too_large)) as pieces:
        data = b"".join([piece async for piece in pieces])
    try:
        content = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise BodyMalformed(f"The body is no JSON; send {_SHAPE}.") from None
    if not isinstance(content, dict):
        raise BodyMalformed(f"The body is no JSON object; send {_SHAPE}.")
    _only(content, ("source", "options"), "")
    fields = _fields(content.get("options"))
    parse_options(fields, engines, callbacks, readable)
    upload_id, uri = _source(content.get("source"))
    return JsonSubmission(upload_id, uri, fields)


def _source(source: Any) -> tuple[str | None, SourceUri | None]:
    if source is None:
        raise FileMissing(f"The body names no `source`; send {_SHAPE}.")
    if not isinstance(source, dict):
        raise OptionInvalid('`source` is no JSON object; allowed are {"upload_id": "…"} and {"uri": "gs://…"}.')
    _only(source, ("upload_id", "uri"), "source.")
    if len(source) != 1:
        told = "both `source.upload_id` and `source.uri`" if source else "neither `source.upload_id` nor `source.uri`"
        raise OptionInvalid(f"The body has {told}; a job has one document.")
    for name, value in source.items():
        if not isinstance(value, str):
            raise OptionInvalid(f"`source.{name}` is no text.")
    upload_id, uri = source.get("upload_id"), source.get("uri")
    return upload_id, None if uri is None else parse_source_uri(uri)


def _fields(options: Any) -> dict[str, str]:
    """Options as the other kinds of submission send them: text; a number may stand as one, null is as if left out."""
    if options is None:
        return {}
    if not isinstance(options, dict):
        raise OptionInvalid("`options` is no JSON object.")
    fields: dict[str, str] = {}
    for name, value in options.items():
        if name not in ALLOWED:
            parse_options({name: ""})
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise OptionInvalid(f"`{name}` is neither text nor a whole number.")
        fields[name] = str(value)
    return fields


def _only(content: Mapping[str, Any], names: Sequence[str], where: str) -> None:
    for name in content:
        if name not in names:
            allowed = " and ".join(f"`{where}{each}`" for each in names)
            raise OptionInvalid(f"`{where}{name[:60]}` is unknown; allowed are {allowed}.")
