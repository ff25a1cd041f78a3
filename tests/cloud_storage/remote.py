"""A double that runs as another process, as tests and benchmarks hold it: started, steered, asked, ended."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx

from tests.cloud_storage.double import Entry, Outage
from tests.cloud_storage.faults import CloudFault, FaultKind
from tests.cloud_storage.write_limit import WriteCount

REPOSITORY = Path(__file__).resolve().parents[2]


class RemoteDouble:
    """url: for STORAGE_EMULATOR_HOST."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=f"{url}/_control", trust_env=False)

    def fail(
        self, operation: str, name: str, kind: FaultKind, count: int | None = 1, *, skip: int = 0, seconds: float = 0.0
    ) -> None:
        self._ask("POST", "/faults", json=asdict(CloudFault(operation, name, kind, count, skip, seconds)))

    def forget_faults(self) -> None:
        self._ask("DELETE", "/faults")

    def break_down(self, kind: Outage = Outage.UNAVAILABLE) -> None:
        """Everything is refused until ``mend``."""
        self._ask("PUT", "/outage", json={"kind": kind})

    def mend(self) -> None:
        self._ask("DELETE", "/outage")

    def about(self) -> dict[str, Any]:
        answer: dict[str, Any] = self._ask("GET", "")
        return answer

    def writes(self, pattern: str = "*") -> dict[str, WriteCount]:
        """By ``bucket/name`` (pattern: of fnmatch, over that)."""
        answer = self._ask("GET", "/writes", params={"pattern": pattern})
        return {name: WriteCount(**count) for name, count in answer.items()}

    def log(self, after: int = 0) -> list[Entry]:
        """The entries numbered above ``after``."""
        return [Entry(**entry) for entry in self._ask("GET", "/log", params={"after": after})]

    def close(self) -> None:
        self._http.close()

    def _ask(self, method: str, path: str, **arguments: Any) -> Any:
        answer = self._http.request(method, path, **arguments)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def double_process(*arguments: str) -> Iterator[RemoteDouble]:
    """Runs ``python -m tests.cloud_storage`` on a free port with further ``arguments``; ends it with the block."""
    command = [sys.executable, "-m", "tests.cloud_storage", "--port", "0", *arguments]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            first_line = process.stdout.readline()
            if not first_line:
                raise RuntimeError(f"{' '.join(command)} did not start")
            with closing(RemoteDouble(first_line.split()[-1])) as remote:
                yield remote
        finally:
            process.terminate()
