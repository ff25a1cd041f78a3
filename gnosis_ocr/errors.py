"""What can go wrong with a server, as classes: a tree of its own, for programs that have nothing else of the project.

GnosisError                      anything that this package raises on purpose
├── AddressInvalid               the server's address is none
├── SourceUnreadable             the document can't be read, or changed while it was sent
├── ServerUnreachable            no answer came
│   └── ServerSilent             a connection stood, and nothing came over it in time
├── JobFailed                    a job that was to be read has failed; has the job
│   └── JobCancelled             somebody has cancelled it
├── WaitTimeout                  the job had not ended by then; has the job
└── RequestRefused               the server answered with a problem; has its status, code, detail, retry_after
    ├── UnexpectedAnswer         what answered is not this project's server, or a newer one
    ├── Unauthorized             no API key, or one that is not valid (any more)
    ├── OptionInvalid            an option is unknown or out of range
    ├── NotFound
    │   ├── JobNotFound
    │   ├── PageNotFound
    │   └── UploadNotFound       also UploadExpired
    ├── FileRefused              the document itself is not taken
    │   ├── FileEmpty
    │   ├── FileTooLarge
    │   └── MediaTypeUnsupported
    ├── StateConflict            the job's state does not allow it now
    │   ├── ResultNotReady, ResultUnavailable, FormatNotAvailable
    │   ├── PageNotReady, PageFailed
    │   ├── JobFinished, JobNotFinished, NothingToRetry
    │   ├── IdempotencyConflict
    │   └── UploadConflict
    ├── LimitReached             the API key's own limits
    │   ├── TooManyJobs
    │   ├── RateLimited
    │   └── QuotaExceeded
    └── ServerBusy               later it may be taken
        ├── Overloaded
        └── StorageUnavailable

The class follows from the ``code`` of the server's problem alone, never from its text. A code that is not known here,
as a later version may have, is a plain RequestRefused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from gnosis_ocr.records import Job


class GnosisError(Exception):
    """Something went wrong. detail: for people."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class AddressInvalid(GnosisError):
    """The server's address is no URL such as ``http://127.0.0.1:8000``."""


class SourceUnreadable(GnosisError):
    """The document can't be read from where it was to come, or it changed while it was sent."""


class ServerUnreachable(GnosisError):
    """No server answers."""


class ServerSilent(ServerUnreachable):
    """The server took the request and did not answer in time; it may have done what was asked."""


class JobFailed(GnosisError):
    """The job has failed: ``job.error`` says why."""

    def __init__(self, job: Job) -> None:
        super().__init__(self._told(job))
        self.job = job

    def __reduce__(self) -> tuple[type[JobFailed], tuple[Job]]:
        return type(self), (self.job,)

    def _told(self, job: Job) -> str:
        return f"The job {job.job_id} has failed." if job.error is None else f"{job.error.code}: {job.error.message}"


class JobCancelled(JobFailed):
    """The job was cancelled; what was read until then can be had."""

    def _told(self, job: Job) -> str:
        return f"The job {job.job_id} was cancelled."


class WaitTimeout(GnosisError):
    """The job had not ended in the time that was given; it goes on. job: as it was known last."""

    def __init__(self, job: Job) -> None:
        super().__init__(f"The job {job.job_id} has not ended yet: {job.status}, {job.percent} %.")
        self.job = job

    def __reduce__(self) -> tuple[type[WaitTimeout], tuple[Job]]:
        return type(self), (self.job,)


class RequestRefused(GnosisError):
    """The server refused the request.

    status: of the HTTP answer. code: stable, from the HTTP contract. retry_after: seconds after which the server
    would have it asked again, None where it did not say. request_id: finds it in the server's log.
    """

    codes: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self, detail: str, *, status: int, code: str, retry_after: float | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.request_id = request_id

    def __reduce__(self) -> tuple[Any, ...]:
        return _refused_again, (type(self), self.__dict__)


