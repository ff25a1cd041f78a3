"""The client is loaded by programs that have nothing else of the project: what it may import, and who imports it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.test_architecture import CLIENT, REPOSITORY, ROOMS, Source, imports, parse

TAKES = {CLIENT, "httpx", *sys.stdlib_module_names}
EDGE = {f"{CLIENT}/{name}.py" for name in ("client", "async_client", "wire", "async_wire", "connection")}
EDGE_TAKES = {"httpx", "asyncio", "time", "socket", "threading"}
"""Of the edge alone: the core has no I/O but for files, and no clock."""

IMPORTERS = {"serve_app"}  # the command line stands on it


def offences(source: Source) -> Iterator[str]:
    room = source.path.split("/")[0]
    for line, module, _ in imports(source):
        root = module.split(".")[0]
        if room == CLIENT and root not in TAKES:
            yield f"{source.path}:{line} imports {module}: the client needs httpx and nothing else"
        if room == CLIENT and root in EDGE_TAKES and source.path not in EDGE:
            yield f"{source.path}:{line} imports {module}: only {', '.join(sorted(EDGE))} may"
        if room in ROOMS and room not in IMPORTERS and root == CLIENT:
            yield f"{source.path}:{line} imports {module}: the server does not need its client"


def concerned() -> Iterator[Source]:
    """The client's own files, and all that name it."""
    for room in (CLIENT, *ROOMS):
        for path in sorted((REPOSITORY / room).rglob("*.py")):
            text = path.read_text("utf-8")
            if room == CLIENT or CLIENT in text:
                yield parse(path.relative_to(REPOSITORY).as_posix(), text)


def test_the_source_obeys() -> None:
    found = list(concerned())
    assert [offence for source in found for offence in offences(source)] == []
    assert {source.path for source in found} >= EDGE


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("gnosis_ocr/jobs.py", "from cluster.record import JobRecord"),
        ("gnosis_ocr/jobs.py", "import orjson"),
        ("gnosis_ocr/jobs.py", "import httpx"),
        ("gnosis_ocr/exchange.py", "from time import sleep"),
        ("gnosis_ocr/client.py", "import tests.ports"),
        ("actors/job/a.py", "from gnosis_ocr import Client"),
        ("cluster/a.py", "import gnosis_ocr.jobs"),
    ],
)
def test_the_rules_catch(path: str, text: str) -> None:
    assert list(offences(parse(path, text)))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("gnosis_ocr/client.py", "import httpx\nimport time\nfrom gnosis_ocr.steps import Plan"),
        ("gnosis_ocr/jobs.py", "from __future__ import annotations\nimport json"),
        ("serve_app/command_read.py", "from gnosis_ocr import Client"),
        ("tests/a.py", "from gnosis_ocr import Client\nimport httpx"),
    ],
)
def test_the_rules_let_sound_code_pass(path: str, text: str) -> None:
    assert not list(offences(parse(path, text)))


def test_nothing_of_the_server_is_loaded_with_it() -> None:
    program = "import sys; sys.path.insert(0, '.'); import gnosis_ocr; print('\\n'.join(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=120
    )
    loaded = {name.split(".")[0] for name in run.stdout.split()}
    assert "gnosis_ocr" in loaded
    assert not loaded & {*ROOMS, "ray", "starlette", "pydantic", "numpy", "orjson", "typer"}
