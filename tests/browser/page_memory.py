"""What an open page takes of the browser's memory."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page


@dataclass(frozen=True, slots=True)
class PageMemory:
    """heap: bytes of JavaScript objects in use. nodes: of the document, and those that are out of it and still held."""

    heap: int
    nodes: int


def page_memory(page: Page) -> PageMemory:
    """After the garbage is collected."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("HeapProfiler.collectGarbage")
    told = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return PageMemory(int(told["JSHeapUsedSize"]), int(told["Nodes"]))
