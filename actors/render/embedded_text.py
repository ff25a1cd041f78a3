"""Whether a page's embedded text may be taken in the place of OCR: the rule, over plain data.

In this order, and the first that applies decides:

1. More characters than a page can hold: no page's text.
2. Too many characters without Unicode mapping: the font's letters are unknown, whatever they look like.
3. Text that is not seen (drawn without ink, or below a picture) and makes up most of it is an earlier OCR: it must read
   like words. Otherwise what is not seen does not count, and what is seen must not be rubbish.
4. No text at all: a page that shows nothing is blank, any other is for OCR.
5. The text must account for what the page shows: a stamp on a scan does not.

docs/embedded-text.md tells the same to users, with the reasons of the thresholds.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from actors.render.page_ink import Ink
from actors.render.word_likeness import word_likeness
from cluster.page_text import Box, Line, PageText

MOST_CHARACTERS = 200_000
"""Ten times the densest newspaper page."""

MOST_UNMAPPED = 0.05
"""Of the characters of words; a sign that stands alone, as bullets do, is not counted. At one in twenty, every fourth
word is damaged."""

HIDDEN_LAYER = 0.5
"""Of the characters: from here on the layer as a whole is an earlier OCR."""

LEAST_WORDS_OF_OCR = 0.8
MOST_SINGLES_OF_OCR = 0.3
"""Of an earlier OCR: characters in words, and words of one letter. Good ones reach 0.9 and more."""

LEAST_WORDS = 0.35
"""Of text that is seen: formulas and tables stay above it, fonts with shifted codes do not."""

PAGE_FILLING = 0.7
"""Of the page's area: a picture of that size with detail of its own is a scan, and text over it was added."""

MOST_BESIDE = 0.5
MOST_BESIDE_LONG = 0.85
MOST_BESIDE_ON_SCAN = 0.15
MOST_BESIDE_DRAWN = 0.92
LONG_TEXT = 400
SMALL_PICTURES = 0.05
"""Of the page's detail, what may lie outside the text: half; on pages with LONG_TEXT characters of text, which have
figures and are no stamped scans, more; under text over a page-filling picture nearly nothing. Where nothing but lines
and areas is drawn besides (pictures are SMALL_PICTURES of the page's area at most), nearly all: figures are that, and
letters drawn as outlines, which are read by OCR alone, leave no text at all or little."""

_FAULT = "embedded text rejected: "
_BLANK = "the page is blank"
_SYMBOLS = {0xF0B7: "•", 0xF0A7: "▪", 0xF0D8: "➢", 0xF0FC: "✓", 0xF0E0: "→", 0xF0A8: "◻", 0xF076: "❖", 0xAD: "-"}
"""Signs of the fonts Symbol and Wingdings, which have no other mapping; and the hyphen at which a word was broken."""


@dataclass(frozen=True, slots=True)
class EmbeddedLine:
    """bbox: points, as displayed. hidden: drawn without ink, or below a picture."""

    text: str
    bbox: Box
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class EmbeddedPage:
    """What a page carries. width, height: points, as displayed. paragraphs: lines in the order of the file.

    pictures: boxes of the images it shows. overlong: there were more characters, which were left out.
    """

    width: float
    height: float
    paragraphs: tuple[tuple[EmbeddedLine, ...], ...]
    pictures: tuple[Box, ...] = ()
    overlong: bool = False

    @property
    def lines(self) -> list[EmbeddedLine]:
        return [line for paragraph in self.paragraphs for line in paragraph]


@dataclass(frozen=True, slots=True)
class Verdict:
    """read: the text that is taken; None where the page is for OCR. reason: what is out of the ordinary about it."""

    read: PageText | None
    reason: str | None = None


def fault_of_characters(page: EmbeddedPage) -> str | None:
    """Why the text can't be taken, as far as its characters alone tell; None where they don't."""
    if page.overlong:
        return f"{_FAULT}more than {MOST_CHARACTERS} characters"
    lines = page.lines
    if not lines:
        return None
    unmapped = _unmapped_share(lines)
    if unmapped > MOST_UNMAPPED:
        return f"{_FAULT}no Unicode mapping for {unmapped:.0%} of its characters"
    if _is_hidden_layer(lines):
        likeness = word_likeness(" ".join(line.text for line in lines))
        if likeness.share is None or likeness.share < LEAST_WORDS_OF_OCR or likeness.singles > MOST_SINGLES_OF_OCR:
            share = likeness.share or 0.0
            return f"{_FAULT}an earlier OCR of poor quality, of which {share:.0%} reads like words"
        return None
    likeness = word_likeness(" ".join(line.text for line in lines if not line.hidden))
    if likeness.share is not None and likeness.share < LEAST_WORDS:
        return f"{_FAULT}only {likeness.share:.0%} of it reads like words"
    return None


