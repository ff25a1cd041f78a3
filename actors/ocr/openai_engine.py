"""The engine ``openai:<url>``: pages go to a vision model behind an OpenAI-compatible server (vLLM, ``transformers
serve``).

The server batches, so it is kept busy by many requests at once: half as many again as it reads at the same time, so
that the next are there when one is done. How many it takes, it tells by refusing some (``request_window.py``); what it
refuses is asked for again while the page has time (``chat_patience.py``).

A page of a single colour is not sent: there is nothing to read on it, and models invent something all the same.
"""

from __future__ import annotations

import asyncio
import queue
import time
from typing import Any

from actors.ocr.chat_patience import Jitter, ask_patiently, half_or_more
from actors.ocr.chat_reply import Refusal, Reply
from actors.ocr.chat_server import ChatServer, ServerAddress
from actors.ocr.engine import BatchLimits, Capabilities, PageImage, Pixels
from actors.ocr.loop_thread import LoopThread
from actors.ocr.markdown_text import plain_text
from actors.ocr.model_markdown import page_markdown
from actors.ocr.page_data_url import blank_page_url, check_pixels, page_data_url
from actors.ocr.request_window import RequestWindow
from actors.ocr.vlm_image import is_blank
from actors.ocr.vlm_prompts import GENERIC, prompt_for
from cluster.clock import Clock, SystemClock
from cluster.errors import EngineFailed, EngineGaveUp, EngineOutOfMemory, PageError, StartupError
from cluster.page_text import PageText

MAX_PAGE_TOKENS = 4096
STEP_S = 0.2
"""As long as a page may have to wait to enter while no other is done."""

Answer = PageText | PageError


