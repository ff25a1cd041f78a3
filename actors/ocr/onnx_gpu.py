"""Keeps convolutions away from cuDNN on a GPU, where they can do without.

cuDNN makes a plan for every convolution at every shape that it meets, 6 ms each on an H100: pages and lines come in so
many shapes that the first 64 pages took 35 s, and the next the 2 s that they should. A convolution of one pixel is a
matrix product, with its bias; one within channels has a kernel of torch's own, for channels that come first.
"""

from __future__ import annotations

from actors.ocr.onnx_draft import Draft, Rules, rewritten
from actors.ocr.onnx_graph import Graph, Step


def planned_for_gpu(graph: Graph) -> Graph:
    """The same network with its convolutions of one pixel and those within channels as steps of their own."""
    return rewritten(graph, RULES)


def _without_plan(draft: Draft, step: Step) -> Step | None:
    weight = draft.constants.get(step.inputs[1])
    if weight is None or "auto_pad" in step.attributes:
        return None
    group = step.attributes.get("group", 1)
    top, left, bottom, right = step.attributes.get("pads", (0, 0, 0, 0))
    ones = all(set(step.attributes.get(name, [1])) == {1} for name in ("strides", "dilations"))
    if tuple(weight.shape[2:]) == (1, 1) and group == 1 and ones and not any((top, left, bottom, right)):
        return Step("PointConv", step.inputs, step.output)
    if group > 1 and weight.shape[1] == 1 and group == weight.shape[0] and (top, left) == (bottom, right):
        return Step("DepthwiseConv", step.inputs, step.output, step.attributes)
    return None


RULES: Rules = {"Conv": (_without_plan,)}
