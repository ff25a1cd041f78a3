"""The crash matrix: processes are killed (kill -9) at random moments of a mixed load, and what became of it is counted.

A row is one cluster, on one store, under which one kind of process is killed again and again; or the whole cluster at
once, which is then started anew on the same store. Clients go on sending one-page and 50-page jobs all the while. Rows
that are done are kept in build/chaos.json: a run that was broken off goes on with the missing ones.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from PIL import Image

from benchmarks.chaos_load import PATIENCE_S, Document, Load
from benchmarks.chaos_verdict import judge
from benchmarks.control_plane import document
from benchmarks.running_cluster import REPOSITORY, ClusterSettings, RunningCluster, running_cluster
from benchmarks.table import print_table
from tests.cloud_storage.remote import RemoteDouble, double_process

KEPT = REPOSITORY / "build" / "chaos.json"
BUCKET = "chaos"
EVERYTHING = "everything at once"
PROCESSES = {
    "JobHost": "ray::RayJobHost",
    "OCRActor": "ServeReplica:gnosis-ocr:OCRActor",
    "Renderer": "ServeReplica:gnosis-ocr:Renderer",
    "Ingress": "ServeReplica:gnosis-ocr:Ingress",
    "Serve controller": "ray::ServeController",
}
"""What is killed, and what its process's title contains."""

ENGINES: dict[str, ClusterSettings] = {
    "null": {"engines": "null", "null_delay_ms": "20", "batch_size": "1"},
    "rapidocr": {"engines": "rapidocr"},
}
BEAT_S = "1"
"""Heartbeats come faster than usual: after the loss of the whole cluster its jobs wait until theirs stood still."""

CALM_S = (0.5, 3.0)
"""Between the moment when every client sees pages again and the next kill. Neither a page nor a job is killed twice
before it has got anywhere: either would rightly be blamed for it."""

FURTHER_PAGES = 16
"""A client sees one page more than these, or than its document has, before the next kill: no page of it that was under
way at the last one still is."""

WAIT_S = PATIENCE_S + 20
"""Longer than a client waits for one job before it goes on with the next."""


@dataclass(frozen=True, slots=True)
class Row:
    store: str  # "folder" or "double"
    engine: str
    killed: str
    kills: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Counts; pauses in seconds after each kill. refused: writes that came faster than Cloud Storage takes them."""

    row: Row
    jobs: int
    pages: int
    lost: int
    unfinished: int
    read_again: int
    client_failures: int
    refused: int | None
    pauses: list[float]


def rows(kills: int, kills_with_engine: int) -> list[Row]:
    matrix = [
        Row(store, "null", killed, kills) for store in ("folder", "double") for killed in (*PROCESSES, EVERYTHING)
    ]
    return matrix + [Row("folder", "rapidocr", killed, kills_with_engine) for killed in ("JobHost", "OCRActor")]


# ---------------------------------------------------------------- one row


@contextmanager
def store_of(kind: str) -> Iterator[tuple[str, RemoteDouble | None]]:
    """The store's URL; the double of Cloud Storage runs beside the cluster, and outlives it."""
    with ExitStack() as stack:
        if kind == "folder":
            yield f"file://{stack.enter_context(tempfile.TemporaryDirectory(prefix='gnosis-c-', dir='/tmp'))}", None
            return
        double = stack.enter_context(double_process("--bucket", BUCKET))
        before = os.environ.get("STORAGE_EMULATOR_HOST")
        os.environ["STORAGE_EMULATOR_HOST"] = double.url
        try:
            yield f"gs://{BUCKET}/ocr", double
        finally:
            os.environ.pop("STORAGE_EMULATOR_HOST")
            if before is not None:
                os.environ["STORAGE_EMULATOR_HOST"] = before


def documents(engine: str) -> list[Document]:
    """Three clients with single pages, two with long jobs."""
    if engine == "null":
        letter, book = document(1, real=True), document(50, real=True)
        return [Document(*letter, 1)] * 3 + [Document(*book, 50)] * 2
    letter_png = (REPOSITORY / "samples" / "letter.png").read_bytes()
    first, *others = [Image.open(REPOSITORY / "samples" / f"{name}.png") for name in ("form", "columns", "letter")]
    file = io.BytesIO()
    first.save(file, "TIFF", save_all=True, append_images=others)
    return [Document("letter.png", letter_png, 1), Document("three.tiff", file.getvalue(), 3)]


