"""The blocking half of the blob store on Cloud Storage: one attempt at each operation, by google-cloud-storage.

Raises what the library raises (google_failure.py says what it means). The library's own retries are off, see
google_calls.py. Contents are sent and taken as they are stored: nothing is compressed or decompressed on the way.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from google.api_core.exceptions import PreconditionFailed, RequestRangeNotSatisfiable

from cluster.blobs.google_address import GoogleAddress
from cluster.blobs.google_calls import THREADS, Attempt
from cluster.blobs.google_client import open_client
from cluster.blobs.google_upload import GoogleUpload
from cluster.blobs.names import MAX_NAME_BYTES, check_name
from cluster.blobs.port import Blob, BlobInfo
from cluster.errors import BlobUnavailable

CONTENT_TYPE = "application/octet-stream"
MOST_LISTED = 1000
"""Cloud Storage gives no more entries in one answer."""

_WRITE_ID = "gnosis-write"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of one version, empty where that ends before the part's start.

    crc32c: of the whole version, as text; None where the answer does not tell.
    """

    data: bytes
    generation: int
    crc32c: str | None


class GoogleBucket:
    """All objects below the address's prefix; names here are ours, without it. StartupError: no credentials."""

    def __init__(self, address: GoogleAddress) -> None:
        self._prefix = address.prefix
        self._client, self._session = open_client(THREADS)
        self._bucket = self._client.bucket(address.bucket)

    def read(self, name: str, attempt: Attempt) -> Blob:
        """The whole blob in one request: the answer's head tells generation and checksum of what its body holds."""
        data, found = self._download(name, attempt)
        return Blob(data, _generation(found, name))

    def piece(self, name: str, start: int, end: int, generation: int | None, attempt: Attempt) -> Piece:
        """Bytes ``start`` to ``end`` (exclusive, above ``start``) of the version ``generation``, None: the newest."""
        try:
            data, found = self._download(name, attempt, start=start, end=end - 1, generation=generation)
        except RequestRangeNotSatisfiable:
            return Piece(b"", generation or 0, None)
        return Piece(data, _generation(found, name), found.crc32c)

    def write(self, name: str, data: bytes, expected: int | None, write_id: str, attempt: Attempt) -> int:
        """One request; the generation. expected: of what stands there (0: nothing, None: whatever does).

        Where an earlier attempt may have landed and the precondition fails, the write's own mark tells if it did.
        """
        blob = self._blob(name)
        blob.metadata = {_WRITE_ID: write_id}
        try:
            blob.upload_from_string(
                data,
                content_type=CONTENT_TYPE,
                if_generation_match=expected,
                checksum="crc32c",
                timeout=attempt.timeout,
                retry=None,
            )
        except PreconditionFailed:
            if attempt.in_doubt and (landed := self._landed(name, write_id, attempt)):
                return landed
            raise
        return _generation(blob, name)

    def begin_upload(self, name: str, expected: int | None, attempt: Attempt) -> GoogleUpload:
        """A resumable upload; its precondition is held against what stands there now, and again at its end."""
        url: str = self._blob(name).create_resumable_upload_session(
            content_type=CONTENT_TYPE, if_generation_match=expected, timeout=attempt.timeout, checksum=None, retry=None
        )
        return GoogleUpload(self._session, url, name, partial(self.delete, name))

    def delete(self, name: str, expected: int | None, attempt: Attempt) -> None:
        self._bucket.delete_blob(
            self._object_name(name), if_generation_match=expected, timeout=attempt.timeout, retry=None
        )

    def list(self, prefix: str, start: str, limit: int, attempt: Attempt) -> list[BlobInfo]:
        found: list[BlobInfo] = []
        for info in self._infos(prefix, start, min(limit + 1, MOST_LISTED), attempt):
            found.append(info)
            if len(found) == limit:
                break
        return found

    def close(self) -> None:
        self._client.close()

    def _infos(self, prefix: str, start: str, page_size: int, attempt: Attempt) -> Iterator[BlobInfo]:
        """Blobs in name order, a request for each ``page_size`` of them."""
        # No name holds NUL, so what follows ``a\0…`` is what follows ``a``; and NUL is never sent.
        first, exclusive, _ = start.partition("\0")
        listed = self._client.list_blobs(
            self._bucket,
            prefix=self._prefix + prefix or None,
            start_offset=self._prefix + first if first else None,
            page_size=page_size,
            projection="noAcl",
            fields="items(name,generation,size),nextPageToken",
            timeout=attempt.timeout,
            retry=None,
        )
        for blob in listed:
            name: str = blob.name.removeprefix(self._prefix)
            if _is_name(name) and not (exclusive and name == first):
                yield BlobInfo(name, _generation(blob, name), blob.size)

    def _download(
        self,
        name: str,
        attempt: Attempt,
        start: int | None = None,
        end: int | None = None,
        generation: int | None = None,
    ) -> tuple[bytes, Any]:
        """The content, and the library's blob with what the answer's head told. A whole one matches its checksum."""
        blob = self._blob(name, generation)
        received = io.BytesIO()
        blob.download_to_file(
            received,
            start=start,
            end=end,
            raw_download=True,
            checksum="crc32c" if start is None else None,
            single_shot_download=True,
            timeout=attempt.timeout,
            retry=None,
        )
        return received.getvalue(), blob

    def _landed(self, name: str, write_id: str, attempt: Attempt) -> int | None:
        """The generation of this very write, if it is what stands there now."""
        blob = self._bucket.get_blob(self._object_name(name), timeout=attempt.timeout, retry=None)
        ours = blob is not None and (blob.metadata or {}).get(_WRITE_ID) == write_id
        return _generation(blob, name) if ours else None

    def _blob(self, name: str, generation: int | None = None) -> Any:
        return self._bucket.blob(self._object_name(name), generation=generation)

    def _object_name(self, name: str) -> str:
        full = self._prefix + name
        if len(full.encode()) > MAX_NAME_BYTES:
            raise ValueError(f"blob name {name[:80]!r}… is longer than {MAX_NAME_BYTES} bytes with its store's prefix")
        return full


def _generation(blob: Any, name: str) -> int:
    if blob.generation is None:
        raise BlobUnavailable(f"{name}: the answer names no generation")
    return int(blob.generation)


def _is_name(name: str) -> bool:
    """Whether it is a blob of ours: strangers may have put other things into the bucket."""
    try:
        check_name(name)
    except ValueError:
        return False
    return True
