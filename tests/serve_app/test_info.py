"""What the server says of itself."""

from __future__ import annotations

from cluster.options import ALLOWED
from cluster.settings import load_settings
from serve_app.figures import Figures
from serve_app.info import Replicas, server_info
from tests.serve_app.figures_example import REPLICAS


def test_engines_with_what_their_replicas_tell() -> None:
    settings = load_settings(store="memory://", engines="null,rapidocr", ocr_replicas="0-4", batch_size=3)
    info = server_info(settings, "1.2.3", Figures(replicas=REPLICAS))
    first, second = info.engines
    assert (first.name, first.default, first.version, first.batch_pages) == ("null", True, None, 3)
    assert first.replicas == Replicas(running=0, least=0, most=4)
    assert (second.name, second.default, second.version, second.batch_pages) == ("rapidocr", False, "3.10", 10)
    assert second.replicas.running == 2


def test_limits_are_those_of_the_settings() -> None:
    settings = load_settings(store="memory://", max_upload_mb=20, max_direct_upload_mb=100, max_pages=7)
    limits = server_info(settings, "1", Figures()).limits
    assert (limits.upload_bytes, limits.direct_upload_bytes, limits.pages) == (20 << 20, 20 << 20, 7)
    assert (limits.dpi_least, limits.dpi_default, limits.dpi_most) == (72, 150, 400)


def test_the_dashboard_is_told_where_there_is_one() -> None:
    assert server_info(load_settings(store="memory://"), "1", Figures()).dashboard is None
    settings = load_settings(store="memory://", dashboard_url="http://127.0.0.1:8265")
    assert server_info(settings, "1", Figures()).dashboard == "http://127.0.0.1:8265"


def test_only_what_is_built_is_told() -> None:
    info = server_info(load_settings(store="memory://"), "1", Figures())
    assert info.formats == ("txt", "md", "json", "pdf", "hocr", "alto", "zip")
    assert info.modes == ("auto", "ocr", "text")
    assert set(info.options) == set(ALLOWED)
    assert "application/pdf" in info.media_types
