from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.responses import Response

from actors.ocr.engine import Engine, PageImage
from actors.ocr.engines import batch_limits, full_name, make_engine
from actors.ocr.engines.spec import EngineOptions
from actors.ocr.openai_engine import OpenAiEngine
from actors.ocr.vlm_prompts import GENERIC, NANONETS
from cluster.errors import EngineFailed, EngineGaveUp, EngineTimeout, PageError, StartupError
from cluster.page_text import PageText
from tests.actors.ocr.chat_completions_server import (
    MODEL,
    ChatCompletionsServer,
    completion,
    fingerprint,
    refusal,
    sent_image,
    serving,
)
from tests.actors.ocr.engine_contract import EngineContract, blank, page, printed, text_of
from tests.actors.ocr.openai_engines import MakeEngine, making

BAD_SIZE = (77, 78)


@pytest.fixture(scope="module")
def running() -> Iterator[ChatCompletionsServer]:
    with serving(ChatCompletionsServer()) as server:
        yield server


@pytest.fixture
def server(running: ChatCompletionsServer) -> ChatCompletionsServer:
    running.renew()
    return running


@pytest.fixture
def made(server: ChatCompletionsServer) -> Iterator[MakeEngine]:
    with making(server.url) as make:
        yield make


@pytest.fixture
def loaded(made: MakeEngine, server: ChatCompletionsServer) -> MakeEngine:
    """The same, loaded, with the requests of loading forgotten."""

    def make(**options: Any) -> OpenAiEngine:
        engine = made(**options)
        engine.load()
        server.requests.clear()
        server.headers.clear()
        server.most_at_once = 0
        return engine

    return make


def steps(engine: OpenAiEngine, pages: int) -> list[tuple[PageImage, PageText | PageError]]:
    """As many as it takes until so many pages are done; they, in the order in which they left."""
    done: list[tuple[PageImage, PageText | PageError]] = []
    while len(done) < pages:
        done += engine.step()
    return done


def refusing_bad_pages(image: Image.Image) -> str | Response:
    return refusal(400, "I can't read this.") if image.size == BAD_SIZE else fingerprint(image)


class TestOpenAiEngine(EngineContract):
    @pytest.fixture
    def engine(self, loaded: MakeEngine) -> Engine:
        return loaded()

    @pytest.fixture
    def failing_engine(self, server: ChatCompletionsServer, loaded: MakeEngine) -> Engine:
        server.read = refusing_bad_pages
        return loaded()

    @pytest.fixture
    def bad_page(self) -> PageImage:
        return page(7, printed("?", *BAD_SIZE, size=20))


def test_a_page_is_sent_as_it_is_and_answered_with_what_the_model_writes(
    server: ChatCompletionsServer, loaded: MakeEngine
) -> None:
    engine = loaded()
    pixels = printed("Invoice 4711")
    read = text_of(engine.recognize([page(1, pixels)])[0])
    assert read.markdown == fingerprint(Image.fromarray(pixels))
    assert read.text == read.markdown.removeprefix("# "), "the text is without the marks of Markdown"
    assert (read.engine, read.engine_version) == (f"openai:{server.url}", f"chat-completions/{MODEL}")
    assert (read.lines, read.confidence) == ((), None)
    (sent,) = server.requests
    assert (sent["model"], sent["temperature"], sent["max_tokens"]) == (MODEL, 0, 4096)
    assert sent["messages"][0]["content"][1]["text"] == GENERIC.text
    assert "authorization" not in server.headers[0]


def test_a_model_is_asked_in_the_words_it_was_trained_on(server: ChatCompletionsServer, loaded: MakeEngine) -> None:
    server.model = "nanonets/Nanonets-OCR-s"
    loaded(model=server.model).recognize([page(1, printed("Invoice 4711"))])
    assert server.requests[0]["messages"][0]["content"][1]["text"] == NANONETS.text


def test_what_the_model_writes_around_the_page_is_taken_away(server: ChatCompletionsServer, loaded: MakeEngine) -> None:
    server.read = lambda image: f"{GENERIC.text}\n\n```markdown\n# Invoice\n\n| a |\n|---|\n```"
    read = text_of(loaded().recognize([page(1, printed("Invoice"))])[0])
    assert (read.markdown, read.text) == ("# Invoice\n\n| a |\n|---|", "Invoice\n\na")


