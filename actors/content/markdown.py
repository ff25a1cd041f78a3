"""Markdown of blocks and of a page. Running headers and footers are left out, unless nothing else is on the page."""

from __future__ import annotations

from collections.abc import Sequence

from cluster.page_text import Block, BlockKind


def block_markdown(kind: BlockKind, text: str, level: int) -> str:
    if kind in (BlockKind.TITLE, BlockKind.HEADING):
        return f"{'#' * level} {' '.join(text.split())}"
    return text


def page_text(blocks: Sequence[Block]) -> str:
    return "\n\n".join(block.text for block in _shown(blocks) if block.text)


def page_markdown(blocks: Sequence[Block]) -> str:
    return "\n\n".join(block.markdown for block in _shown(blocks) if block.markdown)


def _shown(blocks: Sequence[Block]) -> Sequence[Block]:
    return [block for block in blocks if not block.kind.running] or blocks
