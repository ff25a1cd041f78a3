"""The one error tree.

GnosisError                        anything this project raises on purpose
├── StartupError                   a setting or the surroundings are wrong: start-up stops with one line
├── BlobError                      the blob store
│   ├── BlobNotFound               there is no blob of that name
│   ├── BlobConflict               the precondition on the generation failed: nothing was written
│   ├── BlobUnavailable            no answer, or one that leaves open whether the write landed
│   │   ├── BlobThrottled          too many writes to one name (Cloud Storage's 429): nothing was written
│   │   ├── BlobStoreMissing       the store itself is not there, such as its bucket
│   │   └── BlobStoreFull          no room is left for the write: nothing was written
│   ├── BlobForbidden              the credentials do not allow it
│   └── BlobCorrupt                what came back does not match its checksum
├── Fenced                         another owner holds the record: this JobActor must stop
├── IllegalTransition              the machine met an event its table does not allow (a bug, with the job's history)
├── CallOverdue                    a call has waited too long in its replica, and is to be sent again
├── ReplicaRetiring                the replica takes no further calls, for it is being replaced
├── AssemblyTimeout                joining a job's outputs took too long
├── LayoutFailed                   a page's lines could not be arranged: they stay in plain order
├── FetchFailed                    a request of ours to somebody else's URL got no answer
│   └── AddressForbidden           it was not sent: the URL leads where the server may not reach
├── RequestError                   the HTTP request is at fault, or can't be served now; has a status
│   └── one class for each code of the HTTP contract
├── ClientError                    the client's side (`gnosis-ocr read`); the server's answers are gnosis_ocr/errors.py
│   └── FolderUnusable             results can't be kept in the folder that was named
├── DocumentError                  the document is at fault: its job fails
│   └── one class for each code
└── PageError                      one page can't be read: its job goes on
    └── one class for each code, which says how often and how the page is tried again

A class's docstring is its default message. ``code`` is stable and part of the HTTP contract; ``detail`` is for people.
Nothing in the project looks at ``detail`` to decide anything.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar


class GnosisError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, detail: str | None = None) -> None:
        self.detail = detail or (type(self).__doc__ or "").strip()
        super().__init__(self.detail)

    def __reduce__(self) -> tuple[type[GnosisError], tuple[str], dict[str, Any]]:
        return type(self), (self.detail,), self.__dict__


class StartupError(GnosisError):
    """The cluster can't start."""


# ---------------------------------------------------------------- blob store


class BlobError(GnosisError):
    """The blob store failed."""


class BlobNotFound(BlobError):
    """There is no such blob."""


class BlobConflict(BlobError):
    """The blob's generation is not the expected one; nothing was written."""


class BlobUnavailable(BlobError):
    """The blob store did not answer, or not clearly; a write may have landed."""


class BlobThrottled(BlobUnavailable):
    """The blob store asks for fewer writes to this name; nothing was written."""


class BlobStoreMissing(BlobUnavailable):
    """The blob store itself is not there."""


class BlobStoreFull(BlobUnavailable):
    """The blob store is full; nothing was written."""


class BlobForbidden(BlobError):
    """The blob store refuses these credentials."""


class BlobCorrupt(BlobError):
    """The blob's content does not match its checksum."""


# ---------------------------------------------------------------- job core


class Fenced(GnosisError):
    """Another owner has claimed this job; this JobActor stops and writes nothing more."""


class IllegalTransition(GnosisError):
    """The machine met an event that its table does not allow."""


class CallOverdue(GnosisError):
    """The call has waited in its replica for so long that its caller may be gone; nothing of it was stored."""


class ReplicaRetiring(GnosisError):
    """The replica takes no further calls, for it is being replaced; nothing of this one was done."""


class AssemblyTimeout(GnosisError):
    """Joining the job's outputs took too long."""


class LayoutFailed(GnosisError):
    """The page's lines could not be arranged."""


class FetchFailed(GnosisError):
    """No answer came from the URL."""


class AddressForbidden(FetchFailed):
    """The URL leads where this server may not reach."""


# ---------------------------------------------------------------- HTTP


