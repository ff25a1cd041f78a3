"""tus-js-client from npm under Node."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.npm_package import installed_packages, node

HERE = Path(__file__).resolve().parent
SCRIPT = "upload.mjs"


class TusClient:
    """folder: where it is installed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def upload(self, endpoint: str, file: Path, **more: Any) -> dict[str, Any]:
        """Runs upload.mjs to its end; what it printed."""
        asked = json.dumps({"endpoint": endpoint, "file": str(file), **more})
        command = [node(), str(self._folder / SCRIPT), asked]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


def installed_client() -> TusClient:
    """Skips the test where the registry of npm can't be reached."""
    return TusClient(installed_packages(HERE, [SCRIPT]))
