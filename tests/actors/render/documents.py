"""Documents made for the tests of rendering."""

from __future__ import annotations

import io
from typing import Any

import pymupdf
from PIL import Image

from actors.render.protocol import DocumentRef, RenderRequest


def pdf(pages: int = 1, *, width: float = 400, height: float = 600, rotation: int = 0, **saving: Any) -> bytes:
    """Each page says ``This is page N`` at (50, 60), in its own coordinates before it is turned."""
    document = pymupdf.open()
    for number in range(1, pages + 1):
        page = document.new_page(width=width, height=height)
        page.insert_text((50, 60), f"This is page {number}", fontsize=20)
        page.set_rotation(rotation)
    return bytes(document.tobytes(**saving))


def encrypted_pdf(password: str) -> bytes:
    return pdf(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw=password, owner_pw="owner")


def image(kind: str, picture: Image.Image, **saving: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **saving)
    return file.getvalue()


def document(raw: str, *, job_id: str = "job-1", max_pages: int = 100, password: str | None = None) -> DocumentRef:
    return DocumentRef(job_id, f"users/u/jobs/{job_id}/", raw, raw.rpartition(".")[2], max_pages, password)


def request(
    of: DocumentRef, page: int = 1, *, dpi: int = 72, max_megapixels: float = 50, mode: str = "ocr"
) -> RenderRequest:
    return RenderRequest(of, page, dpi, max_megapixels, mode)
