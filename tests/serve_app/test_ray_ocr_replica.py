"""What an OCRActor that takes a dead one's place has to import first."""

from __future__ import annotations

from tests.serve_app.needless import NEEDLESS, imported


def test_it_imports_nothing_of_the_other_parts() -> None:
    parts = ("actors.render.renderer", "actors.render.null_renderer", "actors.content.page")
    assert imported("serve_app.ray_ocr_replica", (*NEEDLESS, *parts)) == []
