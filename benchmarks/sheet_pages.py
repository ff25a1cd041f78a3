"""Sheets of their own, without page numbers: what stands at their edges is no running line, and labels have values."""

from __future__ import annotations

from itertools import pairwise

from benchmarks.drawing import Drawing, some_style
from benchmarks.drawn_paper import Paper, paragraphs
from benchmarks.drawn_tables import as_markdown, draw_table, random_grid
from benchmarks.quality_checks import Absent, Check, Neighbour, Order, Present, Side
from benchmarks.random_prose import Prose


def _digits(prose: Prose, count: int) -> str:
    return "".join(str(prose.chance.randint(0, 9)) for _ in range(count))


def _day(prose: Prose) -> str:
    month = prose.chance.choice(("January", "March", "May", "August", "October"))
    return f"{prose.chance.randint(1, 28)} {month} 20{prose.chance.randint(10, 26)}"


def _pairs(prose: Prose, count: int, colon: str) -> list[tuple[str, str]]:
    """Labels and their values, all different."""
    makers = (
        lambda: prose.title(2),
        lambda: _digits(prose, 6),
        lambda: _day(prose),
        lambda: _digits(prose, 4),
    )
    labels = prose.chance.sample(sorted({prose.title(2) for _ in range(3 * count)}), count)
    return [(f"{label}{colon}", makers[at % len(makers)]()) for at, label in enumerate(labels)]


def _paired(pairs: list[tuple[str, str]]) -> list[Check]:
    """Each value comes after its label, and before the next one."""
    return [
        *(Order(label, value) for label, value in pairs),
        *(Order(value, label) for (_, value), (label, _) in pairwise(pairs)),
    ]


def letter_foot(prose: Prose) -> Drawing:
    """A letter that ends near the foot of its page, with the firm's accounts below in small print."""
    paper, sentences = Paper(), prose.sentences(20)
    day, name, bank = _day(prose), prose.title(2), f"{prose.title(2)} Bank, account {_digits(prose, 9)}"
    paper.line(400, 70, day, 11)
    paper.flow(paragraphs(sentences[:18], 6), [(70, 100, 525, 560)], some_style(prose, 11))
    paper.line(70, 640, name, 11)
    paper.rule(70, 780, 525, 780, 0.5)
    paper.line(70, 795, bank, 8.5, "helv")
    checks = (Present(day), Present(name), Present(bank), Order(sentences[17], name), Order(day, sentences[0]))
    return Drawing(paper.document(), checks, "\n\n".join([day, " ".join(sentences[:18]), name, bank]))


def signed_sheet(prose: Prose) -> Drawing:
    """A page of text whose last row is the place and the date."""
    paper, sentences, signed = Paper(), prose.sentences(24), f"{prose.title(1)}, {_day(prose)}"
    paper.flow(paragraphs(sentences, 6), [(80, 90, 515, 700)], some_style(prose, 11.5))
    paper.line(80, 770, signed, 11.5)
    checks = (Present(signed), Order(sentences[-1], signed), Present(sentences[3]))
    return Drawing(paper.document(), checks, f"{' '.join(sentences)}\n\n{signed}")


def invoice(prose: Prose) -> Drawing:
    """A number of its own in the first row, labels and values, a table, and the accounts at the foot."""
    paper, pairs, number = Paper(), _pairs(prose, 5, ":"), str(prose.chance.randint(101, 899))
    bank = f"{prose.title(1)} Bank, IBAN {_digits(prose, 12)}"
    paper.line(60, 60, "Invoice", 12, "hebo")
    paper.line(490, 60, number, 12, "hebo")
    for at, (label, value) in enumerate(pairs):
        paper.line(60, 110 + 18 * at, label, 10.5, "helv")
        paper.line(250, 110 + 18 * at, value, 10.5, "helv")
    grid = random_grid(prose, 6, 4)
    draw_table(paper, grid, 60, 240, (150, 100, 100, 100), ruled=True)
    paper.line(60, 800, bank, 8, "helv")
    checks = (
        Order("Invoice", number),
        *_paired(pairs),
        Neighbour(grid[2][2], Side.LEFT, grid[2][1]),
        Present(bank),
    )
    rows = "\n\n".join(f"{label} {value}" for label, value in pairs)
    return Drawing(paper.document(), checks, f"Invoice {number}\n\n{rows}\n\n{as_markdown(grid)}\n\n{bank}")


def filled_form(prose: Prose) -> Drawing:
    """Labels without colons left, what was typed in right, some text above and two columns of it below."""
    paper, pairs, title = Paper(), _pairs(prose, 8, ""), prose.title(3)
    pairs = [(label, value if any(map(str.isdigit, value)) else _digits(prose, 5)) for label, value in pairs]
    above = prose.sentence(12, 16)
    paper.line(60, 70, title, 17, "hebo")
    paper.flow(f"<p>{above}</p>", [(60, 85, 535, 130)], some_style(prose))
    for at, (label, value) in enumerate(pairs):
        paper.line(60, 160 + 24 * at, label, 10, "helv")
        paper.line(280, 160 + 24 * at, value, 11, "cour")
    left, right = (60.0, 400.0, 285.0, 560.0), (310.0, 400.0, 535.0, 560.0)
    sentences = paper.fill(prose.sentences(40), [left, right], some_style(prose))
    checks = (*_paired(pairs), Order(above, pairs[0][0]), Order(pairs[-1][1], sentences[0]))
    rows = "\n\n".join(f"{label} {value}" for label, value in pairs)
    return Drawing(paper.document(), checks, f"# {title}\n\n{above}\n\n{rows}\n\n{' '.join(sentences)}")


def printed_sheet(prose: Prose) -> Drawing:
    """What a journal prints around a page without number: it is left out."""
    paper, sentences, journal = Paper(), prose.sentences(30), f"Journal of {prose.title(3)}"
    rights = f"Copyright 20{prose.chance.randint(10, 26)} {prose.title(2)} Press. All rights reserved."
    paper.centred(297, 40, journal, 8, "tiit")
    paper.centred(297, 815, rights, 7.5, "tiro")
    sentences = paper.fill(sentences, [(70, 80, 525, 740)], some_style(prose, 11), 5)
    checks = (Absent(journal), Absent(rights), Present(sentences[0]), Present(sentences[-1]))
    return Drawing(paper.document(), checks, " ".join(sentences))