class OpenAiEngine:
    """url: of the server, with its version (``/v1``) where it has a path at all. model: "" for the first that it names.

    in_flight: most requests at once; the server may take fewer. prompt: "" for the model's own. max_page_tokens: most
    that a page's text may have. page_timeout_s: from a page's entry to its answer, all attempts included. load_s: how
    long ``load`` waits for a server that is not there yet. StartupError: the URL or the key can't be one.
    """

    capabilities = Capabilities(layout=True, boxes=False)

    def __init__(
        self,
        url: str,
        *,
        limits: BatchLimits,
        in_flight: int,
        model: str = "",
        api_key: str = "",
        prompt: str = "",
        max_page_tokens: int = MAX_PAGE_TOKENS,
        page_timeout_s: float = 120,
        load_s: float = 30,
        clock: Clock | None = None,
        jitter: Jitter = half_or_more,
    ) -> None:
        self.name = f"openai:{url}"
        self.version = "chat-completions"
        self.limits = limits
        self.in_flight = in_flight
        self._address = ServerAddress.checked(url, api_key)
        self._model = model
        self._prompt = prompt
        self._max_tokens = max_page_tokens
        self._page_timeout_s = page_timeout_s
        self._load_s = load_s
        self._clock = clock or SystemClock()
        self._jitter = jitter
        self._window = RequestWindow(self.in_flight)
        self._finished: queue.SimpleQueue[tuple[PageImage, Answer]] = queue.SimpleQueue()
        self._thread: LoopThread | None = None
        self._server = ChatServer(self._address, connections=self.in_flight, clock=self._clock)

    def load(self) -> None:
        """Asks for the model's name where none was given, and has it read a small page, so that whatever would fail
        every page fails now: a wrong model or key, a model without eyes."""
        self._thread = LoopThread(self.name)
        try:
            self._thread.call(self._open()).result()
        except BaseException:
            self.close()
            raise
        self.version = f"chat-completions/{self._model}"

    def recognize(self, batch: list[PageImage]) -> list[Answer]:
        waiting = list(enumerate(batch))[::-1]
        places: dict[int, list[int]] = {}  # by the page's identity: arrays have no equality to go by
        answers: dict[int, Answer] = {}
        inside = 0
        while len(answers) < len(batch):
            while waiting and inside < self.in_flight:
                place, page = waiting.pop()
                places.setdefault(id(page), []).append(place)
                self.enter(page)
                inside += 1
            for page, answer in self.step():
                answers[places[id(page)].pop()] = answer
                inside -= 1
        return [answers[place] for place in range(len(batch))]

    def enter(self, page: PageImage) -> None:
        if self._thread is None:
            raise RuntimeError("the engine is not loaded")
        self._thread.call(self._work(page))

    def step(self) -> list[tuple[PageImage, Answer]]:
        """``in_flight`` follows what the server takes."""
        done: list[tuple[PageImage, Answer]] = []
        try:
            done.append(self._finished.get(timeout=STEP_S))
            while True:
                done.append(self._finished.get_nowait())
        except queue.Empty:
            self.in_flight = self._window.size
            return done

    def close(self) -> None:
        """Drops the pages that are inside, and the connections."""
        if self._thread is not None:
            self._thread.call(self._server.close()).result()
            self._thread.close()
            self._thread = None

    async def _open(self) -> None:
        self._model = self._model or await self._first_model()
        self._prompt = prompt_for(self._model, "", self._prompt).text or GENERIC.text or ""
        request = self._request(blank_page_url()) | {"max_tokens": 1}
        # A server may load its model only now.
        reply = await self._ask(request, self._load_s, longer_s=self._page_timeout_s)
        if isinstance(reply, PageError) and not isinstance(reply, EngineGaveUp):  # one token is soon used up
            raise StartupError(f"{self._address.base} can't read a page with the model {self._model!r}: {reply.detail}")

    async def _first_model(self) -> str:
        models: list[str] = []

        async def attempt() -> Reply:
            found = await self._server.models()
            if isinstance(found, Refusal):
                return found
            models.extend(found)
            return ""

        failure = await ask_patiently(
            attempt, self._window, seconds=self._load_s, clock=self._clock, jitter=self._jitter
        )
        if isinstance(failure, PageError):
            raise StartupError(f"{self._address.base} does not tell its models: {failure.detail}")
        if not models:
            raise StartupError(f"{self._address.base} names no model; set GNOSIS_OPENAI_MODEL.")
        return models[0]

    async def _work(self, page: PageImage) -> None:
        start = time.perf_counter()
        answer: Answer
        try:
            answer = await self._read(page.pixels, start)
        except MemoryError:
            answer = EngineOutOfMemory("There was no memory to send the page image.")
        except PageError as error:
            answer = error
        except Exception as error:  # whatever it is, the page's caller must not wait for ever
            answer = EngineFailed(f"The page could not be sent: {type(error).__name__} {error}")
        self._finished.put((page, answer))

    async def _read(self, pixels: Pixels, start: float) -> Answer:
        check_pixels(pixels)
        reply: str | PageError = ""
        if not await asyncio.to_thread(is_blank, pixels):
            request = self._request(await asyncio.to_thread(page_data_url, pixels))
            reply = await self._ask(request, self._page_timeout_s - (time.perf_counter() - start))
        if isinstance(reply, PageError):
            return reply
        markdown = page_markdown(reply, self._prompt)
        return PageText(
            text=plain_text(markdown),
            markdown=markdown,
            engine=self.name,
            engine_version=self.version,
            duration_ms=round((time.perf_counter() - start) * 1000),
        )

    async def _ask(self, request: dict[str, Any], seconds: float, longer_s: float = 0) -> str | PageError:
        return await ask_patiently(
            lambda: self._server.complete(request),
            self._window,
            seconds=seconds,
            longer_s=longer_s,
            clock=self._clock,
            jitter=self._jitter,
        )

    def _request(self, image_url: str) -> dict[str, Any]:
        """No field beyond what every such server knows: some refuse a request for one that they don't."""
        image = {"type": "image_url", "image_url": {"url": image_url}}
        text = {"type": "text", "text": self._prompt}
        return {
            "model": self._model,
            "messages": [{"role": "user", "content": [image, text]}],
            "max_tokens": self._max_tokens,
            "temperature": 0,
        }
