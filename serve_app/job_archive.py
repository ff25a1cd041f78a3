"""What stands in the archive of a job: its outputs, and text and image of each page, as they are stored."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.errors import BlobNotFound
from cluster.record import JobRecord
from serve_app.blob_response import PIECE_BYTES
from serve_app.filenames import archive_name
from serve_app.zip_stream import DateTime, Entry

_LISTED_AT_ONCE = 1000


async def archive_entries(
    store: BlobStore, prefix: str, record: JobRecord, extensions: Mapping[str, str]
) -> AsyncIterator[Entry]:
    """extensions: by format, where they differ from its name. Blobs are opened one after the other.

    BlobNotFound, before the first entry, where an output is gone: the job is being deleted.
    """
    sizes = {name: size async for name, size in _listed(store, layout.outputs(prefix))}
    outputs = {prefix + file: name for name, file in record.outputs.items()}
    if gone := outputs.keys() - sizes:
        raise BlobNotFound(f"{min(gone)}: there is no such blob")
    for name in sorted(outputs):
        inside = archive_name(record.file_info.filename, extensions.get(outputs[name], outputs[name]))
        yield Entry(inside, sizes[name], store.open_read(name, PIECE_BYTES))
    async for name, size in _listed(store, layout.pages(prefix)):
        if (entry := _page_entry(prefix, name)) is not None:
            yield Entry(entry, size, store.open_read(name, PIECE_BYTES))


def archive_time(record: JobRecord) -> DateTime:
    """When the job was accepted, UTC; ZIP knows no time before 1980."""
    try:
        date, _, time = record.created_at.partition("T")
        year, month, day = (int(part) for part in date.split("-"))
        hour, minute, second = (int(part) for part in time[:8].split(":"))
    except ValueError:
        return 1980, 1, 1, 0, 0, 0
    return max(1980, year), month, day, hour, minute, second


def _page_entry(prefix: str, name: str) -> str | None:
    if (page := layout.page_of_image(prefix, name)) is not None:
        return f"images/page_{page:03d}.png"
    if (page := layout.page_of_text(prefix, name)) is not None:
        return f"text/page_{page:03d}.txt"
    return None


async def _listed(store: BlobStore, prefix: str) -> AsyncIterator[tuple[str, int]]:
    start = ""
    while True:
        infos = await store.list(prefix, start, _LISTED_AT_ONCE)
        for info in infos:
            yield info.name, info.size
        if len(infos) < _LISTED_AT_ONCE:
            return
        start = infos[-1].name + "\0"
