"""The format ``json``: everything that was read, with boxes; docs/formats.md describes it, field by field.

It is one JSON object, written page by page. Coordinates are points from the page's top left, as displayed.
"""

from __future__ import annotations

from typing import Any

import orjson

from actors.outputs.page import OutputDocument, OutputPage
from cluster.page_text import Block, Cell, Line, PageResult

SCHEMA_VERSION = 1


class JsonOutput:
    def __init__(self, document: OutputDocument) -> None:
        self._document = document
        self._between = b"\n"

    def begin(self) -> bytes:
        document = self._document
        head = {
            "schema_version": SCHEMA_VERSION,
            "job_id": document.job_id,
            "document": {
                "filename": _sound(document.filename),
                "file_type": document.file_type,
                "total_pages": document.total_pages,
            },
        }
        return orjson.dumps(head)[:-1] + b',"pages":['

    def page(self, page: OutputPage) -> bytes:
        between, self._between = self._between, b",\n"
        return between + orjson.dumps(json_page(page))

    def end(self) -> bytes:
        return b"\n]}\n"


def json_page(page: OutputPage) -> dict[str, Any]:
    """The page as it stands among the ``pages``."""
    if page.result is None:
        error = page.error
        told = None if error is None else {"code": error.code, "message": _sound(error.message)}
        return {"page": page.number, "status": "failed", "error": told}
    return {"page": page.number, "status": "completed", "error": None, **_read(page.result)}


def _read(result: PageResult) -> dict[str, Any]:
    read = result.read
    return {
        "width": result.width,
        "height": result.height,
        "image_width": result.image_width,
        "image_height": result.image_height,
        "rotation": read.rotation,
        "skew": read.skew,
        "source": read.source,
        "engine": read.engine,
        "engine_version": read.engine_version,
        "layout": read.layout,
        "confidence": read.confidence,
        "reason": None if read.reason is None else _sound(read.reason),
        "text": _sound(read.text),
        "markdown": None if read.markdown is None else _sound(read.markdown),
        "lines": [_line(line) for line in read.lines],
        "blocks": [_block(block) for block in read.blocks],
    }


def _line(line: Line) -> dict[str, Any]:
    return {"text": _sound(line.text), "bbox": line.bbox, "confidence": line.confidence, "quad": line.quad}


def _block(block: Block) -> dict[str, Any]:
    return {
        "kind": block.kind,
        "bbox": block.bbox,
        "lines": block.lines,
        "text": _sound(block.text),
        "markdown": _sound(block.markdown),
        "level": block.level,
        "cells": [_cell(cell) for cell in block.cells],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "row": cell.row,
        "column": cell.column,
        "row_span": cell.row_span,
        "column_span": cell.column_span,
        "text": _sound(cell.text),
        "bbox": cell.bbox,
    }


def _sound(text: str) -> str:
    """Without half surrogate pairs, which no UTF-8 can carry."""
    return text.encode("utf-8", "replace").decode("utf-8")
