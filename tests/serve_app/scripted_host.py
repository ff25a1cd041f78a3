"""A host that does what the documents' names say: a whole HTTP side on a socket, for commands that read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from cluster import layout
from cluster.errors import BlobNotFound
from cluster.marker import Operation, decode_marker, queued_record
from cluster.record import ErrorInfo, JobRecord, JobStatus, PageRecord, PageStatus, Step, decode, encode
from tests.serve_app.builders import PDF, Server
from tests.serve_app.obedient_host import ObedientHost, obedient_server
from tests.served_app import served

BAD_PAGE = PageRecord(PageStatus.FAILED, error=ErrorInfo("engine_failed", "It broke."), attempts=3)


class ScriptedHost(ObedientHost):
    """``partial`` in the name: the second page can't be read, in the first run; ``broken``: the job fails; ``slow``: it
    is read until it is cancelled; all others are read at once."""

    def __init__(self, web: Server) -> None:
        super().__init__(web.store)
        self._web = web
        self.read: list[str] = []

    async def notify(self, job_id: str) -> None:
        try:
            marker = decode_marker((await self._web.store.read(layout.marker(job_id))).data)
        except BlobNotFound:
            return
        if "slow" in marker.document.filename and marker.operation is Operation.RUN and marker.run == 1:
            record = queued_record(marker)
            pages = {1: PageRecord(PageStatus.PROCESSING)}
            going = replace(
                record, status=JobStatus.PROCESSING, current_step=Step.OCR_PROCESSING, pages=pages, epoch=1, revision=1
            )
            await self._web.store.put(layout.record(marker.prefix), encode(going))
            self._web.gateway.show(going)
            return
        await super().notify(job_id)
        if marker.operation is Operation.CANCEL:
            await self._skip_the_rest(layout.record(marker.prefix))
        self._web.gateway.forget(job_id)

    async def _skip_the_rest(self, name: str) -> None:
        record = decode((await self._web.store.read(name)).data)
        assert isinstance(record, JobRecord)
        skipped = {number: replace(page, status=PageStatus.SKIPPED) for number, page in record.pages.items()}
        await self._web.store.put(name, encode(replace(record, pages=skipped)))

    async def _read(self, record: JobRecord, prefix: str) -> JobRecord:
        name = record.file_info.filename
        self.read.append(name)
        if "broken" in name:
            error = ErrorInfo("document_damaged", "The document is damaged.")
            step = Step.EXTRACTION_FAILED
            return replace(
                record, status=JobStatus.FAILED, current_step=step, error=error, owner="", epoch=1, revision=2
            )
        text = f"# {name}\n".encode()
        outputs = {"md": f"result-{record.run}-1.md", "txt": f"result-{record.run}-1.txt"}
        for output in outputs.values():
            await self._web.store.put(prefix + output, text)
        whole = replace(await super()._read(record, prefix), outputs=outputs)
        await self._web.store.put(prefix + "result-1-1.md", text)
        if "partial" in name and self.read.count(name) == 1:
            pages = {**whole.pages, 2: BAD_PAGE}
            return replace(whole, status=JobStatus.PARTIAL, pages=pages, pages_failed=1)
        return whole


@dataclass
class ScriptedServer:
    """read: the names of documents in the order in which they were read. asked: method and path of each request."""

    url: str
    host: ScriptedHost
    web: Server
    asked: list[str] = field(default_factory=list)

    @property
    def read(self) -> list[str]:
        return self.host.read

    def counted(self, method: str, end: str) -> int:
        return sum(each.startswith(f"{method} ") and each.endswith(end) for each in self.asked)


@contextmanager
def scripted_server(**settings: Any) -> Iterator[ScriptedServer]:
    web = obedient_server(**settings)
    host = ScriptedHost(web)
    web.gateway.on_adopt, web.gateway.on_notify = host.adopt, host.notify
    made = ScriptedServer("", host, web)

    async def noting(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            made.asked.append(f"{scope['method']} {scope['path']}")
        await web.app(scope, receive, send)

    with served(noting) as url:
        made.url = url
        yield made
    asyncio.run(web.client.aclose())


def document(number: int = 0) -> bytes:
    """A PDF by its beginning, unlike that of any other number."""
    return PDF + b"%% " + str(number).encode()
