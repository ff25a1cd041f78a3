from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from actors.ocr.vlm_graphs import StepGraphs
from actors.ocr.vlm_model import VlmModel
from actors.ocr.vlm_pages import PageInputs, PagePreparation
from actors.ocr.vlm_prompts import prompt_for
from actors.ocr.vlm_runner import BatchRunner, Row
from benchmarks.random_vlm import FAMILIES
from tests.actors.ocr.engine_contract import printed

TOKENS = 24
NEAR = 1e-4
SIZES = [(500, 120), (200, 90), (480, 130), (90, 700), (300, 300), (260, 300)]


def prepared(model: VlmModel) -> list[PageInputs]:
    preparation = PagePreparation(model, prompt_for(model.source, model.architecture))
    return [preparation.inputs(printed(f"page {n}\n{n * n}", *size)) for n, size in enumerate(SIZES)]


def run_anew(run: Callable[[], None]) -> Callable[[], None]:
    """In place of a recording, which a GPU alone makes."""
    return run


def alone(model: VlmModel, page: PageInputs, tokens: int) -> tuple[list[int], Any]:
    """What transformers' own generate() writes, and its logits (tokens, vocabulary)."""
    output = model.model.generate(
        **page.tensors,
        do_sample=False,
        max_new_tokens=tokens,
        eos_token_id=model.model.config.get_text_config().vocab_size,  # none that could come
        return_dict_in_generate=True,
        output_logits=True,
    )
    return output.sequences[0, page.size :].tolist(), torch.cat(output.logits)


def together(
    model: VlmModel, pages: list[PageInputs], graphs: StepGraphs | None = None
) -> dict[int, tuple[list[int], list[Any]]]:
    """Tokens and logits of pages that enter two steps apart, in pairs where they are alike, and leave at different
    lengths."""
    runner: BatchRunner[int] = BatchRunner(model, graphs=graphs, keep_logits=True)
    seen: dict[int, tuple[list[int], list[Any]]] = {number: ([], []) for number in range(len(pages))}

    def take(written: list[tuple[Row[int], int]]) -> None:
        for place, (row, token) in enumerate(written):
            seen[row.item][0].append(token)
            seen[row.item][1].append(runner.logits[place])
        for row, _ in written:
            if len(seen[row.item][0]) == TOKENS - 3 * row.item:
                runner.leave(row)

    waiting = list(range(len(pages)))
    while waiting or runner.rows:
        if waiting:
            group = [waiting.pop(0)]
            if waiting and pages[waiting[0]].shape == pages[group[0]].shape:
                group.append(waiting.pop(0))
            take(runner.enter([(number, pages[number], 1.0) for number in group]))
        take(runner.step())
        take(runner.step())
    return seen


@pytest.mark.parametrize("replayed", [False, True])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_row_is_written_as_if_it_were_alone(family: str, replayed: bool, vlm: Callable[[str], VlmModel]) -> None:
    model = vlm(family)
    pages = prepared(model)
    assert len({page.size for page in pages}) > 1 or family == "got_ocr2"
    graphs = StepGraphs(model.model, len(pages), lambda: run_anew) if replayed else None
    read = together(model, pages, graphs)
    assert graphs is None or graphs.usable
    for number, (tokens, logits) in read.items():
        expected, reference = alone(model, pages[number], TOKENS - 3 * number)
        for place, (token, other) in enumerate(zip(tokens, expected, strict=True)):
            torch.testing.assert_close(logits[place], reference[place], rtol=0, atol=NEAR)
            if token != other:  # a near-tie: from here on the two write different texts
                assert abs(float(reference[place][token] - reference[place][other])) < 2 * NEAR
                break
        else:
            assert tokens == expected


def test_a_penalty_holds_for_its_own_row(vlm: Callable[[str], VlmModel]) -> None:
    model = vlm("qwen2_5_vl")
    page = prepared(model)[0]

    def written(*penalties: float) -> list[list[int]]:
        runner: BatchRunner[int] = BatchRunner(model)
        rows: list[list[int]] = [[] for _ in penalties]
        taken = runner.enter([(n, page, penalty) for n, penalty in enumerate(penalties)])
        for _ in range(TOKENS):
            for row, token in taken:
                rows[row.item].append(token)
            taken = runner.step()
        return rows

    plain, firm = written(1.0, 50.0)
    assert plain == written(1.0)[0]
    assert len(set(plain)) < len(plain)
    assert len(set(firm)) == len(firm)


def test_rows_that_have_left_give_their_memory_back(vlm: Callable[[str], VlmModel]) -> None:
    model = vlm("idefics3")
    runner: BatchRunner[int] = BatchRunner(model)
    (row, _), *_ = runner.enter([(0, prepared(model)[0], 1.0)])
    assert runner._cache is not None
    assert all(layer.keys.numel() for layer in runner._cache.layers)
    runner.leave(row)
    assert all(layer.keys is None and layer.values is None for layer in runner._cache.layers)
    assert runner.step() == []