def is_scan(page: EmbeddedPage) -> bool:
    """Whether there is no text, and something that only OCR can read."""
    return not page.lines and _pictured(page) > SMALL_PICTURES


def judge(page: EmbeddedPage, ink: Ink) -> Verdict:
    """ink: of the whole page. For text whose characters have no fault."""
    hidden = _is_hidden_layer(page.lines)
    if not hidden:
        page = _seen(page, ink)
    lines = page.lines
    if not lines:
        return Verdict(PageText("", reason=_BLANK, confidence=1.0)) if ink.is_blank else Verdict(None)
    beside = ink.share_beside([line.bbox for line in lines])
    if beside > _most_beside(page, hidden):
        return Verdict(None, f"{_FAULT}it covers {1 - beside:.0%} of what the page shows")
    reason = "an earlier OCR, as embedded" if hidden else None
    return Verdict(replace(text_of(page), reason=reason, confidence=None if hidden else 1.0))


def text_of(page: EmbeddedPage) -> PageText:
    """The text as it is, in the order of the file."""
    paragraphs = [[(clean(line.text), line.bbox) for line in paragraph] for paragraph in page.paragraphs]
    lines = [(text, bbox) for paragraph in paragraphs for text, bbox in paragraph if text]
    texts = ("\n".join(text for text, _ in paragraph if text) for paragraph in paragraphs)
    return PageText("\n\n".join(filter(None, texts)), tuple(Line(text, bbox, 1.0) for text, bbox in lines))


def as_it_is(page: EmbeddedPage) -> PageText:
    """For those who want no OCR whatever the text is like. reason: what is wrong with it."""
    read = text_of(page)
    if page.overlong:
        return replace(read, reason=f"cut after {MOST_CHARACTERS} characters")
    return read if read.lines else replace(read, reason="the page has no embedded text")


def clean(text: str) -> str:
    """With signs for what only certain fonts map, and without control characters."""
    return "".join(char for char in text.translate(_SYMBOLS) if char == "\t" or not _is_control(char)).strip()


def _seen(page: EmbeddedPage, ink: Ink) -> EmbeddedPage:
    """Without the lines that nobody sees: drawn without ink, white on white, off the page."""
    paragraphs = (
        tuple(line for line in paragraph if not line.hidden and ink.shows(line.bbox)) for paragraph in page.paragraphs
    )
    return replace(page, paragraphs=tuple(paragraph for paragraph in paragraphs if paragraph))


def _most_beside(page: EmbeddedPage, hidden: bool) -> float:
    if hidden:
        return MOST_BESIDE
    pictured = _pictured(page)
    if pictured >= PAGE_FILLING:
        return MOST_BESIDE_ON_SCAN
    if pictured <= SMALL_PICTURES:
        return MOST_BESIDE_DRAWN
    characters = sum(not char.isspace() for line in page.lines for char in line.text)
    return MOST_BESIDE_LONG if characters >= LONG_TEXT else MOST_BESIDE


def _pictured(page: EmbeddedPage) -> float:
    """Of the page's area, that of its pictures; a scan may come in strips."""
    area = page.width * page.height
    return sum(_area(picture, page) for picture in page.pictures) / area if area else 0.0


def _area(box: Box, page: EmbeddedPage) -> float:
    """Of the part that lies on the page."""
    x0, y0, x1, y1 = box
    across, down = min(x1, page.width) - max(x0, 0), min(y1, page.height) - max(y0, 0)
    return max(0.0, across) * max(0.0, down)


def _unmapped_share(lines: list[EmbeddedLine]) -> float:
    counted = unmapped = 0
    for line in lines:
        for token in line.text.split():
            unknown = sum(map(_is_unmapped, token))
            if unknown < 2 and not any(map(str.isalnum, token)):
                continue
            counted += len(token)
            unmapped += unknown
    return unmapped / counted if counted else 0.0


def _is_hidden_layer(lines: list[EmbeddedLine]) -> bool:
    hidden = sum(len(line.text) for line in lines if line.hidden)
    return hidden > 0 and hidden >= HIDDEN_LAYER * sum(len(line.text) for line in lines)


@lru_cache(4096)
def _is_unmapped(char: str) -> bool:
    return char == "�" or (unicodedata.category(char) in ("Co", "Cn", "Cc", "Cs") and ord(char) not in _SYMBOLS)


@lru_cache(4096)
def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs")