def test_settings_reach_the_server(server: ChatCompletionsServer, made: MakeEngine, tmp_path: Any) -> None:
    server.key = "k-123"
    options = EngineOptions(
        threads=1,
        fault_folder=tmp_path,
        prompt="Read it.",
        max_page_tokens=99,
        openai_model=MODEL,
        openai_api_key="k-123",
        openai_capacity=5,
    )
    engine = make_engine(f"openai:{server.url}", options)
    assert isinstance(engine, OpenAiEngine)
    assert engine.in_flight == 8
    assert engine.limits == batch_limits(engine.name, options)
    assert engine.limits.pages == 8
    try:
        engine.load()
        assert isinstance(engine.recognize([page(1, printed("x"))])[0], PageText)
    finally:
        engine.close()
    assert server.requests[-1]["max_tokens"] == 99
    assert server.requests[-1]["messages"][0]["content"][1] == {"type": "text", "text": "Read it."}
    assert server.headers[-1]["authorization"] == "Bearer k-123"
    assert "k-123" not in repr(options)


def test_the_name_needs_a_url() -> None:
    with pytest.raises(StartupError, match="must be followed"):
        full_name("openai")
    assert full_name("openai:http://h:1/v1") == "openai:http://h:1/v1"


def test_a_page_of_one_colour_is_not_sent(server: ChatCompletionsServer, loaded: MakeEngine) -> None:
    yellow = np.full((30, 20, 3), (255, 255, 0), np.uint8)
    answers = loaded().recognize([page(1, blank(100, 50)), page(2, yellow), page(3, blank(1, 1))])
    assert [text_of(answer).text for answer in answers] == ["", "", ""]
    assert server.requests == []


def test_the_same_page_twice_gets_two_answers(loaded: MakeEngine) -> None:
    twice = page(1, printed("twice"))
    first, second = loaded().recognize([twice, twice])
    assert text_of(first) == text_of(second)


def test_pages_leave_as_they_are_done(server: ChatCompletionsServer, loaded: MakeEngine) -> None:
    engine = loaded()
    slow, quick = page(1, printed("slow")), page(2, printed("quick", width=300))
    started = time.monotonic()

    def read(image: Image.Image) -> str | Response:
        return "read"

    server.read, server.takes_s = read, 0.4
    engine.enter(slow)
    time.sleep(0.15)
    server.takes_s = 0
    engine.enter(quick)
    assert [entered for entered, _ in steps(engine, 2)] == [quick, slow]
    assert time.monotonic() - started < 2


def test_a_step_without_news_ends_soon(server: ChatCompletionsServer, loaded: MakeEngine) -> None:
    engine = loaded()
    server.takes_s = 0.6
    engine.enter(page(1, printed("slow")))
    started = time.monotonic()
    assert engine.step() == []
    assert 0.15 < time.monotonic() - started < 0.55
    assert [type(answer) for _, answer in steps(engine, 1)] == [PageText]


def test_as_many_pages_are_sent_at_once_as_are_in_flight(server: ChatCompletionsServer, loaded: MakeEngine) -> None:
    engine = loaded()
    server.takes_s = 0.1
    answers = engine.recognize([page(n, printed(f"page {n}")) for n in range(15)])
    assert all(isinstance(answer, PageText) for answer in answers)
    assert server.most_at_once == 6


