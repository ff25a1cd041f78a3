"""Makes the project's own sample documents: pages that look scanned, and beside each its true text.

    python -m samples.make_samples [FOLDER]        default: the folder of this file

A page is drawn (sheet.py) and then treated as a scanner would (scanner.py). The PDF holds nothing but the scanned
image (no text layer); the PNG is the same scan in sixteen greys. What is drawn is also what is noted down, so a sample
and its text can't drift apart. The text has a line for each line of the page, in reading order.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pymupdf

from samples.scanner import Scan, as_pdf, as_png, scan
from samples.sheet import BOLD, INK, PALE, PLAIN, SERIF, SERIF_BOLD, SERIF_ITALIC, TYPED, Sheet

LETTER_BODY = (
    "Thank you for your letter of 2 March and for the measurements that came with it. Our workshop has compared them "
    "with the test sheet of the instrument, serial number MF-20417, and we agree with you: the declination drive runs "
    "slow by 0.8 seconds in an hour, which is four times what we promise.",
    "The cause is a worn pinion in the second stage. We will replace it without charge. Please send the drive unit "
    "alone, in the case in which it was delivered; the tube and the counterweights can stay where they are. The repair "
    "takes nine working days, and the unit is tested for 48 hours before it leaves us.",
    "If you can't spare the drive before the eclipse, we lend you one of the same type. The loan is free until 30 "
    "April; after that we charge EUR 12.50 a day. Let me know by Friday, 20 March, so that it can go out with the "
    "Monday van.",
)


def letter(sheet: Sheet) -> None:
    sheet.page.draw_circle((86, 68), 17, color=INK, width=1.6)
    sheet.page.draw_line((74, 80), (98, 56), color=INK, width=1.6)
    sheet.line(112, 66, "Marlow & Finch Instruments", 19, SERIF_BOLD)
    sheet.line(112, 83, "Makers of telescopes and drives since 1911", 10, SERIF_ITALIC)
    sheet.rule(72, 98, 540, 1.2)
    sheet.line(
        72, 114, "17 Tannery Lane, Oldbridge OB4 2KT     Telephone 0555 318 240     office@marlowfinch.example", 9
    )
    sheet.note()
    for number, text in enumerate(("Dr. Helen Okafor", "Harbour Street Observatory", "3 Harbour Street", "Westerby")):
        sheet.line(72, 152 + 14.5 * number, text)
    sheet.note()
    sheet.line(430, 222, "12 March 2026")
    sheet.note()
    sheet.line(72, 254, "Your declination drive, order 88-1352", 11, BOLD)
    sheet.note()
    sheet.line(72, 282, "Dear Dr. Okafor,", 11, SERIF)
    sheet.note()
    y = 306.0
    for text in LETTER_BODY:
        y = sheet.paragraph(72, y, 468, text, 11.5, SERIF) + 9
    sheet.line(72, y + 4, "With kind regards,", 11.5, SERIF)
    sheet.note()
    _signature(sheet, 76, y + 34)
    sheet.line(72, y + 72, "Thomas Arkwright", 11.5, SERIF)
    sheet.line(72, y + 87, "Head of the workshop", 11.5, SERIF)
    sheet.note()
    sheet.rule(72, 726, 540)
    sheet.line(72, 740, "Registered in Oldbridge, number 04471     Bank of the North, account 7730 1182 5", 8.5)


def _signature(sheet: Sheet, x: float, y: float, height: float = 1.0) -> None:
    """Strokes of a pen that no engine should read as words: kept out of the true text."""
    strokes = (
        ((0, 8), (12, -26), (18, -22), (11, 16)),
        ((-8, -14), (8, -24), (30, -20), (38, -16)),
        ((18, 4), (26, -12), (30, 12), (36, 2)),
        ((36, 2), (44, -16), (46, 16), (56, -2)),
        ((56, -2), (70, -14), (82, 14), (128, -8)),
    )
    for stroke in strokes:
        sheet.page.draw_bezier(*((x + dx, y + height * dy) for dx, dy in stroke), color=(0.1, 0.12, 0.35), width=1.4)


COLUMNS = (
    (
        "Night trains return to the coast",
        (
            "After eleven years without a sleeping car the coast line has a night train again. The first one left "
            "Oldbridge on Saturday at 22:40 with 146 passengers and arrived in Westerby at 6:15, five minutes early.",
            "The railway has rebuilt eight carriages from 1987. Each has ten cabins with two beds, a shower at the end "
            "of the corridor and, for the first time, a rack for six bicycles. A bed costs 39 crowns, a seat 14.",
            "The line will run on Fridays, Saturdays and Sundays until the end of October. If more than half of the "
            "beds are sold, the council wants to pay for a train on every night of the coming year.",
            "The ticket office in Oldbridge opens an hour earlier on travel days, and the number 7 bus waits for the "
            "train in both towns.",
        ),
    ),
    (
        "Library opens its map room",
        (
            "The town library shows its collection of old maps from 5 May. The oldest sheet was drawn in 1642 and puts "
            "the river two miles east of where it flows today.",
            "Visitors may look at any map under supervision. Copies are made while you wait and cost two crowns for "
            "each sheet.",
            "A guided tour with Peter Vance, who has drawn maps of the valley for the land office since 1979, starts "
            "every Thursday at 17:00. Groups of more than eight people should write to the library first.",
        ),
    ),
    (
        "Bees on the roof of the school",
        (
            "Three hives stand on the roof of the Mill Road school since last week. Pupils of the sixth form look "
            "after them together with Anna Lindqvist, who has kept bees for thirty years.",
            "The first honey is expected in July. It will be sold at the summer fair, and the money goes to the school "
            "orchestra, which needs a new double bass.",
            "Nobody needs to be afraid: the hives face the railway, and the bees fly over the wall at a height of "
            "four metres.",
        ),
    ),
    (
        "Water level",
        (
            "The river stood at 2.84 metres on Sunday evening, 31 centimetres higher than a week ago. The weir at "
            "Foxhole will be opened by one board, and the footpath below it stays closed until Wednesday.",
        ),
    ),
    (
        "Notices",
        (
            "The ferry to Heron Island runs from 1 May, every full hour from 9:00 to 18:00, but not in fog.",
            "The market moves to Station Square on 9 and 16 May because Bridge Street is being paved.",
            "A grey cat with a white left ear has been found near the lock. She answers to Minna. Call 0555 201 774.",
            "The choir looks for two tenors. Rehearsals are on Tuesdays at 19:30 in the old brewery.",
        ),
    ),
)


def columns(sheet: Sheet) -> None:
    sheet.line(60, 78, "The Oldbridge Courier", 36, SERIF_BOLD)
    sheet.rule(60, 90, 552, 1.6)
    sheet.line(60, 104, "News from the valley and the coast", 10, SERIF_ITALIC)
    sheet.line(458, 104, "Issue 214, May 2026", 10, SERIF_ITALIC)
    sheet.rule(60, 111, 552)
    sheet.note()
    width, x, y = 234.0, 60.0, 138.0
    sheet.page.draw_line((306, 124), (306, 738), color=PALE, width=0.6)
    for number, (headline, paragraphs) in enumerate(COLUMNS):
        if number == 2:
            x, y = 318.0, 138.0
        sheet.line(x, y, headline, 15, BOLD)
        sheet.note()
        y += 20
        for text in paragraphs:
            y = sheet.paragraph(x, y, width, text, 11.5, SERIF) + 5
        y += 20


FORM_ROWS = (
    (("Family name", "LINDQVIST", 60, 306), ("First name", "Anna Maria", 306, 552)),
    (
        ("Date of birth", "23.08.1961", 60, 224),
        ("Nationality", "Swedish", 224, 388),
        ("Member no.", "OB-00731", 388, 552),
    ),
    (("Street and number", "Mill Road 48", 60, 388), ("Postcode", "OB4 7RW", 388, 552)),
    (("E-mail", "a.lindqvist@post.example", 60, 388), ("Telephone", "0555 640 118", 388, 552)),
)
FORM_CHOICES = (
    ("Kind of ticket", (("Day", False), ("Month", False), ("Year", True), ("Family", False))),
    ("Payment", (("Cash", False), ("Card", False), ("Bank transfer", True))),
)
FORM_TABLE = (
    ("Item", "Number", "Price", "Sum"),
    ("Year ticket, adult", "1", "240.00", "240.00"),
    ("Locker, large", "2", "15.50", "31.00"),
    ("Key deposit", "2", "10.00", "20.00"),
    ("Total in crowns", "", "", "291.00"),
)


def form(sheet: Sheet) -> None:
    sheet.box(60, 48, 552, 92, fill=0.86)
    sheet.line(70, 68, "Valley Swimming Baths", 17, BOLD)
    sheet.line(70, 84, "Application for a season ticket", 10.5, PLAIN)
    sheet.line(462, 68, "Form SB-12", 11, BOLD)
    sheet.note()
    y = 112.0
    for row in FORM_ROWS:
        for label, value, x0, x1 in row:
            sheet.box(x0, y, x1, y + 42)
            sheet.line(x0 + 6, y + 13, label, 8.5)
            sheet.line(x0 + 8, y + 33, value, 13, TYPED)
        y += 42
    sheet.note()
    y += 30
    for label, choices in FORM_CHOICES:
        _choices(sheet, y, label, choices)
        y += 28
    y = _table(sheet, y + 10)
    sheet.line(60, y + 34, "I have read the rules of the baths and agree to them.", 10.5)
    sheet.note()
    sheet.line(66, y + 82, "Oldbridge, 4 May 2026", 13, TYPED)
    _signature(sheet, 366, y + 74, height=0.7)
    sheet.rule(60, y + 88, 290)
    sheet.rule(340, y + 88, 552)
    sheet.line(60, y + 101, "Place and date", 8.5)
    sheet.line(340, y + 101, "Signature", 8.5)


def _choices(sheet: Sheet, y: float, label: str, choices: Sequence[tuple[str, bool]]) -> None:
    """A label and its boxes to tick; a cross is a drawing, so the text names only the words."""
    sheet.line(60, y, label, 10.5, BOLD)
    for number, (name, ticked) in enumerate(choices):
        x = 160 + 98.0 * number
        sheet.box(x, y - 9, x + 11, y + 2)
        if ticked:
            sheet.page.draw_line((x + 1, y - 9), (x + 10, y + 2), color=INK, width=1.6)
            sheet.page.draw_line((x + 10, y - 10), (x + 1, y + 1), color=INK, width=1.6)
        sheet.line(x + 17, y, name)
    sheet.note()


def _table(sheet: Sheet, y: float) -> float:
    """A ruled table, noted cell by cell along each row; returns its lower edge."""
    edges = (60, 306, 388, 470, 552)
    for number, row in enumerate(FORM_TABLE):
        edge = number in (0, len(FORM_TABLE) - 1)
        for cell, x0, x1 in zip(row, edges, edges[1:], strict=False):
            sheet.box(x0, y, x1, y + 24, fill=0.92 if number == 0 else None)
            if not cell:
                continue
            font = BOLD if edge else TYPED
            size = 10.5 if edge else 12
            right = x1 - 10 - pymupdf.get_text_length(cell, fontname=font, fontsize=size)
            sheet.line(x0 + 8 if x0 == edges[0] else right, y + 16, cell, size, font)
        y += 24
    sheet.note()
    return y


SAMPLES: dict[str, tuple[Callable[[Sheet], None], Scan]] = {
    "letter": (letter, Scan(skew=0.35)),
    "columns": (columns, Scan(skew=-0.25, paper=234, ink=52, tint=(1.0, 0.985, 0.93))),
    "form": (form, Scan(skew=0.15, ink=30, specks=40)),
}
"""Every sample's name, what draws it, and how it was scanned."""


def make(folder: Path) -> list[Path]:
    """Writes all samples into ``folder``; returns the files in the order of writing."""
    written: list[Path] = []
    for seed, (name, (draw, how)) in enumerate(SAMPLES.items(), start=1):
        sheet = Sheet()
        draw(sheet)
        seen = scan(sheet.raster(), how, seed)
        contents = {"pdf": as_pdf(seen, how), "png": as_png(seen, how), "txt": sheet.text.encode()}
        for extension, content in contents.items():
            path = folder / f"{name}.{extension}"
            path.write_bytes(content)
            written.append(path)
    return written


if __name__ == "__main__":
    for path in make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent):
        print(f"{path.name:12} {path.stat().st_size / 1000:6.0f} kB")
