"""What makes an output: it is told of the pages in order and gives the output's text piece by piece."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from actors.outputs.alto_output import AltoOutput
from actors.outputs.hocr_output import HocrOutput
from actors.outputs.json_output import JsonOutput
from actors.outputs.page import OutputDocument, OutputPage
from actors.outputs.text_output import MarkdownOutput, TextOutput


class OutputWriter(Protocol):
    """One output. ``begin``, then ``page`` for each page in order, then ``end``; the output is what they return."""

    def begin(self) -> bytes: ...

    def page(self, page: OutputPage) -> bytes: ...

    def end(self) -> bytes:
        """FormatNotAvailable where what was read does not give this format: nothing of the output is of use then."""


WRITERS: dict[str, Callable[[OutputDocument], OutputWriter]] = {
    "txt": TextOutput,
    "md": MarkdownOutput,
    "json": JsonOutput,
    "hocr": HocrOutput,
    "alto": AltoOutput,
}
"""By format. The searchable PDF is made elsewhere (actors/render/searchable_pdf.py): it takes the document itself."""
