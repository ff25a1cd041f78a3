"""The metrics: every name, with its labels, in one place. docs/metrics.md has the table that ``metrics_table`` prints.

Ray exports them from every node, each with ``ray_`` before its name, a counter with ``_total`` behind it, a histogram
as ``_bucket``, ``_sum`` and ``_count``. Its ``_sum`` is a guess of Ray's, which takes each value for the middle of its
bucket, so we count what was observed ourselves, as ``_summed_total``. No label names a job, a user or a document, so
there are as many series as there are processes, engines and routes, however many jobs are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    COUNTER = "counter"  # grows, from the start of its process
    GAUGE = "gauge"  # what is now
    HISTOGRAM = "histogram"  # how often which values came


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """Equal to itself alone. name: without what Ray adds. meaning: one sentence. buckets: upper bounds, if any."""

    name: str
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    @property
    def exported(self) -> tuple[str, ...]:
        """The names of its series in Prometheus."""
        name = f"ray_{self.name}"
        match self.kind:
            case Kind.COUNTER:
                return (f"{name}_total",)
            case Kind.HISTOGRAM:
                return (f"{name}_bucket", f"{name}_count", f"ray_{self.summed}_total")
        return (name,)

    @property
    def summed(self) -> str:
        """Of a histogram: the name of the counter of all that was observed."""
        return f"{self.name}_summed"


SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
JOB_SECONDS = (0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 86_400.0)
SHARES = (0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0)
PAGES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)


class TimedStage(StrEnum):
    """What a document or a page spends its time on."""

    UPLOAD = "upload"  # in the Ingress, until the document is stored
    OPEN = "open"
    WAIT = "wait"  # a page, until the host's budget has a place for it
    RENDER = "render"  # from the call to its answer, the Renderer's own queue included
    QUEUE = "queue"  # in the OCRActor, until the page's batch begins
    RECOGNISE = "recognise"  # the batch in which the page is read
    ARRANGE = "arrange"
    SAVE = "save"  # a page's result
    ASSEMBLE = "assemble"


JOBS_ACCEPTED = Metric("gnosis_jobs_accepted", Kind.COUNTER, "Jobs whose marker was created.")
JOBS_ENDED = Metric("gnosis_jobs_ended", Kind.COUNTER, "Jobs that ended, by their status.", ("status",))
JOBS_LIVE = Metric("gnosis_jobs_live", Kind.GAUGE, "Jobs that hosts have claimed and that have not ended.")
JOBS_WAITING = Metric("gnosis_jobs_waiting", Kind.GAUGE, "Jobs that hosts have found and not claimed yet.")
JOB_TIME = Metric(
    "gnosis_job_seconds",
    Kind.HISTOGRAM,
    "Seconds from a job's creation to its stored end; a retry counts from the creation as well.",
    ("status",),
    JOB_SECONDS,
)
PAGES_ENDED = Metric(
    "gnosis_pages_ended",
    Kind.COUNTER,
    "Pages that ended, by outcome (completed, failed, skipped), engine and source (ocr, embedded); `none` where there "
    "is none.",
    ("outcome", "engine", "source"),
)
PAGES_WAITING = Metric(
    "gnosis_pages_waiting", Kind.GAUGE, "Pages that wait for a place in a host's budget, by pool.", ("pool",)
)
PAGES_IN_FLIGHT = Metric("gnosis_pages_in_flight", Kind.GAUGE, "Pages that hold such a place, by pool.", ("pool",))
OLDEST_PAGE = Metric(
    "gnosis_oldest_page_seconds",
    Kind.GAUGE,
    "How long ago the oldest page that has not ended asked for its first place, by pool; 0 where there is none.",
    ("pool",),
)
STAGE_TIME = Metric(
    "gnosis_stage_seconds",
    Kind.HISTOGRAM,
    "Seconds that documents (upload, open, assemble) and pages (all others) spent in each stage.",
    ("stage",),
    SECONDS,
)
BATCH_PAGES = Metric("gnosis_batch_pages", Kind.HISTOGRAM, "Pages of a batch.", ("engine",), PAGES)
BATCH_FILL = Metric(
    "gnosis_batch_fill", Kind.HISTOGRAM, "Pages of a batch as a share of what it had room for.", ("engine",), SHARES
)
BATCH_TIME = Metric("gnosis_batch_seconds", Kind.HISTOGRAM, "Seconds that a batch took.", ("engine",), SECONDS)
BATCH_QUEUE = Metric(
    "gnosis_batch_queue_pages", Kind.GAUGE, "Pages in an OCRActor that are in no batch yet.", ("engine",)
)
RECORD_SAVES = Metric(
    "gnosis_record_saves",
    Kind.COUNTER,
    "Writes of records, claims among them: saved, conflict, throttled, or unclear where there was no answer.",
    ("outcome",),
)
FENCINGS = Metric(
    "gnosis_fencings",
    Kind.COUNTER,
    "Jobs lost to another owner: `running`, or `claiming` where the other was quicker.",
    ("when",),
)
RECOVERIES = Metric("gnosis_recoveries", Kind.COUNTER, "Jobs claimed that an owner had left unfinished.")
ATTEMPTS_AGAIN = Metric(
    "gnosis_retries", Kind.COUNTER, "Attempts after the first, by work (open, render, recognise, assemble).", ("work",)
)
REPLICAS_LOST = Metric(
    "gnosis_replicas_lost",
    Kind.COUNTER,
    "Calls that ended with their replica, by pool; announced: it was about to go.",
    ("pool", "announced"),
)
REPLICA_RECYCLES = Metric(
    "gnosis_replica_recycles", Kind.COUNTER, "Replicas that retired: they had read enough or grew large.", ("engine",)
)
CALLBACKS = Metric("gnosis_callbacks", Kind.COUNTER, "Callbacks: delivered, failed (attempts), given_up.", ("outcome",))
CALLBACKS_DUE = Metric("gnosis_callbacks_due", Kind.GAUGE, "Callbacks that are still to be delivered.")
BLOB_OPERATIONS = Metric(
    "gnosis_blob_operations",
    Kind.COUNTER,
    "Operations on the blob store, by outcome: ok; expected answers (not_found, conflict); failures (throttled, "
    "unavailable, forbidden, corrupt, error); abandoned, where nobody waited for the answer any more.",
    ("operation", "outcome"),
)
BLOB_TIME = Metric(
    "gnosis_blob_seconds", Kind.HISTOGRAM, "Seconds that operations on the blob store took.", ("operation",), SECONDS
)
HTTP_REQUESTS = Metric(
    "gnosis_http_requests",
    Kind.COUNTER,
    "Requests answered, by route (its pattern), method and status.",
    ("route", "method", "status"),
)
HTTP_TIME = Metric(
    "gnosis_http_seconds",
    Kind.HISTOGRAM,
    "Seconds to the first byte of an answer; requests that ask to wait are left out.",
    ("route",),
    SECONDS,
)
HTTP_OPEN = Metric("gnosis_http_open", Kind.GAUGE, "Requests that are open.")
UPLOAD_BYTES = Metric("gnosis_upload_bytes", Kind.GAUGE, "Bytes reserved for uploads under way.")
PROCESS_STARTED = Metric(
    "gnosis_process_started_seconds",
    Kind.GAUGE,
    "When a process of the cluster started, in seconds since 1970, by role (Ingress, JobHost, Renderer, OCRActor) and "
    "pool.",
    ("role", "pool"),
)
PROCESS_MEMORY = Metric(
    "gnosis_process_memory_bytes",
    Kind.GAUGE,
    "Memory of a process of the cluster, without what it shares with others.",
    ("role", "pool"),
)
GPU_MEMORY = Metric(
    "gnosis_gpu_memory_bytes",
    Kind.GAUGE,
    "GPU memory that an engine under torch holds: `reserved`, and `used` of it.",
    ("engine", "kind"),
)

ALL: tuple[Metric, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))


def metrics_table() -> str:
    """All metrics as a table in Markdown, in the order of this module."""
    rows = [
        f"| `{metric.exported[0]}` | {metric.kind} | {', '.join(metric.labels) or '-'} | {metric.meaning} |"
        for metric in ALL
    ]
    return "\n".join(["| name in Prometheus | kind | labels | what it tells |", "|---|---|---|---|", *rows])


if __name__ == "__main__":
    print(metrics_table())
