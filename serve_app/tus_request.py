"""What requests to ``/api/uploads`` say in their headers, by the tus protocol, version 1.0."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

from starlette.datastructures import Headers

from cluster.errors import BodyMalformed, FileEmpty, MediaTypeUnsupported, OptionInvalid, TusVersionUnsupported

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,expiration"
CHUNK_TYPE = "application/offset+octet-stream"
MOST_METADATA = 16 << 10
"""Bytes of the header Upload-Metadata."""

_KEY = re.compile(r"[!-+\--~]{1,100}")
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


def check_version(headers: Headers) -> None:
    """TusVersionUnsupported where the client speaks another version, or names none."""
    version = headers.get("tus-resumable")
    if version is None:
        raise TusVersionUnsupported
    if version != VERSION:
        raise TusVersionUnsupported(f"`Tus-Resumable` is `{version[:40]}`; resumable uploads speak {VERSION}.")


def check_chunk_type(content_type: str) -> None:
    """MediaTypeUnsupported unless the body is sent as a piece of an upload."""
    if content_type != CHUNK_TYPE:
        told = f"The body is `{content_type[:60]}`" if content_type else "The body has no Content-Type"
        raise MediaTypeUnsupported(f"{told}; a piece of an upload is sent as `{CHUNK_TYPE}`.")


def upload_length(headers: Headers) -> int:
    """Bytes of the upload to be. OptionInvalid, FileEmpty."""
    if "upload-defer-length" in headers:
        raise OptionInvalid("`Upload-Defer-Length` is not supported; send the file's size as `Upload-Length`.")
    if "upload-concat" in headers:
        raise OptionInvalid("`Upload-Concat` is not supported; send the file as one upload.")
    length = _number(headers, "Upload-Length")
    if length == 0:
        raise FileEmpty
    return length


def upload_offset(headers: Headers) -> int:
    """Bytes. OptionInvalid."""
    return _number(headers, "Upload-Offset")


def upload_metadata(headers: Headers) -> str:
    """The header Upload-Metadata as it was sent, empty where it was not. OptionInvalid where it can't be read."""
    text = headers.get("upload-metadata", "")
    if len(text) > MOST_METADATA:
        raise OptionInvalid(f"`Upload-Metadata` is longer than {MOST_METADATA >> 10} KB.")
    decoded_metadata(text)
    return text


def decoded_metadata(text: str) -> Mapping[str, str]:
    """What Upload-Metadata says: comma-separated pairs of a key and a value in base64, the value optional."""
    values: dict[str, str] = {}
    for pair in text.split(",") if text.strip() else []:
        key, _, value = pair.strip().partition(" ")
        if _KEY.fullmatch(key) is None or key in values:
            raise OptionInvalid(f"`Upload-Metadata` has a key that is bad or there twice: `{key[:60]}`.")
        try:
            values[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, ValueError):
            raise OptionInvalid(f"`Upload-Metadata`: the value of `{key[:60]}` is not UTF-8 text in base64.") from None
    return values


def overridden_method(method: str, headers: Headers) -> str:
    """The method that the header X-HTTP-Method-Override names in the place of POST, for clients that have no other."""
    wanted = headers.get("x-http-method-override")
    if method != "POST" or wanted is None:
        return method
    if wanted.upper() not in ("PATCH", "DELETE", "HEAD", "OPTIONS", "POST"):
        raise BodyMalformed("`X-HTTP-Method-Override` names no method that a resumable upload takes.")
    return wanted.upper()


def _number(headers: Headers, name: str) -> int:
    text = headers.get(name)
    if text is None:
        raise OptionInvalid(f"The header `{name}` is missing; it is a number of bytes.")
    if _NUMBER.fullmatch(text) is None:
        raise OptionInvalid(f"`{name}` is `{text[:40]}`; it is a number of bytes.")
    return int(text)
