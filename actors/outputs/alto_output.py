"""The format ``alto``: ALTO 4.2, boxes in pixels of the page images.

Blocks are ``TextBlock`` in reading order, running headers and footers among them; figures without text are
``Illustration``. The kind of a block is a ``LayoutTag``. A hyphen that splits a word over two lines is ``HYP``.
"""

from __future__ import annotations

from collections.abc import Iterator

from actors.outputs.boxed_pages import BoxedPages
from actors.outputs.line_blocks import LineBlock, line_blocks
from actors.outputs.line_shape import shape_of
from actors.outputs.page import OutputDocument, OutputPage, PixelSize, pixel_size
from actors.outputs.words import words_of
from actors.outputs.xml_text import sound, xml_text
from cluster.page_text import BlockKind, Box, Line, PageResult

_HYPHENS = "-\u00ad\u2010"

_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://www.loc.gov/standards/alto/ns-v4# http://www.loc.gov/standards/alto/v4/alto-4-2.xsd">
<Description>
<MeasurementUnit>pixel</MeasurementUnit>
<sourceImageInformation><fileName>{filename}</fileName></sourceImageInformation>
<Processing ID="ocr"><processingStepDescription>OCR</processingStepDescription>\
<processingSoftware><softwareName>gnosis-ocr</softwareName></processingSoftware></Processing>
</Description>
<Tags>
{tags}</Tags>
<Layout>
"""
_TAG = '<LayoutTag ID="kind_{kind}" LABEL="{kind}"/>\n'


class AltoOutput:
    def __init__(self, document: OutputDocument) -> None:
        self._document = document
        self._boxed = BoxedPages("alto")

    def begin(self) -> bytes:
        tags = "".join(_TAG.format(kind=kind) for kind in BlockKind)
        return _HEAD.format(filename=xml_text(self._document.filename), tags=tags).encode()

    def page(self, page: OutputPage) -> bytes:
        if not self._boxed.take(page):
            return b""
        return "".join(_page(page)).encode()

    def end(self) -> bytes:
        self._boxed.check()
        return b"</Layout>\n</alto>\n"


def _page(page: OutputPage) -> Iterator[str]:
    result, number = page.result, page.number
    if result is None:
        yield f'<Page ID="page_{number}" PHYSICAL_IMG_NR="{number}"/>\n'
        return
    size = pixel_size(result)
    confidence = "" if result.read.confidence is None else f' PC="{min(1.0, max(0.0, result.read.confidence)):.4f}"'
    sides = f'HEIGHT="{size.height}" WIDTH="{size.width}"'
    yield f'<Page ID="page_{number}" PHYSICAL_IMG_NR="{number}" {sides}{confidence}>\n'
    yield f'<PrintSpace HPOS="0" VPOS="0" {sides}>\n'
    for place, block in enumerate(line_blocks(result.read), start=1):
        yield from _block(block, f"{number}_{place}", result, size)
    yield "</PrintSpace>\n</Page>\n"


def _block(block: LineBlock, name: str, result: PageResult, size: PixelSize) -> Iterator[str]:
    facts = f'ID="block_{name}" {_box(block.bbox, size)} TAGREFS="kind_{block.kind}"'
    texts = [line for line in block.lines if sound(line.text).strip()]
    if not texts:
        yield f"<Illustration {facts}/>\n"
        return
    yield f"<TextBlock {facts}>\n"
    for place, line in enumerate(texts, start=1):
        follows = texts[place].text.split()[0] if place < len(texts) else ""
        yield _line(line, f"{name}_{place}", result.read.rotation, size, follows)
    yield "</TextBlock>\n"


def _line(line: Line, name: str, rotation: int, size: PixelSize, follows: str) -> str:
    """follows: the word that the next line of the block begins with."""
    shape = shape_of(line, rotation)
    confidence = min(1.0, max(0.0, line.confidence))
    words = words_of(sound(line.text))
    hyphen = _hyphen(words[-1].text, follows)
    strings: list[str] = []
    for place, word in enumerate(words, start=1):
        split = bool(hyphen) and place == len(words)
        part = word.text[:-1] if split else word.text
        whole = f' SUBS_TYPE="HypPart1" SUBS_CONTENT="{xml_text(part + follows)}"' if split else ""
        box = _box(shape.box(word.start, word.end), size)
        strings.append(
            f'<String ID="word_{name}_{place}" {box} WC="{confidence:.2f}" CONTENT="{xml_text(part)}"{whole}/>'
        )
    end = f'<HYP CONTENT="{hyphen}"/>' if hyphen else ""
    return f'<TextLine ID="line_{name}" {_box(line.bbox, size)}>{"<SP/>".join(strings)}{end}</TextLine>\n'


def _hyphen(word: str, follows: str) -> str:
    """The hyphen at the word's end that splits it; "" where it does not: ``Jean-`` before ``Paul`` keeps its own."""
    split = len(word) > 1 and word[-1] in _HYPHENS and word[-2].isalpha() and follows[:1].islower()
    return word[-1] if split else ""


def _box(box: Box, size: PixelSize) -> str:
    x0, y0, x1, y1 = size.box(box)
    return f'HPOS="{x0}" VPOS="{y0}" WIDTH="{max(0, x1 - x0)}" HEIGHT="{max(0, y1 - y0)}"'
