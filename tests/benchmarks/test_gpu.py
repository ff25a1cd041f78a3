from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from actors.ocr.ppocr_torch import processor_precision
from benchmarks import gpu_ppocr, gpu_vlm

CHECKOUT = Path(__file__).resolve().parents[2]
NOT_THERE = (
    *("ray", "starlette", "multipart", "orjson", "pydantic_settings", "uuid_utils", "pymupdf", "fitz", "pymupdf4llm"),
    *("openvino", "google.cloud", "google_crc32c", "psutil"),
)
"""What the GPU benchmark must do without."""

IMPORTED = """
import runpy, sys
for name in {absent!r}:
    sys.modules[name] = None
sys.argv = ["gpu.py", "--help"]
sys.path[0] = "benchmarks"
try:
    runpy.run_path("benchmarks/gpu.py", run_name="__main__")
except SystemExit:
    pass
import actors.ocr.ppocr_torch_engine, actors.ocr.transformers_engine, actors.ocr.ppocr_onnxruntime
"""


def test_it_starts_as_a_file_with_little_installed() -> None:
    script = IMPORTED.format(absent=NOT_THERE)
    done = subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stderr
    assert "ppocr-torch" in done.stdout


def test_ppocr_torch_is_checked_and_timed() -> None:
    rows = dict(gpu_ppocr.measure("cpu", gpu_ppocr.sample_pages(rows=740)[:1], 2, batch=1, threads=1))
    agreement = rows["characters as with ONNX Runtime"]
    assert float(agreement.split(" ")[0]) >= 99.5
    (rate,) = (value for name, value in rows.items() if name.startswith("2 pages of"))
    assert float(rate.removesuffix(" pages/s")) > 0
    assert rows["version"].endswith(f"-cpu-{processor_precision()}")


def test_a_vision_language_model_is_timed_against_its_memory() -> None:
    about, rows = gpu_vlm.measure("cpu", gpu_ppocr.sample_pages(rows=100)[0], gpu_vlm.TINY)
    assert "8 written" in about
    assert [row[0].split(",")[0] for row in rows] == ["batch 1", "batch 4", "4 in-flight", "4 static"]
    assert all(float(row[1]) > 0 for row in rows)


def test_three_billion_are_three_billion() -> None:
    model = gpu_vlm.random_model(gpu_vlm.THREE_BILLION, "meta").model
    count = sum(weight.numel() for weight in model.parameters())
    assert 3.5e9 < count < 4.0e9
    assert torch.get_default_dtype() == torch.float32


def test_the_limit_is_what_must_be_read_for_a_token() -> None:
    model = gpu_vlm.random_model(gpu_vlm.TINY, "cpu")
    limit = gpu_vlm.Limit(model, gpu_ppocr.sample_pages(rows=100)[0], bandwidth=1e9)
    seen = sum(weight.numel() for name, weight in model.model.named_parameters() if "visual" in name)
    weights = 4 * (limit.parameters - seen)
    keys = 2 * 2 * 2 * 8 * 4  # keys and values, layers, heads, numbers a head, bytes
    step = weights + keys * (limit.prompt + 5)
    assert limit.pages_a_second([10], 1) == pytest.approx(1e9 / (10 * step))
    assert 1 < limit.pages_a_second([10] * 8, 8) / limit.pages_a_second([10], 1) < 8
