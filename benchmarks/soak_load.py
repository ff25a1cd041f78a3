"""A mixed load for a set time: every kind of client at its own pace, and at the end everything looked at once more."""

from __future__ import annotations

import asyncio
import io
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

import httpx
from PIL import Image

from benchmarks.callback_receiver import Callbacks, callback_receiver
from benchmarks.control_plane import document
from benchmarks.fuzz_inputs import RawRequest
from benchmarks.memory_slope import MemoryWatch, Readings
from benchmarks.running_cluster import REPOSITORY, TERMINAL, ClusterSettings, RunningCluster
from benchmarks.soak_client import Record, SoakClient, Surprise, Tally
from benchmarks.soak_stories import BOOK, LETTER, Document, Soak

MOST_AT_ONCE = 12
"""Of one kind of client: where the machine is too slow for the pace, clients are left out, and do not pile up."""

SETTLED_WITHIN_S = 180.0
CHECKED_AGAIN = 100
MOST_SURPRISES = 20
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

Story = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Engine:
    """book_pages: of the long jobs. slowness: how much slower clients come than for the null engine."""

    settings: ClusterSettings
    book_pages: int
    slowness: float


ENGINES = {
    "null": Engine({"engines": "null", "null_delay_ms": "20", "batch_size": "1"}, 30, 1),
    "rapidocr": Engine({"engines": "rapidocr"}, 3, 20),
}
SURROUNDINGS: ClusterSettings = {"webhook_secret": SECRET, "callback_networks": "127.0.0.0/8"}


@dataclass
class Outcome:
    """left_out: clients that did not come, since too many of their kind were there."""

    soak: Soak
    memory: list[Readings]
    counts_from: float
    left_out: int
    unfinished: int

    @property
    def surprises(self) -> list[str]:
        return self.soak.client.tally.surprises


async def mixed_load(
    cluster: RunningCluster, engine: Engine, minutes: float, fuzz: Callable[[list[str]], list[RawRequest]], seed: int
) -> Outcome:
    """fuzz: draws bad requests that are about certain jobs."""
    with callback_receiver() as callbacks:
        client = SoakClient(cluster.url, Tally())
        try:
            soak = await _prepared(cluster, engine, client, callbacks, fuzz, seed)
            watch = MemoryWatch(cluster)
            watch.start()
            left_out = await _run(soak, engine.slowness, time.monotonic() + 60 * minutes)
            memory = watch.stop()
            unfinished = await _settle(client)
            await _check_again(soak)
            return Outcome(soak, memory, watch.counts_from, left_out, unfinished)
        finally:
            await client.close()


async def _prepared(
    cluster: RunningCluster,
    engine: Engine,
    client: SoakClient,
    callbacks: Callbacks,
    fuzz: Callable[[list[str]], list[RawRequest]],
    seed: int,
) -> Soak:
    """Both documents are read once: so they are to be read ever after."""
    if engine.settings["engines"] == "null":
        letter, book = (document(pages, real=True) for pages in (1, engine.book_pages))
    else:
        letter = "letter.png", (REPOSITORY / "samples" / "letter.png").read_bytes()
        book = _real_book()
    victims = [(await _read(client, *letter, LETTER))["job_id"] for _ in range(2)]
    return Soak(
        cluster.url,
        client,
        callbacks,
        await _first_reading(client, *letter, LETTER),
        await _first_reading(client, *book, BOOK),
        await asyncio.to_thread(fuzz, victims),
        random.Random(seed),
    )


def _real_book() -> tuple[str, bytes]:
    first, *others = [Image.open(REPOSITORY / "samples" / f"{name}.png") for name in ("form", "columns", "letter")]
    file = io.BytesIO()
    first.save(file, "TIFF", save_all=True, append_images=others)
    return "three.tiff", file.getvalue()


async def _read(client: SoakClient, name: str, data: bytes, options: Mapping[str, str]) -> Record:
    params = {**options, "filename": name}
    answer = await client.ask("submit, raw", "POST", "/api/jobs", 202, params=params, content=data)
    return await client.ended(answer.json()["job_id"])


async def _first_reading(client: SoakClient, name: str, data: bytes, options: Mapping[str, str]) -> Document:
    record = await _read(client, name, data, options)
    job, pages = record["job_id"], len(record["pages"])
    texts = [
        (await client.ask("text", "GET", f"/api/jobs/{job}/pages/{page}/text", 200)).text
        for page in range(1, pages + 1)
    ]
    output = await client.ask("result", "GET", f"/api/jobs/{job}/result", 200, params={"format": "txt"})
    if record["status"] != "completed" or not all(texts):
        raise Surprise(f"{name} was read as {texts}, {record['status']}")
    return Document(name, data, options, pages, tuple(texts), output.text)


# ---------------------------------------------------------------- the load


async def _run(soak: Soak, slowness: float, end: float) -> int:
    """How many clients were left out. Seconds between two of a kind stand here."""
    paces: list[tuple[Story, float]] = [
        (soak.letter_waited_for, 0.7),
        (soak.letter_called_back, 1.5),
        (soak.book_listened_to, 6),
        (soak.book_resumed, 9),
        (soak.book_cancelled, 15),
        (soak.book_deleted, 9),
        (soak.listing, 2),
        (soak.bad_input, 0.5),
    ]
    kinds = [_paced(soak.client.tally, story, every * slowness, end) for story, every in paces]
    return sum(await asyncio.gather(*kinds))


async def _paced(tally: Tally, story: Story, every_s: float, end: float) -> int:
    running: set[asyncio.Task[None]] = set()
    left_out = 0
    due = time.monotonic()
    while due < end and len(tally.surprises) < MOST_SURPRISES:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        due += every_s
        if len(running) >= MOST_AT_ONCE:
            left_out += 1
            continue
        task = asyncio.create_task(_told(tally, story))
        running.add(task)
        task.add_done_callback(running.discard)
    if running:
        await asyncio.wait(running)
    return left_out


async def _told(tally: Tally, story: Story) -> None:
    """A surprise ends its story, and is told; a connection that breaks while nobody was killed is one, too."""
    name = getattr(story, "__name__", "at the end")
    try:
        await asyncio.wait_for(story(), SETTLED_WITHIN_S)
    except (Surprise, httpx.HTTPError, OSError, TimeoutError) as surprise:
        tally.surprises.append(f"{name}: {type(surprise).__name__}: {surprise}")
        print(f"  {tally.surprises[-1]}", flush=True)


# ---------------------------------------------------------------- the end


async def _settle(client: SoakClient) -> int:
    """How many jobs have not ended when they should have; all that the list has."""
    end = time.monotonic() + SETTLED_WITHIN_S
    while True:
        left = await _unfinished(client)
        if not left or time.monotonic() > end:
            return left
        await asyncio.sleep(1)


async def _unfinished(client: SoakClient) -> int:
    params, count = {"limit": "100"}, 0
    while True:
        page = (await client.ask("list", "GET", "/api/jobs", 200, params=params)).json()
        count += sum(job["status"] not in TERMINAL for job in page["jobs"])
        if page["next_page_token"] is None:
            return count
        params["page_token"] = page["next_page_token"]


async def _check_again(soak: Soak) -> None:
    """Jobs that were kept, the earliest among them, are as they were."""
    for job, kept in list(soak.kept.items())[:CHECKED_AGAIN]:
        await _told(soak.client.tally, partial(soak.look_again, job, kept))
