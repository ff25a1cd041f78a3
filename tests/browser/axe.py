"""axe-core from npm, put into a page: what it finds wrong for keyboards, screen readers and weak eyes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.npm_package import installed_packages

HERE = Path(__file__).resolve().parent
FAULTS = ("serious", "critical")


class Axe:
    """script: the text of axe.min.js."""

    def __init__(self, script: str) -> None:
        self._script = script

    def faults(self, page: Page) -> list[str]:
        """The serious and critical ones of the page as it is now, a line each, with where they are."""
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(self._script)  # past the page's own policy, which lets no script in
        found: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{fault['id']} ({fault['impact']}): {fault['help']}: {'; '.join(node['html'] for node in fault['nodes'])}"
            for fault in found["violations"]
            if fault["impact"] in FAULTS
        ]


def installed_axe() -> Axe:
    """Skips the test where the registry of npm can't be reached."""
    folder = installed_packages(HERE)
    return Axe((folder / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8"))
