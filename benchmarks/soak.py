"""Hard use of a running server: held against its description, fuzzed, and under a mixed load for half an hour.

Nothing may be answered with 5xx, everything must fit the description, and the server must live on. Under the mixed load
every job must end, with the texts that its document had before, and no process may grow.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import httpx
from hypothesis import HealthCheck, Phase, given, seed, settings

from benchmarks.contract_check import described_by, runs, statuses
from benchmarks.fuzz_inputs import RawRequest, requests
from benchmarks.fuzz_socket import status_of
from benchmarks.memory_slope import SURE
from benchmarks.running_cluster import ended, running_cluster, submit
from benchmarks.soak_load import ENGINES, SURROUNDINGS, Outcome, mixed_load
from benchmarks.table import print_table

TOGETHER = 20
"""Inputs that are on their way at the same time."""

DOCUMENT = ("letter.pdf", b"%PDF-1.7 pages 3\n%%EOF\n")
STANDING = 4
MOST_MB_AN_HOUR = 10
BAD_INPUTS_A_MINUTE = 120


def contract(url: str, known: Mapping[str, Sequence[object]], examples: int, skip: str) -> Counter[int]:
    """The statuses of all answers. Raises what does not fit the description. skip: paths to leave out, a pattern."""
    schema = described_by(url)
    seen: Counter[int] = Counter()
    for run in runs(httpx.get(f"{url}/openapi.json", trust_env=False).json()):
        if skip and re.search(skip, run.path):
            continue
        print(f"  {run.method} {run.path}, {run.mode.value}", flush=True)
        seen.update(statuses(schema, run, known, examples))
    return seen


def inputs(jobs: list[str], count: int, chance: int) -> list[RawRequest]:
    """chance: the seed; the same gives the same inputs again."""
    drawn: list[RawRequest] = []

    @seed(chance)
    @given(requests(jobs))
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def draw(request: RawRequest) -> None:
        drawn.append(request)

    draw()
    return drawn


def fuzz(url: str, drawn: list[RawRequest]) -> Counter[str]:
    """The statuses of all answers. AssertionError names the first input that is answered with 5xx, or not at all."""

    def judged(request: RawRequest) -> str:
        try:
            status = status_of(url, request)
        except ConnectionResetError:
            return "cut"  # who answers before the body has come, and closes, may take his answer back with that
        assert status is not None or not request.whole, f"no answer to {request}"
        assert status is None or status < 500, f"{status} to {request}"
        return "gone before the answer" if status is None else str(status)

    with ThreadPoolExecutor(TOGETHER) as threads:
        return Counter(threads.map(judged, drawn))


def standing_jobs(client: httpx.Client) -> list[str]:
    """Jobs that have ended, for requests to be about. Some of the requests delete them: that is theirs to do."""
    jobs = [submit(client, *DOCUMENT) for _ in range(STANDING)]
    for job in jobs:
        ended(client, job)
    return jobs


def described_and_fuzzed(asked: argparse.Namespace) -> None:
    with (
        running_cluster(engines="null", null_render="true", max_direct_upload_mb="1") as cluster,
        cluster.client() as client,
    ):
        start = time.monotonic()
        if asked.examples:
            known: dict[str, list[Any]] = {"job_id": standing_jobs(client), "page": [1, 2, 3, 4], "file": ["docs.css"]}
            described = contract(cluster.url, known, asked.examples, asked.skip)
            rows = [[str(status), str(count)] for status, count in sorted(described.items())]
            print_table(
                f"Requests as described and otherwise, {time.monotonic() - start:.0f} s", ["status", "answers"], rows
            )
        start = time.monotonic()
        if asked.fuzz:
            sent = fuzz(cluster.url, inputs(standing_jobs(client), asked.fuzz, asked.seed))
            rows = [[status, str(count)] for status, count in sorted(sent.items())]
            print_table(f"Fuzz, {sent.total()} inputs, {time.monotonic() - start:.0f} s", ["status", "answers"], rows)
        client.get("/readyz").raise_for_status()
        standing_jobs(client)
    print("No 5xx, and the server reads on.")


def under_mixed_load(asked: argparse.Namespace) -> bool:
    """Whether all was well."""
    engine = ENGINES[asked.engine]
    count = int(asked.minutes * BAD_INPUTS_A_MINUTE)
    with running_cluster(**engine.settings, **SURROUNDINGS) as cluster:
        load = mixed_load(cluster, engine, asked.minutes, lambda jobs: inputs(jobs, count, asked.seed), asked.seed)
        return report(asyncio.run(load), asked.minutes)


def report(outcome: Outcome, minutes: float) -> bool:
    """Whether all was well."""
    answers = sorted(outcome.soak.client.tally.answers.items())
    print_table(
        f"Mixed load, {minutes:g} minutes: answers",
        ["what", "status", "answers"],
        [[what, status, str(count)] for (what, status), count in answers],
    )
    growing, uncertain = _memory(outcome)
    faults = {
        "answers or jobs that were not as they should be": len(outcome.surprises),
        "jobs that did not end": outcome.unfinished,
        f"processes that grow by more than {MOST_MB_AN_HOUR} MB an hour, by {SURE:g} standard errors": len(growing),
    }
    soak = outcome.soak
    told = [["jobs read to the end", str(soak.jobs)], ["their pages", str(soak.pages)]]
    told += [["clients left out, since the machine was too slow", str(outcome.left_out)]]
    print_table("In all", ["what", "count"], told + [[what, str(count)] for what, count in faults.items()])
    told_of_memory = [*(f"grows: {name}" for name in growing), *(f"may grow, or not: {name}" for name in uncertain)]
    for line in (*outcome.surprises, *told_of_memory):
        print(f"  {line}", flush=True)
    return not any(faults.values())


def _memory(outcome: Outcome) -> tuple[list[str], list[str]]:
    """The processes that surely grow by more than is allowed, and those of which it is not sure that they do not."""
    start, end = outcome.counts_from, max((each.seconds[-1] for each in outcome.memory), default=0.0)
    thirds = [0.0, start, (start + end) / 2, end]
    slopes = [(readings, readings.slope(start)) for readings in outcome.memory]
    print_table(
        "Anonymous memory of each process: its least at first and in each third, and its slope over the last two",
        ["process", "MB at first", "1st third", "2nd third", "3rd third", "MB/hour", "standard error"],
        [
            [
                readings.name,
                f"{readings.megabytes[0]:.1f}",
                *(f"{readings.least(since, until):.1f}" for since, until in pairwise(thirds)),
                *(f"{figure:.1f}" for figure in (grown.mb_an_hour, grown.error)),
            ]
            for readings, grown in slopes
        ],
    )
    growing, uncertain = [], []
    for readings, grown in slopes:
        if grown.surely_above(MOST_MB_AN_HOUR):
            growing.append(readings.name)
        elif not grown.surely_below(MOST_MB_AN_HOUR):
            uncertain.append(readings.name)
    return growing, uncertain


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fuzz", type=int, default=10_000, metavar="N", help="inputs (10000)")
    parser.add_argument(
        "--examples", type=int, default=100, metavar="N", help="requests of each described operation (100)"
    )
    parser.add_argument(
        "--seed", type=int, default=time.time_ns() % 1_000_000, help="of the inputs; by default another each time"
    )
    parser.add_argument("--skip", default="", metavar="PATTERN", help="described paths to leave out")
    parser.add_argument("--minutes", type=float, default=30, help="of mixed load (30); 0 for none")
    parser.add_argument("--engine", choices=[*ENGINES], default="null", help="of the mixed load (null)")
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    if asked.examples or asked.fuzz:
        described_and_fuzzed(asked)
    if asked.minutes and not under_mixed_load(asked):
        sys.exit("The mixed load found faults.")


if __name__ == "__main__":
    main()
