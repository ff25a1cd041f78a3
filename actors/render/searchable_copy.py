"""The copy of a document that becomes its searchable PDF. It runs in the rendering process, through MuPDF.

A PDF is copied byte for byte, and its pages get a content stream before their own: invisible text, which leaves the
graphics state as it was. Nothing that was there is rewritten: what changes (the page's list of streams, its resources)
is appended, as PDF's incremental updates do. Only a damaged file is written anew, since it can't be added to; its
streams stay as they are even then. An encrypted file stays encrypted as it was: what is added, too.

Of images, pages are made: the original picture (page_picture.py) and the text over it.

The copy grows by a few pages at a time and is closed in between, so memory does not grow with it.
"""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymupdf
from pymupdf import mupdf

from actors.outputs import glyphless_font
from actors.outputs.text_layer import EXTRA_FONT, FONT, Matrix, text_layer
from actors.render.document import Document, open_document
from actors.render.image_document import ImageDocument
from actors.render.order import LayerOrder, LayersAdded, PageLayer, new_copy
from actors.render.page_picture import PagePicture
from cluster.errors import DocumentError, PageError

BLANK_PAGE = (612.0, 792.0)
"""Points: a page whose picture can't be had."""


Opened = Callable[[str, str | None], Document]
"""The document at a path, by its password; it may be one that is open already. Raises what opening a document does."""


def _opened(path: str, password: str | None) -> Document:
    return open_document(Path(path), password)


def add_layers(order: LayerOrder, opened: Opened = _opened) -> LayersAdded:
    """The next pages of the copy, which ``order.begin`` makes. Raises what opening a document does, MemoryError, and
    whatever PyMuPDF does.

    opened: of images, gives the document whose pages are drawn: to count a long TIFF's pages takes a second or more.
    """
    if order.begin and not order.images:
        open_document(Path(order.path), order.password).close()  # where it can't be opened, the error says why
        shutil.copyfile(order.path, order.copy)
    if not order.pages:
        return LayersAdded(order.font)
    fresh = order.begin and order.images
    copy = pymupdf.open() if fresh else pymupdf.open(order.copy, filetype="pdf")
    try:
        if copy.needs_pass:
            copy.authenticate(order.password or "")
        layers = _Layers(copy, order.font, order.pages[0].page)
        for page in order.pages:
            if order.images:
                _new_page(copy, _picture(order, page.page, opened))
            layers.add(page)
        layers.end()
        _save(copy, order.copy)
    finally:
        copy.close()
    return LayersAdded(layers.font)


def _save(copy: Any, path: str) -> None:
    if copy.name == path and copy.can_save_incrementally():
        copy.saveIncr()
        return
    new = new_copy(Path(path))
    copy.save(str(new), encryption=pymupdf.PDF_ENCRYPT_KEEP)
    new.replace(path)


class _Layers:
    """The layers of one order. font: the object of the font that all pages share, once there is one.

    first: the order's first page. Pages of other orders may share their resources with these, and each order has
    characters in a font of its own: its name must be no other's.
    """

    def __init__(self, copy: Any, font: int | None, first: int) -> None:
        self.copy, self.font = copy, font
        self.extra = glyphless_font.ExtraCodes(f"{EXTRA_FONT}{first}")
        self.extra_font: int | None = None

    def add(self, layer: PageLayer) -> None:
        if not layer.lines:
            return
        page = mupdf.pdf_load_page(_pdf(self.copy), layer.page - 1)
        content = text_layer(layer.lines, layer.rotation, _to_pdf(page, layer), self.extra)
        if not content:
            return
        self.font = self.font or _add_font(self.copy, glyphless_font.unicode_map())
        fonts = {FONT: self.font}
        if self.extra.letters:
            self.extra_font = self.extra_font or self.copy.get_new_xref()
            fonts[self.extra.font] = self.extra_font
        _add_to_resources(self.copy, page.obj(), fonts)
        _put_before(self.copy, page.obj(), _add_stream(self.copy, "<<>>", content))

    def end(self) -> None:
        """The second font comes last: only now it is known which characters it has."""
        if self.extra_font is not None:
            _add_font(self.copy, glyphless_font.unicode_map(self.extra.letters), self.extra_font)


def _to_pdf(page: Any, layer: PageLayer) -> Matrix:
    """From the layer's coordinates, which are the page's as displayed, to the page's own."""
    box, matrix = mupdf.FzRect(), mupdf.FzMatrix()
    mupdf.pdf_page_transform(page, box, matrix)
    shown = mupdf.fz_transform_rect(box, matrix)
    across = (shown.x1 - shown.x0) / layer.width if layer.width else 1.0
    down = (shown.y1 - shown.y0) / layer.height if layer.height else 1.0
    back = mupdf.fz_invert_matrix(matrix)
    scale = mupdf.fz_make_matrix(across, 0, 0, down, shown.x0, shown.y0)
    whole = mupdf.fz_concat(scale, back)
    return whole.a, whole.b, whole.c, whole.d, whole.e, whole.f


def _pdf(copy: Any) -> Any:
    return mupdf.pdf_document_from_fz_document(copy.this)


