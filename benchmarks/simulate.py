"""The cluster in virtual time, from one replica to a hundred: what it costs a page, who waits, where a limit bites.

No Ray is started. The machine, the page budget, the pacing of saves, the batching and the autoscaling are the
product's own; what pools and store take is drawn by a seed, and so are failures, crashes and preemptions. The load
grows with the replicas, in waves; there is no replica at the start, and none is left at the end. A call carries one
page, and the processor time of hosts is not in the virtual times.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace

from benchmarks.percentile import percentile
from benchmarks.simulation.cluster import SimulatedCluster
from benchmarks.simulation.load import BOOK, LETTER, REPORT
from benchmarks.simulation.pool import Ledger
from benchmarks.simulation.terms import Terms
from benchmarks.table import print_table
from cluster.record import JobStatus, PageStatus

SIZES = (1, 10, 100)
SPANS = [f"{kind} {share}" for kind in (LETTER, REPORT, BOOK, "page") for share in ("p50", "p99")]


def simulated(terms: Terms) -> SimulatedCluster:
    begun = time.monotonic()
    cluster = SimulatedCluster(terms)
    ended = cluster.run()
    print(
        f"{terms.replicas} replicas: {terms.jobs} jobs, {terms.pages} pages, {cluster.agenda.now / 60:.0f} minutes "
        f"in {time.monotonic() - begun:.0f} s",
        file=sys.stderr,
        flush=True,
    )
    if not ended:
        raise SystemExit("After a day not every job had ended, or not every replica: that is a fault.")
    return cluster


def work(cluster: SimulatedCluster) -> list[str]:
    """What became of it all."""
    tally, terms = cluster.tally, cluster.terms
    lost = terms.pages - tally.pages.total()
    return [
        str(terms.replicas),
        str(tally.jobs.total()),
        str(tally.jobs[JobStatus.COMPLETED]),
        str(tally.pages[PageStatus.COMPLETED]),
        str(tally.pages[PageStatus.FAILED]),
        str(lost),
        f"{tally.attempts / terms.pages:.4f}",
        str(cluster.ocr.ledger.crashed + cluster.renderers.ledger.crashed),
        str(cluster.ocr.ledger.preempted + cluster.renderers.ledger.preempted),
    ]


def cost(cluster: SimulatedCluster) -> list[str]:
    """What a page costs, and how much of what was paid for worked."""
    tally, terms = cluster.tally, cluster.terms
    return [
        str(terms.replicas),
        f"{cluster.ocr.ledger.paid_s / terms.pages:.2f}",
        f"{cluster.renderers.ledger.paid_s / terms.pages:.2f}",
        f"{100 * cluster.ocr.ledger.working_s / cluster.ocr.ledger.paid_s:.0f} %",
        f"{100 * fill(cluster.ocr.ledger, terms.batch):.0f} %",
        f"{tally.writes / terms.pages:.2f}",
        f"{1000 * tally.step_s / terms.pages:.2f}",
    ]


def fill(ledger: Ledger, batch: int) -> float:
    return ledger.pages / ledger.batches / batch if ledger.batches else 0.0


def waits(cluster: SimulatedCluster) -> list[str]:
    """How long jobs take, from their acceptance to their end."""
    tally = cluster.tally
    times = [f"{percentile(tally.took_s[kind], share):.0f}" for kind in (LETTER, REPORT, BOOK) for share in (0.5, 0.99)]
    pages = [f"{percentile(tally.page_s, share):.0f}" for share in (0.5, 0.99)]
    return [str(cluster.terms.replicas), *times, *pages, f"{tally.fairness():.2f}"]


def pace(cluster: SimulatedCluster) -> list[str]:
    """What the parts that are not pools have to do."""
    tally, now = cluster.tally, cluster.agenda.now
    return [
        str(cluster.terms.replicas),
        str(cluster.terms.hosts),
        f"{tally.record_writes / now:.1f}",
        f"{tally.writes / now:.1f}",
        str(tally.most_writes_a_second()),
        str(cluster.ocr.ledger.most),
        str(cluster.renderers.ledger.most),
        str(len(cluster.ocr.ledger.targets)),
    ]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicas", type=int, nargs="+", default=SIZES, help="the most OCR replicas, each a row")
    parser.add_argument("--jobs", type=int, default=100, help="for each replica, of 20 pages on average")
    parser.add_argument("--busy", type=float, default=0.6, help="pages that come, as a share of what can be read")
    parser.add_argument("--start", type=float, default=120, help="seconds until a new node's replica is up")
    parser.add_argument("--spot", type=float, default=3600, help="seconds that a node is left to us, on average")
    parser.add_argument("--down", type=float, default=60, help="GNOSIS_SCALE_DOWN_SECONDS")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    chosen = arguments()
    terms = Terms(
        jobs_a_replica=chosen.jobs,
        busy=chosen.busy,
        start_s=chosen.start,
        spot_s=chosen.spot,
        down_s=chosen.down,
        seed=chosen.seed,
    )
    clusters = [simulated(replace(terms, replicas=replicas)) for replicas in chosen.replicas]
    print_table(
        "What became of the work",
        ["replicas", "jobs", "completed", "pages read", "failed", "lost", "attempts/page", "crashes", "preemptions"],
        [work(cluster) for cluster in clusters],
    )
    print_table(
        "What a page costs",
        ["replicas", "OCR s/page", "Renderer s/page", "working", "fill", "writes/page", "host CPU ms/page"],
        [cost(cluster) for cluster in clusters],
    )
    print_table(
        "Seconds from acceptance to the end, median and 99th percentile; of a page until it is stored; Jain's index",
        ["replicas", *SPANS, "fairness"],
        [waits(cluster) for cluster in clusters],
    )
    print_table(
        "Writes to the blob store a second, and replicas",
        ["replicas", "hosts", "records/s", "writes/s", "most in a second", "most OCR", "most Renderers", "targets set"],
        [pace(cluster) for cluster in clusters],
    )


if __name__ == "__main__":
    main()