class RequestError(GnosisError):
    """The request can't be served."""

    status: ClassVar[int] = 400

    def __init__(self, detail: str | None = None, *, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class FileMissing(RequestError):
    """The request carries no file: send it as multipart field `file`, or as the raw body."""

    code = "file_missing"


class FileEmpty(RequestError):
    """The file has no content."""

    code = "file_empty"


class OptionInvalid(RequestError):
    """An option is unknown or out of range."""

    code = "option_invalid"


class BodyMalformed(RequestError):
    """The body is not what its header says."""

    code = "body_malformed"


class Unauthorized(RequestError):
    """A valid API key is needed: `Authorization: Bearer <key>`."""

    status = 401
    code = "unauthorized"


class NotFound(RequestError):
    """There is nothing at this address."""

    status = 404
    code = "not_found"


class JobNotFound(NotFound):
    """There is no such job."""

    code = "job_not_found"


class PageNotFound(NotFound):
    """The job has no such page."""

    code = "page_not_found"


class UploadNotFound(NotFound):
    """There is no such upload."""

    code = "upload_not_found"


class MethodNotAllowed(RequestError):
    """This address does not take that method."""

    status = 405
    code = "method_not_allowed"


class StateConflict(RequestError):
    """The job's state does not allow this now."""

    status = 409


class ResultNotReady(StateConflict):
    """The job has not ended yet."""

    code = "result_not_ready"


class PageNotReady(StateConflict):
    """The page has not been read yet."""

    code = "page_not_ready"


class PageFailed(StateConflict):
    """The page could not be read."""

    code = "page_failed"


class JobFailed(StateConflict):
    """The job failed; its status says why."""

    code = "job_failed"


class JobFinished(StateConflict):
    """The job has already ended."""

    code = "job_finished"


class JobNotFinished(StateConflict):
    """The job is still running."""

    code = "job_not_finished"


class NothingToRetry(StateConflict):
    """Every page of the job has been read."""

    code = "nothing_to_retry"


class IdempotencyConflict(StateConflict):
    """This Idempotency-Key was used with another document or other options."""

    code = "idempotency_conflict"


class FormatNotAvailable(StateConflict):
    """The job has no output in this format."""

    code = "format_not_available"


class UploadOffsetMismatch(StateConflict):
    """The upload stands at another offset."""

    code = "upload_offset_mismatch"


class UploadIncomplete(StateConflict):
    """The upload is not finished."""

    code = "upload_incomplete"


class UploadExpired(RequestError):
    """The upload has expired."""

    status = 410
    code = "upload_expired"


class TusVersionUnsupported(RequestError):
    """Resumable uploads speak tus 1.0.0: send the header `Tus-Resumable: 1.0.0`."""

    status = 412
    code = "tus_version_unsupported"


class FileTooLarge(RequestError):
    """The file is larger than allowed."""

    status = 413
    code = "file_too_large"


class MediaTypeUnsupported(RequestError):
    """The file's content is none of the accepted kinds: PDF, PNG, JPEG, TIFF, WebP, BMP."""

    status = 415
    code = "media_type_unsupported"


class TooManyJobs(RequestError):
    """Too many jobs at once."""

    status = 429
    code = "too_many_jobs"


class RateLimited(RequestError):
    """Too many requests a second."""

    status = 429
    code = "rate_limited"


class QuotaExceeded(RequestError):
    """The day's pages are used up."""

    status = 429
    code = "quota_exceeded"


class Overloaded(RequestError):
    """The cluster is busy; try again."""

    status = 503
    code = "overloaded"


class StorageUnavailable(RequestError):
    """The blob store does not answer; try again."""

    status = 503
    code = "storage_unavailable"


# ---------------------------------------------------------------- the client's side


class ClientError(GnosisError):
    """The request could not be made."""


class FolderUnusable(ClientError):
    """Results can't be kept in that folder."""


# ---------------------------------------------------------------- documents


class DocumentError(GnosisError):
    """The document can't be read; its job fails."""


class DocumentDamaged(DocumentError):
    """The document is damaged and can't be opened."""

    code = "document_damaged"


class DocumentEncrypted(DocumentError):
    """The document is encrypted; send its `password`."""

    code = "document_encrypted"


class PasswordWrong(DocumentError):
    """The password does not open the document."""

    code = "password_wrong"


class TooManyPages(DocumentError):
    """The document has more pages than allowed."""

    code = "too_many_pages"


class PageRangeInvalid(DocumentError):
    """The asked pages lie beyond the end of the document."""

    code = "page_range_invalid"


class SourceNotFound(DocumentError):
    """The source does not exist."""

    code = "source_not_found"


class SourceForbidden(DocumentError):
    """The source may not be read."""

    code = "source_forbidden"


class SourceTooLarge(DocumentError):
    """The source is larger than allowed."""

    code = "file_too_large"


class SourceUnsupported(DocumentError):
    """The source's content is none of the accepted kinds."""

    code = "media_type_unsupported"


class RecordDamaged(DocumentError):
    """The job's record is unreadable; its marker stands in quarantine for a person to look at."""

    code = "record_damaged"


class RecordTooNew(DocumentError):
    """The job's record was written by a newer version; only that one serves it."""

    code = "record_too_new"


class RecoveryFailed(DocumentError):
    """The job took its host down three times and is not tried again."""

    code = "recovery_failed"


class OcrFailed(DocumentError):
    """No page of the document could be read."""

    code = "ocr_failed"


# ---------------------------------------------------------------- pages


class Retry(StrEnum):
    """How a page is tried again after an error."""

    NEVER = "never"
    AGAIN = "again"  # in company, up to the page's limit of attempts
    ALONE = "alone"  # in a batch of its own, up to the page's limit of attempts
    DEATH = "death"  # its replica died under it: alone once more, a second death is final


class PageError(GnosisError):
    """The page can't be read."""

    code = "engine_failed"
    retry: ClassVar[Retry] = Retry.AGAIN


class PageTooLarge(PageError):
    """The page is too large to render within the limits."""

    code = "page_too_large"
    retry = Retry.NEVER


class RenderFailed(PageError):
    """The page could not be rendered."""

    code = "render_failed"
    retry = Retry.NEVER


class RenderTimeout(PageError):
    """Rendering the page took too long."""

    code = "render_timeout"
    retry = Retry.DEATH


class RenderCrashed(PageError):
    """Rendering the page ended its process."""

    code = "render_crashed"
    retry = Retry.DEATH


class EngineOutOfMemory(PageError):
    """The engine ran out of memory on the page."""

    code = "engine_out_of_memory"
    retry = Retry.ALONE


class EngineFailed(PageError):
    """The engine could not read the page."""

    code = "engine_failed"


class EngineGaveUp(EngineFailed):
    """The engine's guardrails stopped the page, after its own second try: this engine will not do better."""


class EngineTimeout(PageError):
    """Reading the page took too long."""

    code = "engine_timeout"
    retry = Retry.ALONE


class EngineCrashed(PageError):
    """Reading the page ended its replica."""

    code = "engine_crashed"
    retry = Retry.DEATH


def _page_errors() -> dict[str, type[PageError]]:
    classes: dict[str, type[PageError]] = {}
    for cls in PageError.__subclasses__():
        classes[cls.code] = cls
    return classes


PAGE_ERRORS: dict[str, type[PageError]] = _page_errors()
"""Every page error by its code."""
