"""The weights of PP-OCRv6 that lie in the installed RapidOCR wheel; nothing is downloaded."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from cluster.errors import StartupError


@dataclass(frozen=True, slots=True)
class Weights:
    """The networks' files, and the name of the family."""

    family: str
    detector: Path
    orientation: Path
    recognizer: Path


def wheel_weights() -> Weights:
    """StartupError names what is missing: the package, or the file."""
    package = importlib.util.find_spec("rapidocr")  # found and not imported: only its files are wanted
    if package is None or package.origin is None:
        raise StartupError("The package rapidocr is not installed; its weights are needed.")
    folder = Path(package.origin).parent / "models"
    weights = Weights(
        "PP-OCRv6-small",
        folder / "PP-OCRv6_det_small.onnx",
        folder / "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
        folder / "PP-OCRv6_rec_small.onnx",
    )
    for path in (weights.detector, weights.orientation, weights.recognizer):
        if not path.is_file():
            raise StartupError(f"The rapidocr package lacks its weights {path.name}; it must be version 3.10.")
    return weights
