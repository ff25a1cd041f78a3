"""The body of a retry: nothing, or JSON with the document's password."""

from __future__ import annotations

from contextlib import aclosing

import orjson

from cluster.errors import BodyMalformed, FileTooLarge, OptionInvalid
from cluster.options import check_password
from serve_app.incoming_body import IncomingBody

MOST_BYTES = 16 << 10


async def retry_password(body: IncomingBody) -> str | None:
    """The password that was sent, None where there is none. BodyMalformed, OptionInvalid; FileTooLarge past 16 KB."""
    too_large = FileTooLarge(f"The body of a retry is larger than {MOST_BYTES >> 10} KB, the limit for it.")
    async with aclosing(body.pieces(MOST_BYTES, too_large)) as pieces:
        data = b"".join([piece async for piece in pieces])
    if not data.strip():
        return None
    try:
        fields = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise BodyMalformed('The body is no JSON; send none, or {"password": "…"}.') from None
    if not isinstance(fields, dict):
        raise BodyMalformed('The body is no JSON object; send none, or {"password": "…"}.')
    for name in fields:
        if name != "password":
            raise OptionInvalid(f"The option `{name[:60]}` is unknown; a retry takes `password` alone.")
    password = fields.get("password")
    if password is not None and not isinstance(password, str):
        raise OptionInvalid("`password` is no text.")
    return check_password(password)
