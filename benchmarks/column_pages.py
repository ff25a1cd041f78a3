"""Pages in columns, with what makes columns hard: headlines and figures across, boxes and notes between."""

from __future__ import annotations

from itertools import pairwise

from benchmarks.drawing import Drawing, column_checks, running_lines, some_style
from benchmarks.drawn_paper import Paper, Style, columns, prose_lines
from benchmarks.quality_checks import Absent, Check, Order, Present
from benchmarks.random_prose import Prose
from benchmarks.worn_pages import noisy, old_print, pale


def two_columns(prose: Prose) -> Drawing:
    paper, title, sentences = Paper(), prose.title(), prose.sentences(60)
    header, number = running_lines(paper, prose)
    rects = columns((55, 120, 540, 780), 2, 20)
    paper.flow(f"<h1>{title}</h1>", [(55, 60, 540, 118)], some_style(prose))
    sentences = paper.fill(sentences, rects, some_style(prose))
    document = paper.document()
    checks = [Order(title, sentences[0]), *column_checks(document, rects, sentences), Absent(header), Absent(number)]
    return Drawing(document, tuple(checks), f"# {title}\n\n{' '.join(sentences)}")


def worn_columns(prose: Prose) -> Drawing:
    """A bad copy of two columns, a heading in the first; the gutter is narrower than a line is high."""
    paper, title, heading, sentences = Paper(), prose.title(), prose.title(1), prose.sentences(80)
    left, right = columns((60, 140, 535, 760), 2, prose.chance.uniform(6.5, 9))
    below = (left[0], left[1] + 28, left[2], left[3])
    paper.centred(297, 100, title, 18, "tibo")
    paper.line(left[0], left[1] + 14, heading, 13, "tibo")
    sentences = paper.fill(sentences, [below, right], Style("serif", 10, 1.2, gap=0, indent=12), 5)
    document = paper.document()
    checks = [
        Order(title, sentences[0]),
        Order(heading, sentences[0]),
        *column_checks(document, [below, right], sentences),
        Present(sentences[12]),
    ]
    ideal = f"# {title}\n\n## {heading}\n\n{' '.join(sentences)}"
    return Drawing(document, tuple(checks), ideal, prose.chance.choice((noisy, pale)))


def newspaper(prose: Prose) -> Drawing:
    """Three narrow columns with rules between them, under a headline across all."""
    paper, title, sentences = Paper(612, 792), prose.title(5), prose.sentences(90)
    rects = columns((45, 130, 567, 750), 3, 16)
    paper.flow(f"<h1>{title}</h1>", [(45, 45, 567, 128)], Style("serif", 11))
    sentences = paper.fill(sentences, rects, Style("serif", 9.5, gap=0, indent=9), 3)
    for left, right in pairwise(rects):
        paper.rule((left[2] + right[0]) / 2, 130, (left[2] + right[0]) / 2, 750, 0.5)
    document = paper.document()
    checks = [Order(title, sentences[0]), *column_checks(document, rects, sentences), Present(sentences[20])]
    return Drawing(document, tuple(checks), f"# {title}\n\n{' '.join(sentences)}")


def stacked_columns(prose: Prose) -> Drawing:
    """Two columns, a heading across their gutter, two columns again."""
    paper, title, upper, lower = Paper(), prose.title(4), prose.sentences(30), prose.sentences(40)
    upper_rects, lower_rects = columns((55, 60, 540, 345), 2, 22), columns((55, 405, 540, 760), 2, 22)
    style = some_style(prose)
    upper = paper.fill(upper, upper_rects, style)
    paper.flow(f'<h2 style="text-align: center">{title}</h2>', [(55, 365, 540, 402)], Style("sans-serif", 12))
    lower = paper.fill(lower, lower_rects, style)
    document = paper.document()
    checks = [
        *column_checks(document, upper_rects, upper)[:1],
        Order(upper[-1], title),
        Order(title, lower[0]),
        *column_checks(document, lower_rects, lower)[:1],
    ]
    return Drawing(document, tuple(checks), f"{' '.join(upper)}\n\n## {title}\n\n{' '.join(lower)}")


def figure_across(prose: Prose) -> Drawing:
    """A chart over both columns, with its caption."""
    paper, caption, sentences = Paper(), f"Figure 3. {prose.sentence()}", prose.sentences(50)
    header, number = running_lines(paper, prose, numbered_below=True)
    paper.rule(90, 240, 500, 240, 1.2)
    paper.rule(90, 70, 90, 240, 1.2)
    points = [(90 + 40 * step, 225 - prose.chance.randint(5, 140)) for step in range(11)]
    for (x0, y0), (x1, y1) in pairwise(points):
        paper.rule(x0, y0, x1, y1, 1.4)
    for step in range(0, 11, 2):
        paper.line(84 + 40 * step, 252, str(1900 + 10 * step), 8, "helv")
    paper.flow(f"<p>{caption}</p>", [(55, 260, 540, 300)], Style("serif", 9))
    rects = columns((55, 306, 540, 780), 2, 20)
    sentences = paper.fill(sentences, rects, some_style(prose))
    document = paper.document()
    checks = [Present(caption), *column_checks(document, rects, sentences), Absent(header), Absent(number)]
    return Drawing(document, tuple(checks), f"{caption}\n\n{' '.join(sentences)}")


