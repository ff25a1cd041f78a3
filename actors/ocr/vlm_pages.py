"""Pages on their way into a model: page images and a prompt become the processor's tensors; pages become one batch."""

from __future__ import annotations

import copy
import threading
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image

from actors.ocr.engine import Pixels
from actors.ocr.vlm_image import padded
from actors.ocr.vlm_model import VlmModel
from actors.ocr.vlm_prompts import Prompt


@dataclass(frozen=True, slots=True)
class PageInputs:
    """tensors: on the CPU, of one page, in the model's dtype. size: its prompt in tokens, the image's included.

    shape: pages with the same can be read in one pass.
    """

    tensors: dict[str, Any]
    size: int
    shape: Hashable


class PagePreparation:
    """Calls the processor. Each thread has a copy of it: a tokenizer refuses a second caller."""

    def __init__(self, vlm: VlmModel, prompt: Prompt) -> None:
        self._vlm = vlm
        self._prompt = prompt
        self._text = None if prompt.text is None else _with_template(vlm.processor, prompt.text)
        self._first = threading.get_ident()
        self._own = threading.local()

    def inputs(self, pixels: Pixels, scale: float = 1.0) -> PageInputs:
        """scale: of the page image's sides. Resizing to the model's own budget of pixels is the processor's part."""
        text = {} if self._text is None else {"text": [self._text]}
        made = self._processor(images=[_fitted(pixels, scale)], **text, **self._prompt.options, return_tensors="pt")
        dtype = self._vlm.model.dtype
        tensors = {
            name: value.to(dtype) if value.is_floating_point() else value
            for name, value in made.items()
            if torch.is_tensor(value)
        }
        ids = tensors["input_ids"]
        tensors.setdefault("attention_mask", torch.ones_like(ids))
        shape = tuple(sorted((name, tuple(v.shape[1:])) for name, v in tensors.items() if not _is_text(v, ids)))
        return PageInputs(tensors, int(ids.shape[1]), shape)

    @property
    def _processor(self) -> Any:
        if threading.get_ident() == self._first:
            return self._vlm.processor
        if not hasattr(self._own, "processor"):
            self._own.processor = copy.deepcopy(self._vlm.processor)
        return self._own.processor


def collated(pages: list[PageInputs], padding: int) -> dict[str, Any]:
    """The tensors of pages of the same shape as one batch, their text padded on the left with ``padding``."""
    longest = max(page.size for page in pages)
    batch: dict[str, list[Any]] = {}
    for page in pages:
        ids = page.tensors["input_ids"]
        for name, value in page.tensors.items():
            if _is_text(value, ids):
                fill = padding if name == "input_ids" else 0
                value = torch.nn.functional.pad(value, (longest - page.size, 0), value=fill)
            batch.setdefault(name, []).append(value)
    return {name: torch.cat(values) for name, values in batch.items()}


def _is_text(value: Any, ids: Any) -> bool:
    """Whether it has a value for each token."""
    return bool(value.shape == ids.shape and not value.is_floating_point())


def _with_template(processor: Any, text: str) -> str:
    if getattr(processor, "chat_template", None) or getattr(processor.tokenizer, "chat_template", None):
        content = [{"type": "image"}, {"type": "text", "text": text}]
        messages = [{"role": "user", "content": content}]
        return str(processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False))
    return f"{getattr(processor, 'image_token', '<image>')}\n{text}\n"


def _fitted(pixels: Pixels, scale: float) -> Image.Image:
    """The page image, padded with white where it is too small or too narrow for a processor."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if scale != 1:
        image = image.resize([max(1, round(side * scale)) for side in image.size], Image.Resampling.LANCZOS)
    return padded(image)