def run_row(row: Row, seed: int = 1, victims: Sequence[str] = (), further_pages: int = FURTHER_PAGES) -> Outcome:
    """victims: processes to kill in turn, instead of the row's own. further_pages: see FURTHER_PAGES."""
    chance = random.Random(seed)
    kills: list[float] = []
    with store_of(row.store) as (store_url, double), ExitStack() as clusters:
        settings: ClusterSettings = {**ENGINES[row.engine], "store": store_url, "heartbeat_seconds": BEAT_S}
        cluster = clusters.enter_context(running_cluster(**settings))
        settings["port"] = cluster.url.rpartition(":")[2]  # the clients' address stays when all is started anew
        load = Load(lambda: cluster.url, documents(row.engine))
        load.start()
        for number in range(row.kills):
            wait_for_pages(load, further_pages)
            time.sleep(chance.uniform(*CALM_S))
            killed = victims[number % len(victims)] if victims else row.killed
            kills.append(time.time())
            if killed == EVERYTHING:
                cluster.kill_everything()
                clusters.close()
                cluster = clusters.enter_context(running_cluster(**settings))
            else:
                kill_one(cluster, PROCESSES[killed])
        wait_for_pages(load, further_pages)
        load.stop()
        verdict = asyncio.run(judge(store_url, load.accepted))
        for wrong in (*verdict.lost, *verdict.unfinished, *verdict.read_again, *load.failures):
            print(f"  {wrong}", flush=True)
        refused = None if double is None else sum(count.refused for count in double.writes().values())
    return Outcome(
        row,
        verdict.jobs,
        verdict.pages,
        len(verdict.lost),
        len(verdict.unfinished),
        len(verdict.read_again),
        len(load.failures),
        refused,
        [round(pause, 2) for pause in verdict.pauses(kills)],
    )


def wait_for_pages(load: Load, further_pages: int) -> None:
    """Returns once every client has seen further pages. RuntimeError: one saw too few in WAIT_S."""
    end = time.monotonic() + WAIT_S
    further = [min(document.pages, further_pages) + 1 for document in load.documents]
    least = [seen + pages for seen, pages in zip(load.pages_seen, further, strict=True)]
    while any(seen < pages for seen, pages in zip(load.pages_seen, least, strict=True)):
        if time.monotonic() > end:
            raise RuntimeError(f"a client saw too few pages in {WAIT_S:.0f} s; {load.failures}")
        time.sleep(0.05)


def kill_one(cluster: RunningCluster, title: str) -> None:
    """kill -9 of the process of that title; returns once another one has taken its place. RuntimeError: none did."""
    end = time.monotonic() + WAIT_S
    before = cluster.titled(title)
    while not before and time.monotonic() < end:
        time.sleep(0.1)
        before = cluster.titled(title)
    if not before:
        raise RuntimeError(f"no process {title} runs")
    for process in before:
        process.kill()
    gone = {process.pid for process in before}
    while time.monotonic() < end:
        if any(process.pid not in gone for process in cluster.titled(title)):
            return
        time.sleep(0.1)
    raise RuntimeError(f"{title} was killed and did not come back in {WAIT_S:.0f} s")


# ---------------------------------------------------------------- all rows


def kept_outcomes(path: Path) -> dict[Row, Outcome]:
    if not path.is_file():
        return {}
    outcomes = [Outcome(**{**fields, "row": Row(**fields["row"])}) for fields in json.loads(path.read_text())]
    return {outcome.row: outcome for outcome in outcomes}


def keep(path: Path, outcomes: dict[Row, Outcome]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps([asdict(outcome) for outcome in outcomes.values()], indent=1))


def report(outcomes: Sequence[Outcome]) -> None:
    header = ["store", "engine", "killed", "kills", "jobs", "pages", "lost", "not completed", "read again"]
    header += ["clients gave up", "writes refused", "pause s, median", "longest"]
    table = [
        [
            one.row.store,
            one.row.engine,
            one.row.killed,
            str(one.row.kills),
            *(str(n) for n in (one.jobs, one.pages, one.lost, one.unfinished, one.read_again, one.client_failures)),
            "-" if one.refused is None else str(one.refused),
            f"{median(one.pauses):.1f}",
            f"{max(one.pauses):.1f}",
        ]
        for one in outcomes
    ]
    print_table("Crash matrix: kill -9 at random moments of a mixed load", header, table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20, help="of each process, with the null engine (default 20)")
    parser.add_argument("--kills-with-engine", type=int, default=5, help="with rapidocr (default 5)")
    parser.add_argument("--anew", action="store_true", help="forget the rows that are done")
    parser.add_argument("--minutes", type=float, default=60, help="start no further row after so long (default 60)")
    parser.add_argument("--killed", nargs="+", choices=[*PROCESSES, EVERYTHING], help="only the rows of these")
    parser.add_argument("--store", choices=("folder", "double"), help="only the rows on this one")
    chosen = parser.parse_args()
    outcomes = {} if chosen.anew else kept_outcomes(KEPT)
    end = time.monotonic() + 60 * chosen.minutes
    wanted = [
        row
        for row in rows(chosen.kills, chosen.kills_with_engine)
        if row.killed in (chosen.killed or row.killed) and row.store == (chosen.store or row.store)
    ]
    for row in wanted:
        if row in outcomes or time.monotonic() > end:
            continue
        print(f"{row.store}, {row.engine}: killing {row.killed} {row.kills} times", flush=True)
        outcomes[row] = run_row(row)
        keep(KEPT, outcomes)
    report([outcomes[row] for row in wanted if row in outcomes])
    missing = sum(row not in outcomes for row in wanted)
    if missing:
        print(f"{missing} rows are missing; the same command goes on with them.")
