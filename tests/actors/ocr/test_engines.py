from __future__ import annotations

from pathlib import Path

import pytest

from actors.ocr.engine import BatchLimits
from actors.ocr.engines import batch_limits, engine_spec, full_name, known_kinds, make_engine
from actors.ocr.engines.spec import EngineOptions
from cluster.errors import StartupError


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
