"""Pages in one column: footnotes, lists, a letter's foot, an old book."""

from __future__ import annotations

from benchmarks.drawing import Drawing, running_lines, some_style
from benchmarks.drawn_paper import Paper, Style, paragraphs, prose_lines
from benchmarks.quality_checks import Absent, Check, Order, Present
from benchmarks.random_prose import Prose
from benchmarks.worn_pages import old_print


def footnotes(prose: Prose) -> Drawing:
    paper, sentences, notes = Paper(), prose.sentences(24), [f"{prose.sentence(10, 18)}" for _ in range(2)]
    _, number = running_lines(paper, prose, numbered_below=True)
    marked = [f"{s}<sup>{7 + at // 8}</sup>" if at in (8, 16) else s for at, s in enumerate(sentences)]
    body = "".join(f"<p>{' '.join(marked[at : at + 6])}</p>" for at in range(0, 24, 6))
    paper.flow(body, [(80, 60, 515, 660)], Style("serif", 11))
    paper.rule(80, 690, 200, 690)
    noted = "".join(f"<p><sup>{8 + at}</sup> {note}</p>" for at, note in enumerate(notes))
    paper.flow(noted, [(80, 696, 515, 780)], Style("serif", 8.5, gap=2))
    checks: tuple[Check, ...] = (
        *(Present(note) for note in notes),
        Order(sentences[-1], notes[0]),
        Present(sentences[4]),
        Absent(number),
    )
    return Drawing(paper.document(), checks, "\n\n".join([" ".join(sentences), *notes]))


def lists(prose: Prose) -> Drawing:
    """Numbered items that run over their line, one with items of its own."""
    paper, title = Paper(), prose.title(3)
    first, last, inner = prose.sentence(), prose.sentence(), [prose.sentence(4, 8) for _ in range(3)]
    items = [prose.sentence(16, 24) for _ in range(5)]
    nested = "<ul>" + "".join(f"<li>{item}</li>" for item in inner) + "</ul>"
    listed = "".join(f"<li>{item}{nested if at == 1 else ''}</li>" for at, item in enumerate(items))
    markup = f"<h2>{title}</h2><p>{first}</p><ol>{listed}</ol><p>{last}</p>"
    paper.flow(markup, [(80, 80, 500, 700)], Style(some_style(prose).family, 11, align="left"))
    checks: tuple[Check, ...] = (
        Present(items[0]),
        Order(items[1], inner[0]),
        Order(inner[-1], items[2]),
        Order(items[-1], last),
        Present(items[3]),
    )
    lines = [f"{at}. {item}" for at, item in enumerate(items, start=1)]
    lines[2:2] = [f"   - {item}" for item in inner]
    return Drawing(paper.document(), checks, "\n\n".join([f"## {title}", first, "\n".join(lines), last]))


def report(prose: Prose) -> Drawing:
    """A page of a report: what it is at the top, on which page of how many at the foot."""
    paper, sentences, kind = Paper(), prose.sentences(20), f"{prose.title(1)} draft, not for circulation"
    title, page = prose.title(3), f"Page {prose.chance.randint(2, 4)} of {prose.chance.randint(5, 9)}"
    paper.line(70, 40, kind, 8.5, "helv")
    paper.rule(70, 46, 525, 46, 0.5)
    paper.rule(70, 800, 525, 800, 0.5)
    paper.line(70, 812, title, 8.5, "helv")
    paper.line(480, 812, page, 8.5, "helv")
    heading = prose.title(3)
    markup = f"{paragraphs(sentences[:10])}<h2>{heading}</h2>{paragraphs(sentences[10:])}"
    paper.flow(markup, [(70, 70, 525, 780)], some_style(prose, 11))
    checks: tuple[Check, ...] = (
        *(Absent(text) for text in (kind, title, page)),
        Present(sentences[6]),
        Order(sentences[9], heading),
        Order(heading, sentences[10]),
    )
    return Drawing(
        paper.document(), checks, f"{' '.join(sentences[:10])}\n\n## {heading}\n\n{' '.join(sentences[10:])}"
    )


def old_book(prose: Prose) -> Drawing:
    """A worn page in old type, its title and number above."""
    paper, style = Paper(420, 640), Style("serif", 11.5, 1.2, gap=0, indent=14)
    header, number = prose.title(4).upper(), str(prose.chance.randint(101, 899))
    paper.centred(210, 48, header, 9, "tiro")
    paper.line(350, 48, number, 10)
    sentences = paper.fill(prose.sentences(40), [(55, 62, 368, 610)], style, 6)
    checks: tuple[Check, ...] = (
        *(Present(sentences[at]) for at in (1, 7, 14)),
        Order(sentences[5], sentences[12]),
        Absent(header),
        Absent(number),
    )
    return Drawing(paper.document(), checks, " ".join(sentences), old_print)


def numbered_lines(prose: Prose) -> Drawing:
    """A draft whose lines are numbered in the margin, all of them."""
    paper, lines = Paper(612, 792), prose_lines(prose.sentences(50), 430, 12)[:27]
    first = prose.chance.randint(1, 200)
    for at, text in enumerate(lines):
        paper.line(60, 80 + 24 * at, str(first + at), 9, "helv")
        paper.line(95, 80 + 24 * at, text, 12)
    sentences = " ".join(lines).split(". ")
    checks: tuple[Check, ...] = (
        *(Present(f"{sentences[at]}. {sentences[at + 1]}") for at in (0, 4, 8, 12)),
        Order(sentences[2], sentences[9]),
    )
    return Drawing(paper.document(), checks, " ".join(lines))
