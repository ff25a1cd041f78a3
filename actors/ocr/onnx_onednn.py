"""Merges what oneDNN, torch's library for convolutions on a processor, can do in one pass over memory.

A convolution with the activation behind it, or with what is added to it, is written to memory once and not twice. Torch
uses the same operations when it compiles a model, but for that it needs a compiler on the machine.
"""

from __future__ import annotations

import torch

from actors.ocr.onnx_draft import Draft, Rules, rewritten
from actors.ocr.onnx_graph import Graph, Step

ACTIVATIONS = {"Relu": "relu", "Gelu": "gelu", "HardSwish": "hardswish", "Silu": "swish", "Sigmoid": "sigmoid"}
"""oneDNN's names."""


def fused_for_cpu(graph: Graph, dtype: torch.dtype = torch.float32) -> Graph:
    """The same network with its convolutions merged with what follows them; itself where oneDNN can't do it here."""
    return rewritten(graph, RULES) if _is_there(dtype) else graph


def _is_there(dtype: torch.dtype = torch.float32) -> bool:
    """Whether torch was built with oneDNN, and this processor computes in that precision."""
    try:
        image = torch.zeros((1, 1, 1, 1), dtype=dtype)
        torch.ops.mkldnn._convolution_pointwise(image, image, None, (0, 0), (1, 1), (1, 1), 1, "relu", [], "")
    except (AttributeError, NotImplementedError, RuntimeError):
        return False
    return True


def _activated(draft: Draft, step: Step) -> Step | None:
    (value,) = step.inputs
    before = draft.made_by(value, "Conv")
    if before is None or not draft.only_for(value):
        return None
    top, left, bottom, right = before.attributes.get("pads", (0, 0, 0, 0))
    if (top, left) != (bottom, right) or "auto_pad" in before.attributes:
        return None
    attributes = {**before.attributes, "activation": ACTIVATIONS[step.operator]}
    return Step("ConvActivated", before.inputs, step.output, attributes)


def _added(draft: Draft, step: Step) -> Step | None:
    for value, other in (step.inputs, step.inputs[::-1]):
        before = draft.made_by(value, "Conv")
        if before is None or not draft.only_for(value) or other in draft.constants:
            continue
        ones = all(set(before.attributes.get(name, [1])) == {1} for name in ("strides", "dilations"))
        plain = not any(before.attributes.get("pads", ())) and before.attributes.get("group", 1) == 1
        point = draft.constants[before.inputs[1]].shape[2:] == (1, 1)
        if ones and plain and point and "auto_pad" not in before.attributes:
            return Step("PointConvAdded", (*(*before.inputs, "")[:3], other), step.output)
    return None


RULES: Rules = {"Add": (_added,), **dict.fromkeys(ACTIVATIONS, (_activated,))}
