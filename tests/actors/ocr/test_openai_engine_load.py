"""The start of the engine ``openai``: what can be wrong with its server, model and key stops it there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.responses import JSONResponse, Response

from actors.ocr.openai_engine import OpenAiEngine
from cluster.errors import EngineFailed, StartupError
from tests.actors.ocr.chat_completions_server import MODEL, ChatCompletionsServer, refusal, serving
from tests.actors.ocr.engine_contract import page, printed
from tests.actors.ocr.openai_engines import MakeEngine, making
from tests.ports import free_port


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


def loaded(engine: OpenAiEngine) -> OpenAiEngine:
    engine.load()
    return engine


def test_the_first_model_is_taken_where_none_is_named(server: ChatCompletionsServer, made: MakeEngine) -> None:
    assert loaded(made()).version == f"chat-completions/{MODEL}"
    server.models = JSONResponse({}, 500)
    assert loaded(made(model=MODEL)).version == f"chat-completions/{MODEL}", "then nobody is asked"


@pytest.mark.parametrize(
    ("models", "said"),
    [
        (JSONResponse({"data": []}), "names no model"),
        (JSONResponse({"models": 1}), "something else"),
        (Response("Internal Server Error", 500), "set GNOSIS_OPENAI_MODEL"),
        (refusal(404, "Not Found"), "HTTP 404: Not Found"),
    ],
)
def test_a_server_that_names_no_model_stops_the_start(
    server: ChatCompletionsServer, made: MakeEngine, models: Response, said: str
) -> None:
    server.models = models
    with pytest.raises(StartupError, match=said) as failed:
        made().load()
    assert server.url in failed.value.detail


def test_a_wrong_model_stops_the_start(made: MakeEngine) -> None:
    with pytest.raises(StartupError, match=r"'nobody'.*HTTP 404: The model `nobody` does not exist"):
        made(model="nobody").load()


@pytest.mark.parametrize("model", ["", MODEL])
def test_a_wrong_key_stops_the_start_and_is_not_told(
    server: ChatCompletionsServer, made: MakeEngine, model: str
) -> None:
    server.key = "right-key"
    engine = made(model=model, api_key="wrong-key")
    with pytest.raises(StartupError, match="refuses the API key") as failed:
        engine.load()
    assert "key" not in failed.value.detail.replace("API key", "")
    assert "wrong-key" not in repr(vars(engine))


def test_a_key_that_the_server_repeats_is_not_told(server: ChatCompletionsServer, made: MakeEngine) -> None:
    engine = loaded(made(api_key="s3cret"))
    server.refusals = [refusal(400, "What is s3cret?")]
    (failed,) = engine.recognize([page(1, printed("x"))])
    assert isinstance(failed, EngineFailed)
    assert "What is (key)?" in failed.detail


def test_a_server_that_is_not_there_stops_the_start(made: MakeEngine) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    for model in ("", MODEL):
        with pytest.raises(StartupError, match=url):
            made(url=url, model=model, load_s=0.2).load()


def test_loading_waits_for_a_server_that_is_about_to_come(server: ChatCompletionsServer, made: MakeEngine) -> None:
    server.refusals = [refusal(503, "Loading.")] * 3
    made().load()
    assert len(server.requests) == 4