def pull_quote(prose: Prose) -> Drawing:
    """Two columns, the right one broken by a shaded box with a saying in it."""
    paper, quote, sentences = Paper(), prose.sentence(9, 12), prose.sentences(60)
    left, right = columns((55, 70, 540, 780), 2, 22)
    upper, lower = (right[0], right[1], right[2], 330.0), (right[0], 460.0, right[2], right[3])
    paper.box((right[0], 345, right[2], 445), 0.88)
    paper.flow(f"<p>{quote}</p>", [(right[0] + 14, 352, right[2] - 14, 443)], Style("sans-serif", 12, align="left"))
    sentences = paper.fill(sentences, [left, upper, lower], some_style(prose))
    document = paper.document()
    checks = [Present(quote), *column_checks(document, [left, upper, lower], sentences)]
    return Drawing(document, tuple(checks), f"{quote}\n\n{' '.join(sentences)}")


def tiny_text(prose: Prose) -> Drawing:
    """A dense page of small print in two columns."""
    paper, sentences = Paper(), prose.sentences(200)
    rects = columns((45, 50, 550, 800), 2, 18)
    sentences = paper.fill(sentences, rects, Style("serif", 7, gap=3), 5)
    document = paper.document()
    checks = [*(Present(sentences[at]) for at in (8, 30, 60)), *column_checks(document, rects, sentences)]
    return Drawing(document, tuple(checks), " ".join(sentences))


def side_notes(prose: Prose) -> Drawing:
    """Notes in the margin, beside the text that they belong to."""
    paper, notes = Paper(), [prose.sentence(9, 12) for _ in range(3)]
    sentences = paper.fill(prose.sentences(60), [(190, 70, 540, 780)], Style("serif", 11), 5)
    for at, note in enumerate(notes):
        top = 80 + 160 * at
        paper.flow(f"<p>{note}</p>", [(50, top, 165, top + 90)], Style("sans-serif", 8, align="left"))
    checks = (
        *(Present(note) for note in notes),
        *(Present(f"{sentences[at]} {sentences[at + 1]}") for at in (0, 5, 10)),
    )
    return Drawing(paper.document(), checks, "\n\n".join([" ".join(sentences), *notes]))


def articles(prose: Prose) -> Drawing:
    """Three columns under one headline, and below them two articles side by side under headlines of their own."""
    paper, titles = Paper(612, 792), [prose.title(count) for count in (5, 3, 2)]
    upper, lower = columns((45, 96, 567, 400), 3, 14), columns((45, 470, 567, 750), 3, 14)
    style = Style("serif", 9.5, 1.2, gap=0, indent=9)
    paper.flow(f"<h1>{titles[0]}</h1>", [(45, 40, 567, 92)], Style("serif", 10))
    paper.rule(45, 415, 567, 415)
    paper.flow(f"<h2>{titles[1]}</h2>", [(45, 430, lower[1][2], 466)], Style("serif", 11))
    paper.flow(f"<h2>{titles[2]}</h2>", [(lower[2][0], 430, 567, 466)], Style("serif", 9))
    texts = [paper.fill(prose.sentences(60), rects, style, 3) for rects in (upper, lower[:2], lower[2:])]
    document = paper.document()
    checks = [
        *column_checks(document, upper, texts[0]),
        *column_checks(document, lower[:2], texts[1]),
        *(Order(title, text[0]) for title, text in zip(titles, texts, strict=True)),
        Order(texts[0][-1], titles[1]),
        Order(texts[1][-1], titles[2]),
    ]
    ideal = "\n\n".join(f"## {title}\n\n{' '.join(text)}" for title, text in zip(titles, texts, strict=True))
    return Drawing(document, tuple(checks), ideal)


def column_notes(prose: Prose) -> Drawing:
    """Two columns with footnotes under each; the text goes on from the one to the other."""
    paper, notes, rects = Paper(), [prose.sentence(10, 16) for _ in range(3)], columns((55, 60, 540, 790), 2, 20)
    left, right = ((x0, 60.0, x1, foot) for (x0, _, x1, _), foot in zip(rects, (690.0, 725.0), strict=True))
    sentences = paper.fill(prose.sentences(100), [left, right], Style("serif", 10, 1.2, gap=0, indent=10), 5)
    for (x0, _, x1, foot), marks in ((left, (1, 2)), (right, (3,))):
        paper.rule(x0, foot + 9, x0 + 70, foot + 9)
        noted = "".join(f"<p><sup>{mark}</sup> {notes[mark - 1]}</p>" for mark in marks)
        paper.flow(noted, [(x0, foot + 13, x1, 795)], Style("serif", 8, gap=1))
    document = paper.document()
    checks = [
        *column_checks(document, [left, right], sentences),
        *(Present(note) for note in notes),
        Order(sentences[-1], notes[0]),
    ]
    return Drawing(document, tuple(checks), "\n\n".join([" ".join(sentences), *notes]))


def numbered_columns(prose: Prose) -> Drawing:
    """A worn patent: two columns, each fifth line numbered between them."""
    paper, lines = Paper(612, 792), prose_lines(prose.sentences(110), 235, 10)
    halves = [lines[:55], lines[55:110]]
    for x, half in zip((50, 327), halves, strict=True):
        for at, text in enumerate(half):
            paper.line(x, 80 + 12.4 * at, text, 10)
    for at in range(5, 56, 5):
        paper.centred(306, 80 + 12.4 * (at - 1), str(at), 9)
    left, right = (" ".join(half).split(". ")[1:-1] for half in halves)
    over = f"{' '.join(halves[0]).split('. ')[-1]} {' '.join(halves[1]).split('. ')[0]}"
    checks: tuple[Check, ...] = (
        *(Present(f"{left[at]}. {left[at + 1]}") for at in (2, 6, 10)),
        Present(over),
        Order(left[-1], right[0]),
        Absent("35"),
        Absent("50"),
    )
    return Drawing(paper.document(), checks, " ".join(lines[:110]), old_print)
