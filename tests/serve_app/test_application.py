from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cluster.errors import StartupError
from serve_app.application import NOT_HERE, settings_of

OPEN: dict[str, Any] = {"allow_open": True, "store": "gs://bucket/prefix"}


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GNOSIS_API_KEYS_FILE", "GNOSIS_ENGINES", "GNOSIS_OCR_GPUS", "GNOSIS_JOB_HOSTS"):
        monkeypatch.delenv(name, raising=False)


def test_args_are_settings_whatever_yaml_makes_of_them() -> None:
    settings = settings_of({**OPEN, "ocr_replicas": 2, "render_replicas": "1-4", "ocr_gpus": 0.25, "null_render": True})
    assert (settings.ocr_range, settings.render_range) == ((2, 2), (1, 4))
    assert (settings.ocr_gpus, settings.null_render) == (0.25, True)


def test_what_the_args_do_not_name_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GNOSIS_JOB_HOSTS", "3")
    assert settings_of(OPEN).job_hosts == 3
    assert settings_of({**OPEN, "job_hosts": 4}).job_hosts == 4


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"ocr_replica": 2}, "'ocr_replica', which is no setting"),
        ({"OCR_REPLICAS": 2}, "'OCR_REPLICAS', which is no setting"),
        ({"ocr_replicas": "4-2"}, "GNOSIS_OCR_REPLICAS is '4-2'"),
        ({"ocr_replicas": [1, 4]}, r"'ocr_replicas' to \[1, 4\]: it must be a text, a number"),
        ({"ocr_replicas": None}, "'ocr_replicas' to None"),
        ({"cpu_nodes": "CPU node"}, "GNOSIS_CPU_NODES is 'CPU node'"),
        ({"ocr_cpus": 0}, "GNOSIS_OCR_CPUS is '0'"),
        ({"render_cpus": -1}, "GNOSIS_RENDER_CPUS is '-1'"),
        ({"allow_open": "yes"}, "'allow_open' to 'yes': it must be true or false"),
        ({"allow_open": False}, "Without GNOSIS_API_KEYS_FILE anybody"),
        ({"engines": "ppocr-torch"}, "GNOSIS_OCR_GPUS is unset: .* 'ppocr-torch'"),
        ({"engines": "rapidocr,transformers:/models/a"}, "GNOSIS_OCR_GPUS is unset"),
    ],
)
def test_a_bad_arg_is_refused_by_name(args: dict[str, Any], message: str) -> None:
    with pytest.raises(StartupError, match=message):
        settings_of({**OPEN, **args})


@pytest.mark.parametrize("name", NOT_HERE)
def test_what_the_cluster_decides_is_refused(name: str) -> None:
    with pytest.raises(StartupError, match=f"'{name}', which {NOT_HERE[name]}"):
        settings_of({**OPEN, name: "8000"})


def test_a_secret_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StartupError) as refused:
        settings_of({**OPEN, "webhook_secret": "whsec_short"})
    assert "short" not in str(refused.value)


def test_keys_close_the_server(tmp_path: Path) -> None:
    settings = settings_of({"store": "gs://bucket/prefix", "api_keys_file": str(tmp_path / "keys.json")})
    assert settings.api_keys_file == tmp_path / "keys.json"


def test_zero_gpus_are_an_answer() -> None:
    assert settings_of({**OPEN, "engines": "ppocr-torch", "ocr_gpus": 0}).ocr_gpus == 0
