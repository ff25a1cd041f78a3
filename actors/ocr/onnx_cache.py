"""Keeps converted networks on disk, so that a replica starts without reading and simplifying the ONNX file again.

A file in the folder is named by what it was made from: the weights' hash and the converter's version. It holds a
checksum and the graph as torch stores it, and appears whole or not at all. One that is damaged is made anew; a folder
that can't be written costs time at the next start, nothing else.
"""

from __future__ import annotations

import hashlib
import io
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from actors.ocr.cache_folder import keep
from actors.ocr.onnx_fusion import simplified
from actors.ocr.onnx_graph import Graph, Step, read_graph

CONVERTER = 1
"""To be raised with every change of what a conversion gives."""

_log = logging.getLogger(__name__)


def converted(weights: Path, folder: Path) -> Graph:
    """The simplified network of an ONNX file, from the folder or, then kept there, from the file. StartupError."""
    made_from = hashlib.sha256(weights.read_bytes()).hexdigest()
    kept = folder / f"{weights.stem}-{made_from[:16]}-v{CONVERTER}.graph"
    graph = _load(kept)
    if graph is None:
        graph = simplified(read_graph(weights))
        _save(kept, graph)
    return graph


def _load(path: Path) -> Graph | None:
    """None where there is no whole one."""
    try:
        checksum, _, data = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    if checksum.decode(errors="replace") != hashlib.sha256(data).hexdigest():
        _log.warning("The converted network %s is damaged and is made anew.", path)
        return None
    fields: dict[str, Any] = torch.load(io.BytesIO(data), weights_only=True)
    steps = tuple(Step(**{**step, "inputs": tuple(step["inputs"])}) for step in fields.pop("steps"))
    return Graph(**fields, steps=steps)


def _save(path: Path, graph: Graph) -> None:
    buffer = io.BytesIO()
    steps = [asdict(step) for step in graph.steps]
    fields = {"input": graph.input, "output": graph.output, "constants": graph.constants, "metadata": graph.metadata}
    torch.save({**fields, "steps": steps}, buffer)
    data = buffer.getvalue()
    keep(path, hashlib.sha256(data).hexdigest().encode() + b"\n" + data)
