"""What models are asked to do with a page: one small table. Pure.

A model that was trained on one wording is asked in that wording. Whoever adds a model adds a line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any


@dataclass(frozen=True, slots=True)
class Prompt:
    """text: None where the processor writes the prompt itself. options: for the processor's call."""

    text: str | None
    options: dict[str, Any] = field(default_factory=dict)


NANONETS = Prompt(
    "Extract the text from the above document as if you were reading it naturally. "
    "Return the tables in html format. Return the equations in LaTeX representation. "
    "If there is an image in the document and image caption is not present, add a small description of the image "
    "inside the <img></img> tag; otherwise, add the image caption inside <img></img>. "
    "Watermarks should be wrapped in brackets. Ex: <watermark>OFFICIAL COPY</watermark>. "
    "Page numbers should be wrapped in brackets. Ex: <page_number>14</page_number> or "
    "<page_number>9/22</page_number>. Prefer using ☐ and ☑ for check boxes."
)

GENERIC = Prompt(
    "Transcribe all text on this page as Markdown, in reading order. Keep headings, lists and tables. "
    "Write what stands on the page and nothing else."
)

BY_NAME: tuple[tuple[str, Prompt], ...] = (("nanonets-ocr", NANONETS),)
"""By what stands in the model's id or its folder's name, in small letters; the first that fits."""

BY_ARCHITECTURE: dict[str, Prompt] = {"got_ocr2": Prompt(None, {"format": True})}
"""By the ``model_type`` of its configuration: models that know one task."""


def prompt_for(source: str, architecture: str, override: str = "") -> Prompt:
    """source: model id or folder. override: a text that replaces the table's."""
    if override:
        return Prompt(override)
    name = PurePath(source).name.lower()
    for part, prompt in BY_NAME:
        if part in name:
            return prompt
    return BY_ARCHITECTURE.get(architecture, GENERIC)