def _refused_again(cls: type[RequestRefused], fields: dict[str, Any]) -> RequestRefused:
    return cls(**fields)


class UnexpectedAnswer(RequestRefused):
    """The answer is none of the HTTP contract, such as a proxy's own page."""

    codes = ("unexpected_answer",)


class Unauthorized(RequestRefused):
    """A valid API key is needed."""

    codes = ("unauthorized",)


class OptionInvalid(RequestRefused):
    """An option is unknown or out of range; the detail names it and what is allowed."""

    codes = ("option_invalid",)


class NotFound(RequestRefused):
    """There is nothing at this address."""

    codes = ("not_found",)


class JobNotFound(NotFound):
    """There is no such job, or it is another user's, or it was deleted."""

    codes = ("job_not_found",)


class PageNotFound(NotFound):
    """The job has no such page."""

    codes = ("page_not_found",)


class UploadNotFound(NotFound):
    """There is no such resumable upload any more."""

    codes = ("upload_not_found",)


class UploadExpired(UploadNotFound):
    """The resumable upload took more than its day."""

    codes = ("upload_expired",)


class FileRefused(RequestRefused):
    """The document is not taken."""

    codes = ("file_missing",)


class FileEmpty(FileRefused):
    """The document has no content."""

    codes = ("file_empty",)


class FileTooLarge(FileRefused):
    """The document is larger than allowed; the detail names the limit."""

    codes = ("file_too_large",)


class MediaTypeUnsupported(FileRefused):
    """The document's content is of no kind that the server reads."""

    codes = ("media_type_unsupported",)


class StateConflict(RequestRefused):
    """The job's state does not allow this now."""


class ResultNotReady(StateConflict):
    """The job has not ended yet."""

    codes = ("result_not_ready",)


class ResultUnavailable(StateConflict):
    """The job has failed, so it has no result."""

    codes = ("job_failed",)


class FormatNotAvailable(StateConflict):
    """The job has no result in this format; the detail says why."""

    codes = ("format_not_available",)


class PageNotReady(StateConflict):
    """The page has not been read yet."""

    codes = ("page_not_ready",)


class PageFailed(StateConflict):
    """The page could not be read."""

    codes = ("page_failed",)


class JobFinished(StateConflict):
    """The job has already ended."""

    codes = ("job_finished",)


class JobNotFinished(StateConflict):
    """The job is still running."""

    codes = ("job_not_finished",)


class NothingToRetry(StateConflict):
    """Every page of the job has been read."""

    codes = ("nothing_to_retry",)


class IdempotencyConflict(StateConflict):
    """The Idempotency-Key was used before, with another document or other options."""

    codes = ("idempotency_conflict",)


class UploadConflict(StateConflict):
    """The resumable upload stands elsewhere, or is not finished."""

    codes = ("upload_offset_mismatch", "upload_incomplete")


class LimitReached(RequestRefused):
    """A limit of the API key is reached; ``retry_after`` says for how long."""


class TooManyJobs(LimitReached):
    """Too many jobs at once."""

    codes = ("too_many_jobs",)


class RateLimited(LimitReached):
    """Too many requests a second."""

    codes = ("rate_limited",)


class QuotaExceeded(LimitReached):
    """The day's pages are used up."""

    codes = ("quota_exceeded",)


class ServerBusy(RequestRefused):
    """The server can't do it now; later it may."""


class Overloaded(ServerBusy):
    """The cluster is busy."""

    codes = ("overloaded",)


class StorageUnavailable(ServerBusy):
    """The server's blob store does not answer, or is full."""

    codes = ("storage_unavailable",)


def _by_code(above: type[RequestRefused]) -> dict[str, type[RequestRefused]]:
    classes = dict.fromkeys(above.codes, above)
    for cls in above.__subclasses__():
        classes |= _by_code(cls)
    return classes


REFUSALS: dict[str, type[RequestRefused]] = _by_code(RequestRefused)
"""The class of every code that is known here."""
