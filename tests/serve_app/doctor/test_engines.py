from __future__ import annotations

import sys

import pytest

from cluster.errors import StartupError
from cluster.settings import load_settings
from serve_app.doctor import engines as checks
from serve_app.doctor.engines import check_engines, check_gpu
from serve_app.doctor.finding import Verdict


def test_one_finding_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(name: str, options: object) -> str:
        if name == "null":
            return "needs nothing"
        raise StartupError("The rapidocr package lacks its weights.")

    monkeypatch.setattr(checks, "check_engine", check)
    good, bad = check_engines(load_settings(engines="null,rapidocr"))
    assert (good.check, good.verdict, good.found) == ("engine null", Verdict.OK, "needs nothing")
    assert (bad.check, bad.verdict, bad.found) == (
        "engine rapidocr",
        Verdict.FAULT,
        "The rapidocr package lacks its weights.",
    )


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"engines": "tesseract"}, "There is no engine 'tesseract'"),
        ({"engines": "null", "fallbacks": "null>rapidocr"}, "GNOSIS_FALLBACKS names 'rapidocr'"),
        ({"engines": "openai"}, "must be followed by a colon"),
    ],
)
def test_settings_that_fit_no_engine(settings: dict[str, str], told: str) -> None:
    (finding,) = check_engines(load_settings(**settings))
    assert finding.verdict is Verdict.FAULT
    assert told in finding.found


@pytest.mark.parametrize(
    ("engines", "has_one", "usable", "verdict"),
    [
        ("rapidocr", False, [], "ok"),
        ("rapidocr", True, [], "ok"),
        ("rapidocr,ppocr-torch", True, ["NVIDIA H100"], "ok"),
        ("ppocr-torch", True, [], "warning"),
        ("ppocr-torch", False, [], "warning"),
        ("tesseract", False, [], "ok"),
    ],
)
def test_gpu(monkeypatch: pytest.MonkeyPatch, engines: str, has_one: bool, usable: list[str], verdict: str) -> None:
    monkeypatch.setattr("actors.ocr.gpu.gpu_names", lambda: usable)
    assert check_gpu(load_settings(engines=engines), has_one).verdict == verdict


def test_without_torch_an_engine_for_the_gpu_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "actors.ocr.gpu", None)
    assert check_gpu(load_settings(engines="ppocr-torch"), True).verdict is Verdict.FAULT
