"""Pictures of a run's metrics for the documents: ``python -m benchmarks.metrics_screenshots [FOLDER]``, default
docs/images.

The project's samples are read for some minutes in a cluster of its own, with Prometheus beside it as ``make observe``
starts it. Pictures are of Prometheus' own page, and what it is asked are the queries of the dashboards.
"""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser

from benchmarks.running_cluster import REPOSITORY, RunningCluster, read_to_the_end, running_cluster
from benchmarks.screenshots import FOLDER, take
from tests.browser.chromium import NoChromium, running_chromium
from tests.deploy.queries import panel_queries
from tests.ports import free_port
from tests.prometheus import running_prometheus

PICTURES = {
    "metrics-work": (
        "overview: Pages read a second",
        "overview: Pages in flight",
        "overview: Oldest page",
        "overview: Stages, seconds spent a second",
    ),
    "metrics-parts": (
        "pool: Pages a second",
        "pool: Reading, 95 %",
        "storage: Operations a second",
        "api: Requests a second, by status",
    ),
}
"""For each picture the panels whose queries it shows."""

SAMPLES = ("letter.pdf", "form.pdf", "columns.png")
"""Documents of the load; of each its searchable PDF is handed in as well, whose text need not be read again."""

CLIENTS = 2
BURST_S, PAUSE_S = 75, 30
BURSTS = 2
RANGE = "5m"
RATE_INTERVAL = "1m"
WIDTH = 1500

TWO_A_ROW = """
    nav.navbar { position: absolute !important; }
    #graph_container { display: flex; flex-wrap: wrap; }
    #graph_container > .clearfix, a[name=remove], #add_graph { display: none; }
    .graph_wrapper { width: 50%; padding: 0 12px; }
    textarea.expression_input { height: 86px !important; }
"""


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.which("prometheus") is None:
        sys.exit("Prometheus is not installed: apt-get install prometheus")
    server = running_cluster("tests.e2e.server", engines="rapidocr", dashboard_port=str(free_port()))
    try:
        with running_chromium() as browser, server as cluster, running_prometheus(cluster.folder / "ray") as prometheus:
            for _ in range(BURSTS):
                time.sleep(PAUSE_S)
                with _clients(cluster):
                    time.sleep(BURST_S)
            for name, panels in PICTURES.items():
                _picture(browser, str(prometheus.base_url), panels, folder / f"{name}.png")
    except NoChromium as none:
        sys.exit(str(none))


@contextmanager
def _clients(cluster: RunningCluster) -> Iterator[None]:
    """Each submits one document after the other, and waits for its end."""
    over = threading.Event()

    def run() -> None:
        with cluster.client() as client:
            while not over.is_set():
                for name in SAMPLES:
                    record = read_to_the_end(client, name, (REPOSITORY / "samples" / name).read_bytes())
                    answer = client.get(f"/api/jobs/{record['job_id']}/result", params={"format": "pdf"})
                    read_to_the_end(client, f"{name}.pdf", answer.raise_for_status().content)

    threads = [threading.Thread(target=run) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _picture(browser: Browser, url: str, panels: tuple[str, ...], path: Path) -> None:
    """RuntimeError: a dashboard has no such panel, or its query shows nothing."""
    context = browser.new_context(viewport={"width": WIDTH, "height": 900})
    try:
        page = context.new_page()
        # Before the page's own scripts, which draw as wide as there is room.
        page.add_init_script(
            "document.addEventListener('DOMContentLoaded', () => { const style = document.createElement('style');"
            f"style.textContent = `{TWO_A_ROW}`; document.head.append(style); }})"
        )
        expressions = [expression for panel in panels for expression in _expressions(panel)]
        page.goto(f"{url}/graph?{_graphs(expressions)}")
        page.wait_for_load_state("networkidle")
        page.locator(".rickshaw_graph svg path").nth(len(expressions) - 1).wait_for(state="attached")
        drawn = page.locator(".rickshaw_graph svg:has(path)").count()
        if drawn < len(expressions):
            raise RuntimeError(f"{path.name}: {drawn} of {len(expressions)} queries show something")
        height: int = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": WIDTH, "height": height})
        take(page, path)
    finally:
        context.close()


def _expressions(panel: str) -> list[str]:
    found = [query.expression for query in panel_queries() if query.where == panel]
    if not found:
        raise RuntimeError(f"There is no panel {panel!r}.")
    return [expression.replace("$__rate_interval", RATE_INTERVAL) for expression in found]


def _graphs(expressions: list[str]) -> str:
    asked: dict[str, str] = {}
    for number, expression in enumerate(expressions):
        asked |= {f"g{number}.expr": expression, f"g{number}.tab": "0", f"g{number}.range_input": RANGE}
    return urlencode(asked)


if __name__ == "__main__":
    main()
