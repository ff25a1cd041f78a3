"""The rules of the house that a machine can check: who may import whom, what the pure core keeps out, how files look.

A rule takes one source file and returns what is wrong with it, a line each. Every rule is run over the whole source
and over snippets that break it. To allow something new, change a table at the top, not a rule.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent

ROOMS = ("cluster", "actors", "serve_app")
"""From the lowest up: a room imports from itself and from those before it."""

CLIENT = "gnosis_ocr"  # a room for itself: tests/gnosis_ocr/test_standing_alone.py has its rules

BESIDE = ("benchmarks", "samples", "tests")  # folders that hold code and which no room imports from

FRAMEWORKS = {
    "ray": ("cluster/bringup.py", "cluster/ray_*.py", "actors/*/ray_*.py", "serve_app/ray_*.py", "serve_app/deploy.py"),
    "torch": ("actors/ocr/*",),
    "transformers": ("actors/ocr/*",),
    "rapidocr": ("actors/ocr/*",),
    "onnxruntime": ("actors/ocr/*", "actors/render/layout_model.py"),
    "openvino": ("actors/ocr/*", "actors/render/picture_network.py"),
    "pymupdf": ("actors/render/*",),
    "fitz": ("actors/render/*",),
    "pymupdf4llm": ("actors/render/*",),
    "google": ("cluster/blobs/google_*.py",),
    "google_crc32c": ("cluster/blobs/google_checksum.py",),
    "requests": ("cluster/blobs/google_*.py",),
    "starlette": ("serve_app/*",),
    "opentelemetry": ("cluster/tracing.py",),
}
"""Which files may import a framework: the thin wrappers around it, and nobody else."""

PURE = {
    *(f"cluster/{name}.py" for name in ("errors", "layout", "marker", "options", "page_range", "page_text", "record")),
    *(f"{name}.py" for name in ("cluster/blobs/port", "cluster/callback_url", "cluster/origin", "cluster/reach")),
    *(f"actors/job/{name}.py" for name in ("machine", "events", "effects", "state", "invariants", "transitions")),
    *(f"actors/job/{name}.py" for name in ("claiming", "reading", "ending", "deletion", "progress", "verdict")),
    *(f"actors/job/{name}.py" for name in ("pacing", "budget", "page_queue", "callback", "demand")),
    *("serve_app/replica_scaling.py", "cluster/message.py"),
    *(f"actors/ocr/{name}.py" for name in ("batch_queue", "engine", "markdown_text", "model_markdown")),
    *(f"actors/outputs/{path.name}" for path in (REPOSITORY / "actors/outputs").glob("*.py")),
    *(f"actors/render/{name}.py" for name in ("embedded_text", "page_ink", "word_likeness", "writing_order")),
    *(f"actors/ocr/vlm_{name}.py" for name in ("scheduler", "guardrails", "repetition", "prompts")),
    *(f"actors/{name}.py" for name in ("render/call_limits", "job/callback_policy", "job/callback_queue")),
    *(f"actors/content/{path.name}" for path in (REPOSITORY / "actors/content").glob("*.py")),
}
"""The core that could be simulated: `now`, chance and settings come from outside, and nothing is waited for."""

PURE_MAY_TAKE = {"cluster.ids": {"SLOTS", "slot_of", "user_hash", "is_job_id"}}
"""What the core may take from modules that are not pure as a whole."""

IMPURE = {
    *("asyncio", "logging", "os", "random", "secrets", "shutil"),
    *("socket", "subprocess", "threading", "time", "uuid"),
}
IMPURE_CALLS = ("open", "input", "print")

CLOCK_READS = re.compile(
    r"time\.(\w+_)?(time|monotonic|perf_counter|thread_time)(_ns)?|datetime\.\w+\.(now|utcnow|today)"
)
CLOCKS = {
    "cluster/clock.py": ("time.monotonic", "datetime.datetime.now"),
    "gnosis_ocr/*client.py": ("time.monotonic",),
    "cluster/blobs/local*.py": ("time.time_ns",),  # a generation is a file's time stamp
    "actors/ocr/*": ("time.perf_counter", "time.monotonic"),  # how long the device was busy, in the engine's own thread
    "actors/render/*": ("time.perf_counter", "time.monotonic"),
}
"""Who may read which clock: all others get a Clock (cluster/clock.py), so that tests can move it."""

BLOB_NAMES = re.compile(
    r"^(active|hosts|users|quarantine|uploads|tombstones|retention)/|processing\.json|_result\.(json|txt)|by-time/"
)
WRONG_NAMES = re.compile(r"\b(status|metadata)\.json\b")
SPELLS_BLOB_NAMES = "cluster/layout.py"

CATCH_ALLS = {"utils", "util", "helpers", "helper", "common", "misc"}
LONGEST_FILE, LONGEST_FUNCTION = 350, 60
LONGER_FILES = {"cluster/errors.py"}  # one tree of small classes that is best read whole


class Source(NamedTuple):
    """path: from the repository's root, with slashes."""

    path: str
    text: str
    tree: ast.Module

    @property
    def in_a_room(self) -> bool:
        return self.path.split("/")[0] in (*ROOMS, CLIENT)