def test_a_server_that_takes_less_gets_less_and_every_page_is_read(
    server: ChatCompletionsServer, loaded: MakeEngine
) -> None:
    engine = loaded()
    server.capacity, server.takes_s = 2, 0.02
    pages = [page(n, printed(f"page {n}")) for n in range(24)]
    answers = engine.recognize(pages)
    assert [text_of(answer).markdown for answer in answers] == [fingerprint(Image.fromarray(p.pixels)) for p in pages]
    refused = len(server.requests) - len(pages)
    assert 1 <= refused <= 40
    assert engine.in_flight < 6
    server.capacity = 1000
    engine.recognize(pages)
    assert engine.in_flight >= 5, "it recovers"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_refusal_is_asked_again(server: ChatCompletionsServer, loaded: MakeEngine, status: int) -> None:
    engine = loaded()
    server.refusals = [refusal(status, "Not now."), refusal(status, "Not now.")]
    assert isinstance(engine.recognize([page(1, printed("patience"))])[0], PageText)
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refusal(400, "Too many tokens."), EngineFailed),
        (refusal(413, "Too large."), EngineFailed),
        (completion("cut", "length"), EngineGaveUp),
    ],
)
def test_an_answer_that_is_no_text_is_told_without_asking_again(
    server: ChatCompletionsServer, loaded: MakeEngine, answer: Response, error: type[PageError]
) -> None:
    engine = loaded()
    server.refusals = [answer]
    (failed,) = engine.recognize([page(1, printed("bad"))])
    assert type(failed) is error
    assert len(server.requests) == 1


def test_an_error_of_the_server_that_stays_is_the_pages(server: ChatCompletionsServer, loaded: MakeEngine) -> None:
    engine = loaded()
    server.read = lambda image: refusal(500, "assertion failed")
    (failed,) = engine.recognize([page(1, printed("bad"))])
    assert isinstance(failed, EngineFailed)
    assert "assertion failed" in failed.detail
    assert len(server.requests) == 3


def test_a_page_has_limited_time(server: ChatCompletionsServer, loaded: MakeEngine) -> None:
    engine = loaded(page_timeout_s=0.3)
    server.takes_s = 5
    (late,) = engine.recognize([page(1, printed("slow"))])
    assert isinstance(late, EngineTimeout)
    ended = time.monotonic() + 2
    while not server.left_early and time.monotonic() < ended:
        time.sleep(0.01)
    assert server.left_early == 1, "the server learns that nobody waits any more"


def test_refusals_up_to_the_end_of_its_time_fail_the_page(server: ChatCompletionsServer, loaded: MakeEngine) -> None:
    engine = loaded(page_timeout_s=0.3)
    server.read = lambda image: refusal(503, "Loading.")
    (failed,) = engine.recognize([page(1, printed("patience"))])
    assert isinstance(failed, EngineFailed)
    assert "HTTP 503: Loading." in failed.detail
    assert len(server.requests) > 3


def test_more_patience_than_there_is_time_for_is_not_had(server: ChatCompletionsServer, loaded: MakeEngine) -> None:
    engine = loaded(page_timeout_s=20)
    server.refusals = [refusal(429, "Slower.", {"Retry-After": "30"})]
    started = time.monotonic()
    assert isinstance(engine.recognize([page(1, printed("patience"))])[0], EngineFailed)
    assert time.monotonic() - started < 5


def test_a_server_that_went_away_fails_the_page(made: MakeEngine) -> None:
    with serving(ChatCompletionsServer()) as passing:
        engine = made(url=passing.url, page_timeout_s=0.5)
        engine.load()
    (failed,) = engine.recognize([page(1, printed("gone"))])
    assert isinstance(failed, EngineFailed)
    assert passing.url in failed.detail


def test_what_is_no_page_image_is_not_sent(server: ChatCompletionsServer, loaded: MakeEngine) -> None:
    (failed,) = loaded().recognize([page(1, np.zeros((10, 10, 2), np.uint8))])
    assert isinstance(failed, EngineFailed)
    assert server.requests == []


def test_small_and_narrow_pages_are_padded(server: ChatCompletionsServer, loaded: MakeEngine) -> None:
    strip, dot = blank(3, 9000).copy(), blank(2, 2).copy()
    strip[0] = dot[0] = 0
    loaded().recognize([page(1, strip), page(2, dot)])
    assert sorted(sent_image(fields).size for fields in server.requests) == [(56, 56), (90, 9000)]
    assert sent_image(server.requests[0]).getpixel((55, 55)) == 255


def test_a_proxy_of_the_environment_is_not_the_way_to_this_machine(
    loaded: MakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert isinstance(loaded().recognize([page(1, printed("direct"))])[0], PageText)
