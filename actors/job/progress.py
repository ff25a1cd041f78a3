"""How far a job is, as one number and one sentence."""

from __future__ import annotations

from cluster.record import Step

OPENED = 5
EXTRACTION = (10, 30)  # from, share
READING = 50
ASSEMBLING = (90, 9)
DONE = 100


def reading_percent(extracted: int, read: int, pages: int) -> int:
    """Both shares summed, since rendering and reading overlap: 10 to 90.

    extracted, read: pages whose rendering, whose reading has ended, well or badly; pages: how many are asked for.
    """
    start, share = EXTRACTION
    return int(start + share * extracted / pages + READING * read / pages)


def assembling_percent(done: int, outputs: int) -> int:
    start, share = ASSEMBLING
    return int(start + share * done / outputs) if outputs else start


def reading_step(extracted: int, pages: int, engine_started: bool) -> Step:
    if engine_started:
        return Step.OCR_PROCESSING
    return Step.EXTRACTION_COMPLETE if extracted >= pages else Step.EXTRACTING_IMAGES


def reading_message(extracted: int, read: int, failed: int, pages: int) -> str:
    what = f"Extracted {extracted} of {pages} pages, read {read}"
    return f"{what}, {failed} failed." if failed else f"{what}."


def end_message(completed: int, failed: int, skipped: int) -> str:
    parts = [f"Read {completed} {'page' if completed == 1 else 'pages'}"]
    if failed:
        parts.append(f"{failed} failed")
    if skipped:
        parts.append(f"{skipped} skipped")
    return ", ".join(parts) + "."