class Import(NamedTuple):
    """``from module import name`` or ``import module`` (then name is empty)."""

    line: int
    module: str
    name: str


def parse(path: str, text: str) -> Source:
    return Source(path, text, ast.parse(text, filename=path))


@cache
def sources() -> tuple[Source, ...]:
    """Every Python file of the rooms and beside them."""
    paths = [path for folder in (*ROOMS, CLIENT, *BESIDE) for path in sorted((REPOSITORY / folder).rglob("*.py"))]
    return tuple(parse(path.relative_to(REPOSITORY).as_posix(), path.read_text("utf-8")) for path in paths)


def imports(source: Source) -> Iterator[Import]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, alias.name, "")
        elif isinstance(node, ast.ImportFrom):
            above = source.path.split("/")[: -node.level] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                yield Import(node.lineno, module, alias.name)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield from (
                Import(node.lineno, str(what.value), "") for what in node.args if isinstance(what, ast.Constant)
            )


def allowed(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns)


def references(source: Source) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything that is reached through an import, whatever it was renamed to."""
    names: dict[str, str] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname: alias.name for alias in node.names if alias.asname}
            names |= {root: root for alias in node.names if not alias.asname for root in [alias.name.split(".")[0]]}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in ast.walk(source.tree):
        parts: list[str] = []
        inner: ast.AST = node
        while isinstance(inner, ast.Attribute):
            parts.insert(0, inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name) and inner.id in names:
            yield inner.lineno, ".".join([names[inner.id], *parts])


def strings(source: Source) -> Iterator[ast.Constant]:
    """Every string that is data: no docstrings, no texts under a constant."""
    prose = {id(node.value) for node in ast.walk(source.tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node


# ---------------------------------------------------------------- the rules


def imports_go_down(source: Source) -> Iterator[str]:
    room = source.path.split("/")[0]
    if room not in ROOMS:
        return
    forbidden = {*ROOMS[ROOMS.index(room) + 1 :], *BESIDE}
    for line, module, _ in imports(source):
        if module.split(".")[0] in forbidden:
            yield f"{source.path}:{line} imports {module}: serve_app → actors → cluster, never up, never from beside"


def frameworks_stay_wrapped(source: Source) -> Iterator[str]:
    for line, module, _ in imports(source):
        patterns = FRAMEWORKS.get(module.split(".")[0])
        if source.in_a_room and patterns is not None and not allowed(source.path, patterns):
            yield f"{source.path}:{line} imports {module}: only {', '.join(patterns)} may; use its wrapper"


def core_is_pure(source: Source) -> Iterator[str]:
    if source.path not in PURE:
        return
    for line, module, name in imports(source):
        root = module.split(".")[0]
        if root in IMPURE:
            yield f"{source.path}:{line} imports {module}: the core has no clock, no randomness and no I/O"
        file, inner = f"{module.replace('.', '/')}.py", f"{f'{module}.{name}'.replace('.', '/')}.py"
        taken = name in PURE_MAY_TAKE.get(module, ())
        if root in ROOMS and not (file in PURE or inner in PURE or taken):
            yield f"{source.path}:{line} takes {name or 'everything'} of {module}, which is not pure"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and node.id in IMPURE_CALLS:
            yield f"{source.path}:{node.lineno} uses {node.id}: the core has no I/O"
        elif isinstance(node, ast.AsyncFunctionDef) and not source.path.endswith("port.py"):
            yield f"{source.path}:{node.lineno} {node.name} is async: the core waits for nothing"


def clocks_are_injected(source: Source) -> Iterator[str]:
    reads = [name for pattern, names in CLOCKS.items() if fnmatchcase(source.path, pattern) for name in names]
    for line, name in references(source):
        if source.in_a_room and CLOCK_READS.fullmatch(name) and (name not in reads or source.path in PURE):
            yield f"{source.path}:{line} reads {name}: take a Clock (cluster/clock.py), or name the file in CLOCKS"


def layout_spells_blob_names(source: Source) -> Iterator[str]:
    for node in strings(source):
        if source.in_a_room and source.path != SPELLS_BLOB_NAMES and BLOB_NAMES.search(str(node.value)):
            yield f"{source.path}:{node.lineno} spells {node.value!r}: only {SPELLS_BLOB_NAMES} spells blob names"


def no_second_record(source: Source) -> Iterator[str]:
    for number, line in enumerate(source.text.splitlines(), start=1):
        match = WRONG_NAMES.search(line)
        if match and not source.path.startswith("tests/"):
            yield f"{source.path}:{number} says {match[0]}: a job has one record, processing.json"


def files_are_short(source: Source) -> Iterator[str]:
    length = len(source.text.splitlines())
    if length > LONGEST_FILE and source.path not in LONGER_FILES:
        yield f"{source.path} has {length} lines, more than {LONGEST_FILE}: split it by concept"


def functions_are_short(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{source.path}:{node.lineno} {node.name} has {length} lines, more than {LONGEST_FUNCTION}"


def no_catch_alls(source: Source) -> Iterator[str]:
    for part in source.path.removesuffix(".py").split("/"):
        if part.removeprefix("test_") in CATCH_ALLS:
            yield f"{source.path} is named {part}: name it by the one thing it holds"


def modules_say_what_they_are(source: Source) -> Iterator[str]:
    name = source.path.split("/")[-1]
    public = not name.startswith("_") or name == "__init__.py"
    if source.in_a_room and public and not ast.get_docstring(source.tree):
        yield f"{source.path} has no docstring: say in a line what the module holds"


def annotations_are_deferred(source: Source) -> Iterator[str]:
    beyond_docstring = [node for node in source.tree.body if not isinstance(node, ast.Expr)]
    deferred = any(module == "__future__" and name == "annotations" for _, module, name in imports(source))
    if beyond_docstring and not deferred:
        yield f"{source.path} lacks `from __future__ import annotations` after its docstring"


Rule = Callable[[Source], Iterator[str]]
NOTHING = '"""Nothing."""\n'

BROKEN: dict[Rule, list[tuple[str, str]]] = {
    imports_go_down: [
        ("cluster/a.py", "from actors.job.machine import step"),
        ("actors/ocr/a.py", "import serve_app.gateway"),
        ("actors/ocr/a.py", "from ... import serve_app\nfrom ...serve_app import gateway"),
        ("serve_app/a.py", "def f():\n    import tests.conftest"),
    ],
    frameworks_stay_wrapped: [
        ("actors/job/job_host.py", "import ray"),
        ("serve_app/app.py", "from ray import serve"),
        ("actors/render/renderer.py", "import torch.nn as nn"),
        ("actors/ocr/rapid.py", "import pymupdf"),
        ("actors/job/machine.py", "from rapidocr import RapidOCR"),
        ("cluster/blobs/open.py", "from google.cloud import storage"),
        ("cluster/settings.py", "import importlib\ntorch = importlib.import_module('torch.cuda')"),
    ],
    core_is_pure: [
        ("actors/job/machine.py", "import time"),
        ("actors/job/state.py", "from random import Random"),
        ("actors/job/progress.py", "from cluster.settings import Settings"),
        ("actors/job/effects.py", "from actors.job import job_host"),
        ("cluster/layout.py", "from cluster.ids import new_token"),
        ("cluster/record.py", "def f(path):\n    return open(path)"),
        ("actors/job/events.py", "async def f(): ..."),
    ],
    clocks_are_injected: [
        ("actors/job/saver.py", "import time\nx = time.monotonic()"),
        ("actors/job/saver.py", "from time import time as now\nx = now()"),
        ("serve_app/app.py", "from datetime import UTC, datetime\nx = datetime.now(UTC)"),
        ("cluster/record.py", "import datetime\nx = datetime.date.today"),
        ("cluster/clock.py", "import time\nx = time.time()"),
    ],
    layout_spells_blob_names: [
        ("serve_app/a.py", 'name = prefix + "processing.json"'),
        ("actors/job/a.py", 'name = f"active/{slot}/{job}"'),
        ("actors/job/a.py", 'name = f"{prefix}page_{n:03d}_result.json"'),
    ],
    no_second_record: [("actors/job/a.py", 'name = "status.json"'), ("serve_app/a.py", "# see metadata.json")],
    files_are_short: [("cluster/a.py", "x = 1\n" * 351)],
    functions_are_short: [("cluster/a.py", "class A:\n    async def f(self):\n" + "        x = 1\n" * 60)],
    no_catch_alls: [("cluster/utils.py", ""), ("tests/test_helpers.py", ""), ("actors/common/page.py", "")],
    modules_say_what_they_are: [("cluster/a.py", "x = 1"), ("actors/new/__init__.py", "")],
    annotations_are_deferred: [("cluster/a.py", '"""A."""\nimport re')],
}
"""Every rule and what it must catch."""

SOUND: list[tuple[str, str]] = [
    ("serve_app/ray_gateway.py", "import ray\nfrom actors.job.ports import OcrPool\nfrom cluster.errors import Fenced"),
    ("actors/job/machine.py", "from datetime import datetime\nfrom actors.job import reading\nimport cluster.record"),
    ("cluster/layout.py", 'from cluster.ids import slot_of\nname = f"active/{slot_of(job):02d}/"'),
    ("cluster/blobs/local_file.py", "import time\nstamp = time.time_ns()"),
    ("serve_app/routes/jobs.py", 'path = "/api/uploads/{upload_id}"\n"""processing.json, explained."""'),
    ("actors/ocr/rapid.py", "from rapidocr import RapidOCR\nimport time\nstart = time.perf_counter()"),
]


@pytest.mark.parametrize("rule", BROKEN, ids=lambda rule: rule.__name__)
def test_source_obeys(rule: Rule) -> None:
    offences = [offence for source in sources() for offence in rule(source)]
    assert not offences, "\n" + "\n".join(offences)


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [(rule, path, text) for rule, snippets in BROKEN.items() for path, text in snippets],
    ids=lambda value: value.__name__ if callable(value) else None,
)
def test_rule_catches(rule: Rule, path: str, text: str) -> None:
    offences = list(rule(parse(path, text)))
    assert offences
    assert all(offence.startswith(path) for offence in offences)


@pytest.mark.parametrize(("path", "text"), SOUND)
def test_rules_let_sound_code_pass(path: str, text: str) -> None:
    source = parse(path, f"{NOTHING}from __future__ import annotations\n{text}\n")
    assert [offence for rule in BROKEN for offence in rule(source)] == []


def test_source_is_found() -> None:
    paths = {source.path for source in sources()}
    assert {"cluster/record.py", "cluster/layout.py", "tests/test_architecture.py"} <= paths
