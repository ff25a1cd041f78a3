"""Which pages of a job a caller was told of already."""

from __future__ import annotations

from gnosis_ocr.records import PageStatus


class ToldPages:
    """A completed page is never read again, so it is told once; one that was not is told once for each run."""

    def __init__(self) -> None:
        self._completed: set[int] = set()
        self._runs: dict[int, int] = {}

    def knows(self, page: int, run: int) -> bool:
        """Whether the caller has got the page, as it ended in that run."""
        return page in self._completed or self._runs.get(page, 0) >= run

    def add(self, page: int, status: PageStatus, run: int) -> None:
        if status is PageStatus.COMPLETED:
            self._completed.add(page)
        self._runs[page] = run
