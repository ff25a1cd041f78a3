"""Documents of many small pages, made on the spot: TIFFs, so that nothing but Pillow is needed."""

from __future__ import annotations

from pathlib import Path

from PIL import Image


def small_book(folder: Path, pages: int) -> Path:
    path = folder / "book.tiff"
    first, *others = [Image.new("L", (200, 260), 255 - number) for number in range(pages)]
    first.save(path, save_all=True, append_images=others)
    return path