def _add_stream(copy: Any, entries: str, data: bytes, *, packed: bool = False) -> int:
    """A new object with this stream. packed: ``entries`` name its filter already."""
    xref = int(copy.get_new_xref())
    copy.update_object(xref, entries)
    stream = data if packed else zlib.compress(data)
    reference = mupdf.pdf_new_indirect(_pdf(copy), xref, 0)
    if not packed:
        mupdf.pdf_dict_puts(reference, "Filter", mupdf.pdf_new_name("FlateDecode"))
    mupdf.pdf_update_stream(_pdf(copy), reference, mupdf.fz_new_buffer_from_copied_data(stream), 1)
    return xref


def _add_font(copy: Any, to_unicode: bytes, xref: int | None = None) -> int:
    """xref: the object that it becomes; None for a new one."""
    file = glyphless_font.truetype()
    name, width = glyphless_font.NAME, glyphless_font.WIDTH
    ascent, descent = glyphless_font.ASCENT, glyphless_font.DESCENT
    file_xref = _add_stream(copy, f"<</Length1 {len(file)}>>", file)
    glyphs = _add_stream(copy, "<<>>", glyphless_font.cid_to_gid())
    unicode_xref = _add_stream(copy, "<<>>", to_unicode)
    descriptor = int(copy.get_new_xref())
    copy.update_object(
        descriptor,
        f"<</Type/FontDescriptor/FontName/{name}/Flags 5/FontBBox[0 {descent} {width} {ascent}]/ItalicAngle 0"
        f"/Ascent {ascent}/Descent {descent}/CapHeight {ascent}/StemV 80/FontFile2 {file_xref} 0 R>>",
    )
    inner = int(copy.get_new_xref())
    copy.update_object(
        inner,
        f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{name}/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
        f"/Supplement 0>>/FontDescriptor {descriptor} 0 R/DW {width}/CIDToGIDMap {glyphs} 0 R>>",
    )
    font = xref or int(copy.get_new_xref())
    copy.update_object(
        font,
        f"<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H/DescendantFonts[{inner} 0 R]"
        f"/ToUnicode {unicode_xref} 0 R>>",
    )
    return font


def _add_to_resources(copy: Any, page: Any, fonts: dict[str, int]) -> None:
    """Into the page's own resources, or those that it shares with others: the names are no one else's."""
    resources = mupdf.pdf_dict_get_inheritable(page, mupdf.pdf_new_name("Resources"))
    if not mupdf.pdf_is_dict(resources):
        resources = mupdf.pdf_dict_puts_dict(page, "Resources", 1)
    known = mupdf.pdf_dict_gets(resources, "Font")
    if not mupdf.pdf_is_dict(known):
        known = mupdf.pdf_new_dict(_pdf(copy), 2)
        mupdf.pdf_dict_puts(resources, "Font", known)
    for name, xref in fonts.items():
        mupdf.pdf_dict_puts(known, name, mupdf.pdf_new_indirect(_pdf(copy), xref, 0))


def _put_before(copy: Any, page: Any, stream: int) -> None:
    """The page's own streams stay what they are, after ours."""
    document = _pdf(copy)
    before = mupdf.pdf_dict_gets(page, "Contents")
    streams = mupdf.pdf_new_array(document, 2)
    mupdf.pdf_array_push(streams, mupdf.pdf_new_indirect(document, stream, 0))
    if mupdf.pdf_is_array(before):
        for place in range(mupdf.pdf_array_len(before)):
            mupdf.pdf_array_push(streams, mupdf.pdf_array_get(before, place))
    elif before.m_internal:
        mupdf.pdf_array_push(streams, before)
    mupdf.pdf_dict_puts(page, "Contents", streams)


def _picture(order: LayerOrder, page: int, opened: Opened) -> PagePicture | None:
    """None where the page can't be had: its place is kept by a blank one."""
    document = opened(order.path, order.password)
    try:
        return document.picture(page, order.dpi) if isinstance(document, ImageDocument) else None
    except MemoryError:
        raise
    except (DocumentError, PageError, OSError, ValueError, SyntaxError, EOFError):  # as rendering it would fail
        return None


def _new_page(copy: Any, picture: PagePicture | None) -> None:
    if picture is None:
        copy.new_page(width=BLANK_PAGE[0], height=BLANK_PAGE[1])
        return
    page = copy.new_page(width=picture.page_width, height=picture.page_height)
    decode = "/Decode[" + "1 0 " * 4 + "]" if picture.inverted else ""
    image = _add_stream(
        copy,
        f"<</Type/XObject/Subtype/Image/Width {picture.width}/Height {picture.height}/ColorSpace/{picture.colors}"
        f"/BitsPerComponent {picture.bits}/Filter/{picture.filter}{decode}>>",
        picture.data,
        packed=True,
    )
    copy.xref_set_key(page.xref, "Resources", f"<</XObject<</Page {image} 0 R>>>>")
    drawing = " ".join(f"{value:.4f}" for value in picture.place)
    stream = _add_stream(copy, "<<>>", f"q {drawing} cm /Page Do Q\n".encode("ascii"))
    copy.xref_set_key(page.xref, "Contents", f"{stream} 0 R")
