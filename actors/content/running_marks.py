"""What the text of a running line, or of a line at a page's edge, gives away: page numbers, prints, facts.

Page numbers have a shape; prints, publications and copyrights are no part of what a page says; long numbers and
addresses of mail are facts, which nobody wants to lose.
"""

from __future__ import annotations

import re

_YEAR = r"(?:1[5-9]|20)\d\d"  # stands alone at a cover's foot, and behind an issue's number
_ROMAN = r"[ivxl]{1,7}"
_NUMBER = rf"(?:\d{{1,4}}|{_ROMAN})"
_OF = r"(?:of|von|de|di|van|/|\||из|av|af|sur)"
_NUMBER_ALONE = re.compile(rf"(?!{_YEAR}$)[^\w($€£]{{0,3}}{_NUMBER}[^\w)]{{0,3}}")
_NUMBER_OF = re.compile(
    rf"\W*(?:\w{{1,6}}\.?\s{{0,2}})?{_NUMBER}\s?{_OF}\s?(?!{_YEAR}\b)\d{{1,4}}\W*",
    re.IGNORECASE,
)
_PAGE = r"(?:page|p|pg|pag|seite|s|página|pagina|side|sida|стр|с)"
_NAMED = re.compile(rf"\W*{_PAGE}(?:\.?\s?\d{{1,4}}|(?:\.\s?|\s){_ROMAN})\W*", re.IGNORECASE)  # "Six" is no page
_CJK = re.compile(r"第?\s?\d{1,4}\s?[页頁ページ]+")
_ONE_OF_ONE = re.compile(rf"\D*1\s?{_OF}\s?1\D*", re.IGNORECASE)

_COPYRIGHT = re.compile(r"©|\(c\)\s*\d{4}|copyright", re.IGNORECASE)
_PUBLISHED = re.compile(r"\b(?:doi|issn|isbn|arxiv|vol|volume|pp)\b\.?[:\s]*[\d(]", re.IGNORECASE)
_STAMP = re.compile(r"\barxiv\s?:|\bauthor manuscript\b|\bdownloaded from\b|\b(?:article in|in) press\b", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://|www\.", re.IGNORECASE)
_DATE = r"(?:\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b)"
_PRINT = r"\b(?:print|version|rev|updated|modified|generated|download|gedruckt|druck|stand\b|imprim|impres|stampa)"
_PRINTED = re.compile(rf"{_PRINT}.*{_DATE}|{_DATE}.*{_PRINT}", re.IGNORECASE)

_MONTH = r"(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|déc)[^\W\d]*\.?"
_DAY = re.compile(rf"{_DATE}|\b\d{{1,2}}(?:\.|st|nd|rd|th)?\s(?:de\s)?{_MONTH}|\b{_MONTH}\s\d{{1,2}}\b", re.IGNORECASE)
_PASSING = re.compile(rf"{_DATE}|\b{_YEAR}\b|\b\d{{1,2}}:\d{{2}}(?::\d{{2}})?\b|https?://\S+|www\.\S+", re.IGNORECASE)
_CODE = re.compile(r"\d{5}|\b\w+@\w+|(?:\d[ ./()+-]{0,3}){7}")

PLACED = 3
"""Words beside a day, at most."""

_PAPERS = re.compile(
    r"invoice|order|receipt|bill|quote|quotation|ticket|case|file|ref|reference|account|customer|member|no|nr|number|"
    r"rechnung|auftrag|bestellung|angebot|lieferschein|beleg|kunde|konto|aktenzeichen|nummer|"
    r"facture|commande|devis|reçu|client|numéro|factura|pedido|recibo|cliente|número|"
    r"fattura|ordine|ricevuta|numero|fatura|factuur|bestelling"
)
"""What papers and records are called that have a number of their own."""


def is_page_number(text: str) -> bool:
    return any(pattern.fullmatch(text) for pattern in (_NUMBER_ALONE, _NUMBER_OF, _NAMED, _CJK))


def is_one_of_one(text: str) -> bool:
    """``Page 1 of 1``: the page number of a sheet of its own."""
    return bool(_ONE_OF_ONE.fullmatch(text))


def tells_foot(text: str) -> bool:
    """Whether a web address, a dated print or a copyright stands in it."""
    return any(pattern.search(text) for pattern in (_ADDRESS, _COPYRIGHT, _PRINTED))


def tells_foot_alone(text: str) -> bool:
    """The same, and it is no sentence about one."""
    sentence = text.endswith(".") and len(text.split()) > 5 and not _COPYRIGHT.search(text)
    return not sentence and tells_foot(text)


def is_published(text: str) -> bool:
    """Whether it says where a text was published, or whose it is."""
    return bool(_COPYRIGHT.search(text) or _PUBLISHED.search(text))


def is_stamp(text: str) -> bool:
    """What archives and publishers print up a page's margin."""
    return bool(_STAMP.search(text)) or is_published(text)


def carries_facts(text: str) -> bool:
    """Whether a long number or a mail address stands in it: an account, a telephone. Dates, times, years and addresses
    of the web are none."""
    return bool(_CODE.search(_PASSING.sub(" ", text)))


def is_dated(text: str) -> bool:
    """Whether it is a day, with a place or another word or two: ``Oldbridge, 4 May 2026``."""
    left, days = _DAY.subn(" ", text)
    words = re.findall(r"[^\W\d]+", left)
    return days == 1 and len(words) <= PLACED and sum(map(len, words)) <= 25


def names_paper(text: str) -> bool:
    """Whether it is what a paper with a number of its own is called: ``Invoice``, ``Purchase order``"""
    words = re.findall(r"[^\W\d]+", text.casefold())
    return 0 < len(words) <= 2 and bool(_PAPERS.fullmatch(words[-1]))
