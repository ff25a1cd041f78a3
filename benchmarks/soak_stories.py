"""What the clients of a mixed load do, story by story.

Each submits a job its own way, follows it, and holds it against what the same document read as before.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from benchmarks.callback_receiver import Callbacks
from benchmarks.fuzz_inputs import RawRequest
from benchmarks.fuzz_socket import status_of
from benchmarks.soak_client import Record, SoakClient, Surprise

LETTER = {"mode": "ocr"}
BOOK = {"mode": "ocr", "layout": "plain"}
"""Options. Of these small pages the layout step takes longer than all the rest, so books do without."""

VERSION = {"Tus-Resumable": "1.0.0"}
PIECES = 4
CALLED_WITHIN_S = 60.0
KEPT_SHARE = 0.05
"""Jobs that are not deleted once they were looked at: the list has something to list, and the store does not fill."""


@dataclass(frozen=True, slots=True)
class Document:
    """options: of its jobs. texts: of its pages, and output: of all of them as ``txt``, both as first read."""

    name: str
    data: bytes
    options: Mapping[str, str]
    pages: int
    texts: tuple[str, ...] = ()
    output: str = ""


@dataclass
class Soak:
    """What the stories share. kept: jobs that are to be there and right at the end, with their documents."""

    url: str
    client: SoakClient
    callbacks: Callbacks
    letter: Document
    book: Document
    fuzz: list[RawRequest]
    chance: random.Random
    kept: dict[str, Document] = field(default_factory=dict)
    jobs: int = 0
    pages: int = 0

    # ------------------------------------------------------------ stories

    async def letter_waited_for(self) -> None:
        """A raw body, answered when the job has ended; sent twice with one Idempotency-Key now and then."""
        headers = {"Idempotency-Key": f"soak {next(_numbers)}"}
        params = {**self.letter.options, "filename": self.letter.name, "wait": "60"}
        again = self.chance.random() < 0.2
        asked = {"content": self.letter.data, "headers": headers, "params": params}
        answers = await asyncio.gather(
            *(self.client.ask("submit, raw", "POST", "/api/jobs", 200, **asked) for _ in range(1 + again))
        )
        jobs = {answer.json()["job_id"] for answer in answers}
        if len(jobs) > 1:
            raise Surprise(f"one Idempotency-Key made the jobs {jobs}")
        await self._judge(answers[0].json(), self.letter)

    async def letter_called_back(self) -> None:
        """A form, followed by ETag and wait, with a callback at the end."""
        form = {
            **self.letter.options,
            "callback_url": self.callbacks.url,
            "priority": self.chance.choice(("interactive", "bulk")),
        }
        file = {"file": (self.letter.name, self.letter.data)}
        answer = await self.client.ask("submit, form", "POST", "/api/jobs", 202, data=form, files=file)
        record = await self.client.ended(answer.json()["job_id"])
        told = await asyncio.to_thread(self.callbacks.wait_for, record["job_id"], CALLED_WITHIN_S)
        if told != record["status"] or self.callbacks.wrong:
            raise Surprise(f"job {record['job_id']} ended {record['status']}; the callback told {told}")
        await self._judge(record, self.letter)

    async def book_listened_to(self) -> None:
        """Listeners to the end, one of whom comes back in the middle, and one who leaves for good."""
        job = await self._submit(self.book)
        listeners = [self._listen(job), self._listen(job, leaves_after=self.book.pages // 3), self._leave(job)]
        await asyncio.gather(*listeners)
        await self._judge(await self.client.ended(job), self.book)

    async def book_resumed(self) -> None:
        """A resumable upload, broken off in the middle of a piece, of which a job is made."""
        data = self.book.data
        created = await self.client.ask(
            "tus", "POST", "/api/uploads", 201, headers={**VERSION, "Upload-Length": str(len(data))}
        )
        path = created.headers["location"]
        offset, size = 0, len(data) // PIECES + 1
        while offset < len(data):
            if offset and self.chance.random() < 0.3:
                await self._broken_off(path, offset, data[offset : offset + size])
                asked = await self.client.ask("tus", "HEAD", path, 200, headers=VERSION)
                offset = int(asked.headers["upload-offset"])
                continue
            sent = await self.client.ask(
                "tus", "PATCH", path, 204, 409, headers=_patch_headers(offset), content=data[offset : offset + size]
            )
            if sent.status_code == 409:  # what was broken off was still being stored when we asked
                sent = await self.client.ask("tus", "HEAD", path, 200, headers=VERSION)
            offset = int(sent.headers["upload-offset"])
        upload = path.rpartition("/")[2]
        body = {"source": {"upload_id": upload}, "options": {**self.book.options, "priority": "bulk"}}
        answer = await self.client.ask("submit, upload", "POST", "/api/jobs", 202, json=body)
        await self._judge(await self.client.ended(answer.json()["job_id"]), self.book)

    async def book_cancelled(self) -> None:
        """Cancelled in the middle, then read to the end by a retry."""
        job = await self._submit(self.book)
        await asyncio.sleep(self.chance.random())
        answer = await self.client.ask("cancel", "POST", f"/api/jobs/{job}/cancel", 202, 409)
        record = await self.client.ended(job)
        if answer.status_code == 202:
            if record["status"] != "cancelled":
                raise Surprise(f"job {job} was cancelled and ended {record['status']}")
            retried = await self.client.ask("retry", "POST", f"/api/jobs/{job}/retry", 202, 409)
            if retried.status_code == 409:  # the last page had been read: all there is to do is done
                return await self._judge(record, self.book, "cancelled")
            record = await self.client.ended(job)
        await self._judge(record, self.book)

    async def book_deleted(self) -> None:
        """Deleted while it is read, a listener beside it: nobody finds it from then on."""
        job = await self._submit(self.book)
        leaving = asyncio.create_task(self._leave(job))
        await asyncio.sleep(self.chance.random())
        await self.client.ask("delete", "DELETE", f"/api/jobs/{job}", 204)
        await self.client.ask("status", "GET", f"/api/jobs/{job}/status", 404)
        await leaving

    async def listing(self) -> None:
        """Some pages of the list, and the figures."""
        params = {"limit": "20", **self.chance.choice(({}, {"status": "completed"}))}
        for _ in range(3):
            page = (await self.client.ask("list", "GET", "/api/jobs", 200, params=params)).json()
            if page["next_page_token"] is None:
                break
            params["page_token"] = page["next_page_token"]
        for path in ("/api/info", "/api/metrics/summary", "/readyz", "/openapi.json"):
            await self.client.ask("about", "GET", path, 200)

    async def bad_input(self) -> None:
        """What nobody should send: of each kind with its answer, and one of the fuzz."""
        post = {"method": "POST", "path": "/api/jobs"}
        letter = {"content": self.letter.data}
        tries: list[tuple[int, dict[str, object]]] = [
            (400, {**post, **letter, "params": {"colour": "red"}}),
            (400, {**post, **letter, "params": {"pages": "9-2"}}),
            (400, {**post, **letter, "params": {"dpi": "1e9"}}),
            (400, {**post, **letter, "params": {"wait": "-1"}}),
            (400, {**post, "content": b""}),
            (400, {**post, "content": b"{", "headers": {"Content-Type": "application/json"}}),
            (415, {**post, "content": b"plain text, which no page is"}),
            (405, {"method": "PUT", "path": "/api/jobs"}),
            (404, {"method": "GET", "path": "/api/jobs/01890000-0000-7000-8000-000000000001/status"}),
            (404, {"method": "GET", "path": "/api/nothing"}),
        ]
        right, request = self.chance.choice(tries)
        method, path = str(request.pop("method")), str(request.pop("path"))
        await self.client.ask("bad input", method, path, right, **request)
        if self.fuzz:
            status = await asyncio.to_thread(_status, self.url, self.fuzz.pop())
            self.client.tally.answers["fuzz", status] += 1
            if status.startswith("5"):
                raise Surprise(f"fuzz: {status}")

    # ------------------------------------------------------------ what they have in common

    async def _submit(self, document: Document) -> str:
        params = {**document.options, "filename": document.name}
        answer = await self.client.ask("submit, raw", "POST", "/api/jobs", 202, params=params, content=document.data)
        return str(answer.json()["job_id"])

    async def _broken_off(self, path: str, offset: int, piece: bytes) -> None:
        """Half of the piece comes, and no more."""

        async def half() -> AsyncIterator[bytes]:
            yield piece[: len(piece) // 2]
            raise _Left

        headers = {**_patch_headers(offset), "Content-Length": str(len(piece))}
        try:
            await self.client.ask("tus", "PATCH", path, 204, headers=headers, content=half())
        except _Left:
            return
        raise Surprise(f"{path}: half a piece was taken for a whole one")

    async def _listen(self, job: str, leaves_after: int = 0) -> None:
        """Each page comes once, with its text, and the end comes last. leaves_after: pages; comes back then."""
        texts: dict[int, str] = {}
        last_id, ended = "", False
        while not ended:
            async with self.client.events(job, last_id) as events:
                async for name, told_id, data in events:
                    last_id = told_id
                    if name == "done":
                        ended = True
                    if name != "page":
                        continue
                    page = json.loads(data)
                    if page["page"] in texts:
                        raise Surprise(f"job {job}: page {page['page']} was told twice")
                    texts[page["page"]] = page["text"]
                    if leaves_after and len(texts) == leaves_after:
                        break
                else:
                    if not ended:
                        raise Surprise(f"job {job}: the events ended before the job")
            leaves_after = 0
        if texts != dict(enumerate(self.book.texts, 1)):
            raise Surprise(f"job {job}: {len(texts)} pages were told, or other texts than before")

    async def _leave(self, job: str) -> None:
        """Listens to a few events, and is gone; of a deleted job there may be none."""
        try:
            async with self.client.events(job) as events:
                async for _ in events:
                    if self.chance.random() < 0.2:
                        break
        except Surprise as surprise:
            if "404" not in str(surprise):
                raise

    async def _judge(self, record: Record, document: Document, status: str = "completed") -> None:
        """All pages completed and read as before; then the job is deleted, or kept."""
        job = record["job_id"]
        self.jobs, self.pages = self.jobs + 1, self.pages + document.pages
        await self.check(record, document, status)
        if status == "completed" and self.chance.random() < KEPT_SHARE:
            self.kept[job] = document
        else:
            await self.client.ask("delete", "DELETE", f"/api/jobs/{job}", 204)

    async def look_again(self, job: str, document: Document) -> None:
        answer = await self.client.ask("status", "GET", f"/api/jobs/{job}/status", 200)
        await self.check(answer.json(), document)

    async def check(self, record: Record, document: Document, status: str = "completed") -> None:
        """Surprise: the job ended otherwise, a page is missing, or a text is another."""
        job = record["job_id"]
        if record["status"] != status or record["pages_completed"] != document.pages:
            raise Surprise(f"job {job} ended {record['status']} with {record['pages_completed']} pages")
        page = self.chance.randint(1, document.pages)
        text = await self.client.ask("text", "GET", f"/api/jobs/{job}/pages/{page}/text", 200)
        output = await self.client.ask("result", "GET", f"/api/jobs/{job}/result", 200, params={"format": "txt"})
        if text.text != document.texts[page - 1] or output.text != document.output:
            raise Surprise(f"job {job}: page {page}, or the output, is not as it was read before")


class _Left(Exception):
    """A client goes away in the middle of a request."""


_numbers = count()


def _patch_headers(offset: int) -> dict[str, str]:
    return {**VERSION, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}


def _status(url: str, request: RawRequest) -> str:
    try:
        return str(status_of(url, request) or "gone before the answer")
    except ConnectionResetError:
        return "cut"
