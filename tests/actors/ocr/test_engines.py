from __future__ import annotations

import sys
from pathlib import Path

import pytest
import rapidocr

from actors.ocr.engine import BatchLimits
from actors.ocr.engines import batch_limits, check_engine, engine_spec, full_name, known_kinds, make_engine
from actors.ocr.engines.spec import EngineOptions
from cluster.errors import StartupError
from tests.ports import free_port


@pytest.mark.parametrize("name", ["rapidocr", "null"])
def test_an_engine_is_made_by_its_name(name: str, tmp_path: Path) -> None:
    options = EngineOptions(threads=1, fault_folder=tmp_path)
    engine = make_engine(name, options)
    assert engine.name == name
    assert engine.limits == batch_limits(name, options)
    assert engine.capabilities.languages == engine_spec(name).languages


def test_batch_settings_replace_the_engines_own(tmp_path: Path) -> None:
    options = EngineOptions(threads=1, fault_folder=tmp_path, batch_size=7, batch_wait_ms=0)
    engine = make_engine("null", options)
    assert engine.limits == BatchLimits(7, batch_limits("null", options).pixels, 0)


def test_every_kind_is_known_by_the_name_of_its_module() -> None:
    assert {"null", "rapidocr"} <= set(known_kinds())
    assert not {"spec", ""} & set(known_kinds())


def test_a_name_is_checked_as_a_whole() -> None:
    assert full_name("rapidocr") == "rapidocr"
    for wrong, reason in (
        ("rapidocr:x", "takes nothing"),
        ("Null", "no engine"),
        ("spec", "no engine"),
        ("", "no engine"),
    ):
        with pytest.raises(StartupError, match=reason):
            full_name(wrong)


def test_wrong_names_and_options_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="tesseract"):
        make_engine("tesseract", EngineOptions(threads=1, fault_folder=tmp_path))
    with pytest.raises(StartupError, match="boom"):
        make_engine("null", EngineOptions(threads=1, fault_folder=tmp_path, null_faults="boom:page=1"))
    with pytest.raises(StartupError, match="thread"):
        make_engine("rapidocr", EngineOptions(threads=0, fault_folder=tmp_path))


def checked(name: str, folder: Path) -> str:
    return check_engine(name, EngineOptions(threads=1, fault_folder=folder))


def test_the_engines_that_come_with_their_weights_can_load(tmp_path: Path) -> None:
    assert checked("null", tmp_path) == "needs nothing"
    assert checked("rapidocr", tmp_path).startswith("weights in the wheel, read lines with ")
    assert checked("ppocr-torch", tmp_path).startswith("weights of PP-OCRv6-small in the wheel, on ")


def test_weights_that_are_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(rapidocr.__spec__, "origin", str(tmp_path / "__init__.py"))
    for name in ("rapidocr", "ppocr-torch"):
        with pytest.raises(StartupError, match="lacks its weights"):
            checked(name, tmp_path)


def test_the_package_of_the_weights_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(StartupError, match="rapidocr is not installed"):
        checked("rapidocr", tmp_path)


def test_a_package_that_is_broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "actors.ocr.ppocr_weights", None)
    with pytest.raises(StartupError, match="can't load here: ModuleNotFoundError"):
        checked("rapidocr", tmp_path)


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match=r"no config\.json"):
        checked(f"transformers:{tmp_path}", tmp_path)
    with pytest.raises(StartupError, match="no such folder"):
        checked(f"transformers:{tmp_path}/absent", tmp_path)


def test_a_model_that_is_yet_to_be_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert checked("transformers:nobody/no-such-model", tmp_path).startswith("weights not here yet")


def test_a_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("actors.ocr.engines.openai.CHECK_S", 0.2)
    with pytest.raises(StartupError, match="can't be reached"):
        checked(f"openai:http://127.0.0.1:{free_port()}/v1", tmp_path)
