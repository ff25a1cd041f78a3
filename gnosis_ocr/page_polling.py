"""The pages of a job by its record, for where events do not come through: each text is asked for by itself."""

from __future__ import annotations

from http import HTTPStatus

from gnosis_ocr.errors import RequestRefused
from gnosis_ocr.exchange import FOLLOW_PAUSES_S, content_of, exchange, unexpected
from gnosis_ocr.jobs import JobRef, changed, path_of, status
from gnosis_ocr.records import ENDED_PAGES, Page, PageStatus, PageText
from gnosis_ocr.steps import Plan, Request, Tell
from gnosis_ocr.told_pages import ToldPages


def polled_pages(job: JobRef, told: ToldPages) -> Plan[None]:
    """Tells the pages that ``told`` does not know, as the record shows them to have ended; to the job's end."""
    known = yield from status(job)
    while True:
        for number in sorted(known.pages):
            page = known.pages[number]
            if not page.ended or told.knows(number, known.run):
                continue
            text = yield from _read(job, page)
            if text.status in ENDED_PAGES:  # else it was retried meanwhile, and comes later
                told.add(number, text.status, known.run)
                yield Tell(text)
        if known.terminal:
            return
        known = yield from changed(known)


def _read(job: JobRef, page: Page) -> Plan[PageText]:
    if page.status is not PageStatus.COMPLETED:
        return PageText(page.number, page.status, None, page.error)
    try:
        answer = yield from exchange(Request("GET", path_of(job, f"/pages/{page.number}")), pauses=FOLLOW_PAUSES_S)
    except RequestRefused as refused:
        if refused.status != HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return PageText(page.number, page.status, None)  # its stored result can't be read any more
    try:
        return PageText.read(content_of(answer))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise unexpected(answer, f"answered {answer.status} with something that is no page") from None
