"""What one user may do: limits that come with an API key. None of them is limited where it is None."""

from __future__ import annotations

from dataclasses import dataclass

from cluster.errors import FileTooLarge

_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """jobs_at_once: accepted and not ended. pages_a_day: of jobs submitted in one UTC day. upload_mb: of one document.

    requests_a_second: over all Ingress replicas together.
    """

    jobs_at_once: int | None = None
    pages_a_day: int | None = None
    upload_mb: int | None = None
    requests_a_second: float | None = None

    @property
    def counted(self) -> bool:
        """Whether anything is limited that all Ingress replicas must count together."""
        return self.jobs_at_once is not None or self.pages_a_day is not None

    @property
    def most_bytes(self) -> int | None:
        """Of one document."""
        return None if self.upload_mb is None else self.upload_mb * _MEGABYTE

    @property
    def too_large(self) -> FileTooLarge:
        return FileTooLarge(f"The file is larger than {self.upload_mb} MB, the limit of this API key.")

    def check_size(self, size: int) -> None:
        """size: bytes of a document that is announced. FileTooLarge."""
        if self.most_bytes is not None and size > self.most_bytes:
            raise self.too_large


UNLIMITED = Limits()
