"""The view of the cluster, over figures that no cluster has to be had for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from serve_app.figures import Figures
from tests.browser.axe import Axe
from tests.browser.local_server import LocalServer
from tests.serve_app.figures_example import HOST, HOSTS, RENDERERS, REPLICA, REPLICAS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

FIGURES = Figures(HOSTS, REPLICAS, RENDERERS)
MISSING = replace(FIGURES, hosts=(HOST,), missing=("job host 1 does not answer",))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalServer]:
    made = LocalServer(tmp_path, figures=FIGURES, engines="rapidocr,null", dashboard_url="http://127.0.0.1:8265")
    made.start()
    yield made
    made.stop()


def test_it_shows_the_figures(page: Page, server: LocalServer) -> None:
    page.goto(f"{server.url}/#/cluster")
    expect(page.get_by_role("heading", name="Cluster", level=1)).to_be_visible()
    now = page.get_by_role("list", name="Now")
    for name, value in (
        ("Pages a minute", "90"),
        ("Pages waiting", "21"),
        ("Pages in flight", "16"),
        ("Batch fill", "30 %"),
        ("Pages failed", "10"),
        ("Memory", " GB"),
    ):
        tile = now.get_by_role("listitem").filter(has=page.get_by_role("heading", name=name, exact=True))
        expect(tile).to_contain_text(value)
    row = page.get_by_role("table", name="Engines").get_by_role("row").filter(has_text="rapidocr")
    expect(row).to_contain_text("default")
    expect(row).to_contain_text(REPLICA.engine_version)
    expect(row).to_contain_text("2 of 1")
    memory = page.get_by_role("table", name="Memory").get_by_role("row")
    expect(memory.filter(has_text="Renderer")).to_contain_text("500 MB")
    dashboard = page.get_by_role("link", name="Ray dashboard")
    expect(dashboard).to_have_attribute("href", "http://127.0.0.1:8265")


def test_it_goes_on_by_itself_and_its_lines_with_it(page: Page, server: LocalServer) -> None:
    page.goto(f"{server.url}/#/cluster")
    expect(page.get_by_role("img", name="From 21 to 21 in")).to_be_visible()
    server.tell(MISSING)
    expect(page.get_by_role("status").get_by_text("job host 1 does not answer")).to_be_visible()
    expect(page.get_by_role("img", name="From 20 to 21 in")).to_be_visible()
    server.tell(FIGURES)
    expect(page.get_by_text("job host 1 does not answer")).to_be_hidden()


def test_a_server_that_is_gone_is_told_and_asked_again(page: Page, server: LocalServer) -> None:
    page.goto(f"{server.url}/#/cluster")
    expect(page.get_by_role("table", name="Engines")).to_be_visible()
    server.stop()
    expect(page.get_by_text("The server does not answer.")).to_be_visible()
    expect(page.get_by_role("table", name="Engines")).to_be_visible()
    server.start()
    expect(page.get_by_text("The server does not answer.")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_used_by_everybody(page: Page, server: LocalServer, axe: Axe, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"{server.url}/#/cluster")
    expect(page.get_by_role("table", name="Engines")).to_be_visible()
    assert axe.faults(page) == []
