"""The engine ``transformers``: a vision-language model writes what stands on a page, as Markdown.

A page is prepared in a thread (resized, cut into patches) while the model works; it then waits for a row of the running
batch, enters it by one pass over its prompt, and writes a token at every step, with the pages of the other rows, until
it ends or trips a guardrail. A step of the engine is: schedule, run, postprocess. Where the model's architecture has no
use for rows that come and go (vlm_self_check.py), pages are read in fixed batches.

A page that trips a guardrail gets its second try in a row of its own with other settings; its neighbours go on, since
rows don't see each other. What does not fit into memory is read with fewer rows, in the end alone.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

import torch

from actors.ocr.engine import BatchLimits, Capabilities, PageImage
from actors.ocr.model_markdown import page_markdown
from actors.ocr.vlm_graphs import GpuRecorder, StepGraphs
from actors.ocr.vlm_guardrails import Guardrails, Stop, Watch
from actors.ocr.vlm_image import is_blank
from actors.ocr.vlm_model import VlmModel, load_model
from actors.ocr.vlm_pages import PagePreparation
from actors.ocr.vlm_prompts import prompt_for
from actors.ocr.vlm_runner import BatchRunner, Row
from actors.ocr.vlm_scheduler import Scheduler
from actors.ocr.vlm_segments import attend_segments_together
from actors.ocr.vlm_self_check import reason_against_rows
from actors.ocr.vlm_static import StaticReader
from actors.ocr.vlm_tries import PageTries
from cluster.errors import EngineFailed, EngineOutOfMemory, PageError, StartupError
from cluster.page_text import PageText

logger = logging.getLogger(__name__)

Answer = PageText | PageError
IN_FLIGHT, STATIC, GENERATE = "in-flight", "static", "generate"
STEP_SECONDS = 0.25
PREPARERS = 4  # threads that prepare pages: each of them takes a tenth of a second or more
GROUP_TOKENS = 16_384  # of one pass over prompts: enough to fill a GPU, little enough to keep the running rows moving
MOST_DETAIL = 500


class TransformersEngine:
    """source: a model's id or folder. model: None to load it from there, or one that is already in memory.

    prompt: replaces the table's where it is not empty. batching: IN_FLIGHT, or for measurements STATIC (rows are filled
    when all are free) or GENERATE (by transformers' own loop). length: for measurements, how many tokens each page's
    output has, whatever the model writes.
    """

    capabilities = Capabilities(layout=True, boxes=False)

    def __init__(
        self,
        source: str,
        *,
        limits: BatchLimits,
        guardrails: Guardrails,
        threads: int = 1,
        prompt: str = "",
        dtype: str = "auto",
        device: str = "auto",
        model: VlmModel | None = None,
        batching: str = IN_FLIGHT,
        length: Callable[[PageImage], int] | None = None,
    ) -> None:
        self.name = f"transformers:{source}"
        self.version = source
        self.limits = limits
        self._source, self._threads, self._prompt = source, threads, prompt
        self._dtype, self._device = dtype, device
        self._guardrails = guardrails
        self._batching = batching
        self._length = length
        self._given = model
        self._asked = ""
        self._scheduler: Scheduler[PageTries] = Scheduler(limits.pages, GROUP_TOKENS, refill=batching == IN_FLIGHT)
        self._preparing: list[PageTries] = []
        self._preparers = ThreadPoolExecutor(max(1, min(threads, PREPARERS)), thread_name_prefix="page-preparation")
        self._done: list[tuple[PageImage, Answer]] = []

    @property
    def in_flight(self) -> int:
        """The rows, and half as many pages that are being prepared, so that a free row finds one ready."""
        return self._scheduler.rows + max(1, self._scheduler.rows // 2)

    def load(self) -> None:
        if self._given is None:
            torch.set_num_threads(self._threads)
        try:
            self._vlm = self._given or load_model(self._source, dtype=self._dtype, device=self._device)
            attend_segments_together(self._vlm.model)
            prompt = prompt_for(self._source, self._vlm.architecture, self._prompt)
            self._asked = prompt.text or ""
            self._preparation = PagePreparation(self._vlm, prompt)
            against = None
            if self._batching != GENERATE:
                against = reason_against_rows(self._vlm, self._preparation)
        except torch.OutOfMemoryError as error:
            raise StartupError(f"The model {self._source} does not fit into the device's memory.") from error
        except StartupError:
            raise
        except Exception as error:  # the model is there, but its parts don't work together
            detail = f"The model {self._source} can't read a page: {type(error).__name__} {error}"
            raise StartupError(detail[:MOST_DETAIL]) from error
        self._guardrails = replace(self._guardrails, penalty=max(self._guardrails.penalty, self._vlm.penalty))
        if against is not None:
            logger.warning("%s reads its pages in fixed batches: %s", self.name, against)
            self._batching = GENERATE
        self._static = StaticReader(self._vlm) if self._batching == GENERATE else None
        graphs = None
        if self._vlm.device.type == "cuda" and self._static is None:
            graphs = StepGraphs(self._vlm.model, self.limits.pages, GpuRecorder)
        self._runner: BatchRunner[PageTries] = BatchRunner(self._vlm, graphs=graphs)
        self.version = f"{self._vlm.version}/{self._batching}"
        logger.info("%s is loaded: %s", self.name, self.version)

    def recognize(self, batch: list[PageImage]) -> list[Answer]:
        pages = [replace(page) for page in batch]  # the same page may be asked for twice
        answers: dict[int, Answer] = {}
        coming = list(reversed(pages))
        inside = 0
        while coming or inside:
            while coming and inside < self.in_flight:
                self.enter(coming.pop())
                inside += 1
            for page, answer in self.step():
                answers[id(page)] = answer
                inside -= 1
        return [answers[id(page)] for page in pages]

    def enter(self, page: PageImage) -> None:
        shape = page.pixels.shape
        if len(shape) != 3 or shape[2] != 3 or 0 in shape:
            self._done.append((page, EngineFailed(f"A page image of shape {shape} can't be read.")))
        elif is_blank(page.pixels):
            tries = PageTries(page, self._guardrails)
            self._done.append((page, tries.text("", self.name, self.version)))
        else:
            self._prepare(PageTries(page, self._guardrails))

    def step(self) -> list[tuple[PageImage, Answer]]:
        until = time.monotonic() + STEP_SECONDS
        while not self._done and (self._preparing or self._scheduler.waiting or self._scheduler.running):
            self._schedule()
            self._run()
            if time.monotonic() >= until:
                break
        done, self._done = self._done, []
        return done

    # ---------------------------------------------------------------- schedule

    def _prepare(self, tries: PageTries) -> None:
        tries.preparing = self._preparers.submit(self._preparation.inputs, tries.page.pixels, tries.guardrails.scale)
        self._preparing.append(tries)

    def _schedule(self) -> None:
        """Prepared pages wait for a row from now on. With nothing else to do, waits for one to be prepared."""
        if self._preparing and not self._scheduler.running and not self._scheduler.waiting:
            futures = [tries.preparing for tries in self._preparing if tries.preparing is not None]
            wait(futures, STEP_SECONDS, FIRST_COMPLETED)
        ready = [tries for tries in self._preparing if tries.preparing is not None and tries.preparing.done()]
        for tries in ready:
            self._preparing.remove(tries)
            self._prepared(tries)

    def _prepared(self, tries: PageTries) -> None:
        assert tries.preparing is not None
        error = tries.preparing.exception()
        if error is not None:
            self._answer(tries, _failure(tries, error))
            return
        tries.inputs = tries.preparing.result()
        room = self._vlm.context - tries.inputs.size
        if room < 1:
            detail = f"The page takes {tries.inputs.size} tokens, and the model has room for {self._vlm.context}."
            self._answer(tries, EngineFailed(detail))
            return
        tries.guardrails = replace(tries.guardrails, tokens=min(tries.guardrails.tokens, room))
        shape = (id(tries),) if tries.again else tries.inputs.shape
        self._scheduler.add(tries, tries.inputs.size, shape)

    # ---------------------------------------------------------------- run

    def _run(self) -> None:
        """One pass over the prompts of new pages, and one step of all rows."""
        if group := self._scheduler.admit():
            try:
                self._enter_rows(group)
            except torch.AcceleratorError:
                raise  # the device is lost to this process
            except Exception as error:
                self._group_failed(group, error)
        if self._runner.rows:
            try:
                self._written(self._runner.step())
            except torch.AcceleratorError:
                raise
            except Exception as error:
                self._step_failed(error)

    def _enter_rows(self, group: list[PageTries]) -> None:
        now = time.monotonic()
        for tries in group:
            length = None if self._length is None else self._length(tries.page)
            tries.watch = Watch(tries.guardrails, self._vlm.ends, now, length=length)
        if self._static is None:
            self._written(self._runner.enter([_row(tries) for tries in group]))
            return
        watched = [(tries.inputs, tries.watch) for tries in group if tries.inputs and tries.watch]
        for tries, stop in zip(group, self._static.read(watched), strict=True):
            self._stopped(tries, stop)

    def _group_failed(self, group: list[PageTries], error: Exception) -> None:
        """The rows are as they were. A group is tried again in halves, a page alone; alone, it is the page's fault."""
        _free_memory()
        if len(group) == 1 and len(self._scheduler.running) == 1:
            self._scheduler.finish(group[0])
            self._answer(group[0], _failure(group[0], error))
        elif len(group) > 1 and isinstance(error, torch.OutOfMemoryError):
            sizes = [tries.inputs.size for tries in group if tries.inputs]
            self._scheduler.group_tokens = max(1, max(sizes) * (len(group) // 2))
            self._scheduler.put_back(group)
        else:
            self._scheduler.put_back(group, alone=True)

    def _step_failed(self, error: Exception) -> None:
        """A step that ran out of memory is done again with half the rows: those that entered last wait once more."""
        _free_memory()
        running = self._scheduler.running
        if len(running) == 1:
            self._leave(self._runner.rows[0])
            self._answer(running[0], _failure(running[0], error))
            return
        if isinstance(error, torch.OutOfMemoryError):
            kept = len(running) // 2
            self._scheduler.rows = kept
            logger.warning("%s ran out of memory with %d pages; from now on %d", self.name, len(running), kept)
            self._scheduler.put_back(running[kept:])
        else:
            kept = 0
            self._scheduler.put_back(running, alone=True)
        for row in [row for row in self._runner.rows if row.item in running[kept:]]:
            self._runner.leave(row)

    # ---------------------------------------------------------------- postprocess

    def _written(self, tokens: list[tuple[Row[PageTries], int]]) -> None:
        now = time.monotonic()
        for row, token in tokens:
            assert row.item.watch is not None
            stop = row.item.watch.takes(token, now)
            if stop is not None:
                self._runner.leave(row)
                self._stopped(row.item, stop)

    def _leave(self, row: Row[PageTries]) -> None:
        self._runner.leave(row)
        self._scheduler.finish(row.item)

    def _stopped(self, tries: PageTries, stop: Stop) -> None:
        self._scheduler.finish(tries)
        if stop is Stop.END and tries.watch is not None:
            reply = self._vlm.processor.tokenizer.decode(tries.watch.tokens, skip_special_tokens=True)
            self._answer(tries, tries.text(page_markdown(reply, self._asked), self.name, self.version))
            return
        logger.info("page %d of job %s: %s", tries.page.page, tries.page.job_id, stop.value)
        error = tries.tripped(stop)
        if error is None:
            self._prepare(tries)
        else:
            self._answer(tries, error)

    def _answer(self, tries: PageTries, answer: Answer) -> None:
        self._done.append((tries.page, answer))


def _row(tries: PageTries) -> tuple[PageTries, Any, float]:
    return tries, tries.inputs, tries.guardrails.penalty


def _failure(tries: PageTries, error: BaseException) -> PageError:
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return EngineOutOfMemory(f"The engine ran out of memory on a page of shape {tries.page.pixels.shape}, alone.")
    return EngineFailed(f"The engine could not read the page: {type(error).__name__} {error}"[:MOST_DETAIL])


def _free_memory() -> None:
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
