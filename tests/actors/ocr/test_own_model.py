"""The engine of docs/own-model.md works as it stands, and so does the test that the page gives it."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import actors.ocr.engines
from actors.ocr.engines import batch_limits, check_engine, known_kinds, make_engine
from actors.ocr.engines.spec import EngineOptions
from tests.conftest import REPOSITORY

ENGINE, TEST = re.findall(r"```python\n(.*?)```", (REPOSITORY / "docs/own-model.md").read_text("utf-8"), re.DOTALL)
MODULE = "actors.ocr.engines.mine"


@pytest.fixture(scope="module", autouse=True)
def _one_file_more(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("engines")
    (folder / "mine.py").write_text(ENGINE)
    actors.ocr.engines.__path__.append(str(folder))
    yield
    actors.ocr.engines.__path__.remove(str(folder))
    sys.modules.pop(MODULE, None)


def _mine() -> dict[str, object]:
    """What the engine's file holds, for the page's test, which imports it by its name."""
    spec = importlib.util.spec_from_loader(MODULE, None)
    assert spec is not None
    sys.modules[MODULE] = module = importlib.util.module_from_spec(spec)
    exec(compile(ENGINE, "mine.py", "exec"), module.__dict__)
    names: dict[str, object] = {"__name__": __name__}
    exec(compile(TEST, "test_mine.py", "exec"), names)
    sys.modules.pop(MODULE)
    return {name: value for name, value in names.items() if name in ("TestMyEngine", "loaded")}


globals().update(_mine())


def test_it_is_found_by_its_name(tmp_path: Path) -> None:
    options = EngineOptions(threads=1, fault_folder=tmp_path)
    assert "mine" in known_kinds()
    assert check_engine("mine", options) == "needs nothing"
    engine = make_engine("mine", options)
    assert (engine.name, engine.limits) == ("mine", batch_limits("mine", options))
