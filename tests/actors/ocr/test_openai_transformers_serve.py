"""The engine ``openai`` against a real ``transformers serve``, where what that needs is installed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from actors.ocr.engine import BatchLimits
from actors.ocr.openai_engine import OpenAiEngine
from cluster.errors import EngineGaveUp, StartupError
from tests.actors.ocr.engine_contract import blank, page, printed, text_of
from tests.ports import free_port

NEEDED = ("torch", "transformers", "openai", "fastapi", "uvicorn", "accelerate")
MISSING = [name for name in NEEDED if find_spec(name) is None]
LIMITS = BatchLimits(pages=6, pixels=400_000_000, wait_ms=0)
REPOSITORY = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"transformers serve needs {', '.join(MISSING)}")


@pytest.fixture(scope="module")
def real_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The server's URL, and its model."""
    home, port = tmp_path_factory.mktemp("serve"), free_port()
    folder, log = home / "model", home / "log"
    environment = os.environ | {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "2"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.actors.ocr.tiny_transformers_serve", str(folder), str(port)],
            cwd=REPOSITORY,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_healthy(url, process, log)
            yield url, str(folder)
        finally:
            process.kill()
            process.wait()


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 150
    with httpx.Client(trust_env=False) as client:
        while time.monotonic() < end and process.poll() is None:
            try:
                if client.get(f"{url}/health").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)
    pytest.fail(f"transformers serve did not start: {log.read_text('utf-8', 'replace')[-2000:]}")


def engine_of(url: str, model: str, max_page_tokens: int) -> OpenAiEngine:
    return OpenAiEngine(url, limits=LIMITS, in_flight=3, model=model, max_page_tokens=max_page_tokens, load_s=5)


def test_pages_are_read_by_a_real_server(real_server: tuple[str, str]) -> None:
    """Random weights may write on without an end: then the page is given up, as it should be."""
    url, model = real_server
    engine = engine_of(url, model, max_page_tokens=100)
    try:
        engine.load()
        assert engine.version == f"chat-completions/{model}"
        pages = [page(n, printed(f"Page {n}", width=200 + n)) for n in range(1, 5)]
        answers = engine.recognize([*pages, page(5, blank(300, 200)), page(6, printed("x", 60, 2400))])
        assert text_of(answers[4]).text == ""
        read = [text_of(answer) for answer in answers if not isinstance(answer, EngineGaveUp)]
        assert any(each.markdown for each in read)
        assert {each.engine for each in read} == {engine.name}
    finally:
        engine.close()


def test_text_that_does_not_end_is_given_up(real_server: tuple[str, str]) -> None:
    engine = engine_of(*real_server, max_page_tokens=1)
    try:
        engine.load()
        (answer,) = engine.recognize([page(1, printed("Page 1"))])
        assert isinstance(answer, EngineGaveUp)
    finally:
        engine.close()


def test_another_model_than_the_servers_stops_the_start(real_server: tuple[str, str]) -> None:
    with pytest.raises(StartupError, match=r"'somebody/else'.*HTTP 400: Server is pinned"):
        engine_of(real_server[0], "somebody/else", 1).load()


def test_a_server_without_a_cache_of_models_can_not_name_one(real_server: tuple[str, str]) -> None:
    with pytest.raises(StartupError, match="set GNOSIS_OPENAI_MODEL"):
        engine_of(real_server[0], "", 1).load()
