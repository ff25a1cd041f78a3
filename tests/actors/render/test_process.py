"""The rendering process: started, asked, killed, replaced."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from actors.job.ports import ReplicaLost
from actors.render.child_start import NICENESS
from actors.render.layout_lanes import SERVE_LAYOUT
from actors.render.order import CloseOrder, OpenOrder, OutOfMemory, PageDrawn, RenderOrder, TextTaken
from actors.render.page_size import PageSize
from actors.render.process import SERVE, RenderProcess
from cluster.errors import DocumentDamaged, DocumentEncrypted, RenderCrashed, RenderFailed, RenderTimeout
from tests.actors.render import broken_children as broken
from tests.actors.render import documents

MakeProcess = Callable[..., RenderProcess]


@pytest.fixture
def make_process() -> Iterator[MakeProcess]:
    made: list[RenderProcess] = []

    def make(function: str | None = None, memory_mb: int = 800) -> RenderProcess:
        made.append(
            RenderProcess(memory_mb=memory_mb, target=f"{broken.HERE}:{function}")
            if function
            else RenderProcess(memory_mb=memory_mb)
        )
        return made[-1]

    yield make
    for process in made:
        process.end()


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "1"
    file.write_bytes(documents.pdf(2))
    return str(file)


def render(path: str, page: int = 1, dpi: int = 72) -> RenderOrder:
    return RenderOrder(path, page, dpi, 50)


@pytest.mark.parametrize("target", [SERVE, SERVE_LAYOUT])
def test_what_has_started_leaves_the_cores_to_engines(target: str) -> None:
    process = RenderProcess(memory_mb=800, target=target)
    try:
        process.start()
        nice = {os.getpriority(os.PRIO_PROCESS, int(task.name)) for task in Path(f"/proc/{process.pid}/task").iterdir()}
        assert nice == {min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)}
    finally:
        process.end()


def test_orders_are_answered(make_process: MakeProcess, path: str, tmp_path: Path) -> None:
    process = make_process()
    assert process.pid is None
    assert process.call(OpenOrder(path), 30).answer == 2
    reply = process.call(render(path, 2), 30)
    assert isinstance(reply.answer, PageDrawn)
    assert reply.pixels is not None
    assert reply.pixels.shape == (600, 400, 3)
    assert reply.png.startswith(b"\x89PNG")
    assert (reply.answer.read, reply.answer.reason) == (None, None)
    taken = process.call(replace(render(path, 2, dpi=36), mode="auto"), 30)
    assert isinstance(taken.answer, TextTaken)
    assert taken.answer.read.text == "This is page 2"
    assert (taken.answer.size, taken.pixels) == (PageSize(400, 600, 200, 300), None)
    both = process.call(replace(render(path, 2), mode="text", always_draw=True), 30)
    assert isinstance(both.answer, PageDrawn)
    assert both.answer.read is not None
    assert both.png.startswith(b"\x89PNG")
    assert isinstance(process.call(render(path, 3), 30).answer, RenderFailed)
    rubbish = tmp_path / "2"
    rubbish.write_bytes(b"%PDF-1.4\nnothing more\n%%EOF")
    damaged = process.call(OpenOrder(str(rubbish)), 30).answer
    assert isinstance(damaged, DocumentDamaged)
    assert str(tmp_path) not in damaged.detail
    assert isinstance(process.call(render(str(rubbish)), 30).answer, RenderFailed)


def test_a_closed_document_is_held_no_longer(make_process: MakeProcess, path: str) -> None:
    process = make_process()
    process.call(OpenOrder(path), 30)
    assert path in [file.path for file in psutil.Process(process.pid).open_files()]
    assert process.call(CloseOrder(path), 30).answer == 1
    assert path not in [file.path for file in psutil.Process(process.pid).open_files()]
    assert process.call(CloseOrder(path), 30).answer == 0


def test_a_password_opens_only_for_who_gives_it(make_process: MakeProcess, tmp_path: Path) -> None:
    file = tmp_path / "1"
    file.write_bytes(documents.encrypted_pdf("sesame"))
    process = make_process()
    assert process.call(OpenOrder(str(file), "sesame"), 30).answer == 1
    assert isinstance(process.call(OpenOrder(str(file)), 30).answer, DocumentEncrypted)
    assert isinstance(process.call(render(str(file)), 30).answer, RenderFailed)
    assert isinstance(process.call(RenderOrder(str(file), 1, 72, 50, "sesame"), 30).answer, PageDrawn)
    assert process.pid is not None
    assert "sesame" not in " ".join(psutil.Process(process.pid).cmdline())


def test_a_process_that_hangs_is_killed_and_replaced(make_process: MakeProcess, path: str) -> None:
    process = make_process("break_on_order")
    process.start()
    hung = process.pid
    assert hung is not None
    began = time.monotonic()
    with pytest.raises(RenderTimeout):
        process.call(render(path, dpi=broken.HANG_AT_DPI), 0.3)
    assert time.monotonic() - began < 5
    assert not psutil.pid_exists(hung)
    assert isinstance(process.call(render(path), 30).answer, PageDrawn)
    assert process.pid != hung


def test_a_process_that_crashes_is_replaced(make_process: MakeProcess, path: str) -> None:
    process = make_process("break_on_order")
    with pytest.raises(RenderCrashed):
        process.call(render(path, dpi=broken.CRASH_AT_DPI), 30)
    assert isinstance(process.call(render(path), 30).answer, PageDrawn)


def test_a_process_that_died_between_orders_costs_no_order(make_process: MakeProcess, path: str) -> None:
    process = make_process()
    process.start()
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    psutil.Process(process.pid).wait(5) if psutil.pid_exists(process.pid) else None
    assert process.call(OpenOrder(path), 30).answer == 2


def test_an_order_without_memory_is_tried_once_more_in_a_fresh_process(make_process: MakeProcess, path: str) -> None:
    process = make_process("break_on_order")
    assert process.call(OpenOrder(path), 30).answer == 2
    used = process.pid
    reply = process.call(render(path, dpi=broken.OUT_OF_MEMORY_UNLESS_FRESH_AT_DPI), 30)
    assert isinstance(reply.answer, PageDrawn)
    assert process.pid != used
    assert isinstance(process.call(render(path, dpi=broken.OUT_OF_MEMORY_AT_DPI), 30).answer, OutOfMemory)
    assert process.pid is None


def test_memory_is_limited(make_process: MakeProcess, path: str) -> None:
    """A page of 50 megapixels takes 150 MB as a pixmap alone."""
    process = make_process(memory_mb=100)
    large = RenderOrder(path, 1, 1200, 50)
    assert isinstance(process.call(large, 60).answer, OutOfMemory)
    assert isinstance(process.call(render(path), 30).answer, PageDrawn)


def test_a_process_that_never_starts_is_a_lost_replica(make_process: MakeProcess, path: str) -> None:
    with pytest.raises(ReplicaLost):
        make_process("never_start").call(OpenOrder(path), 30)


def test_nothing_is_started_after_closing(make_process: MakeProcess) -> None:
    process = make_process()
    process.start()
    process.close()
    process.end()
    assert process.pid is None
    with pytest.raises(ReplicaLost):
        process.start()


def test_the_process_dies_with_its_parent(path: str) -> None:
    """Also while it is busy and looks at no pipe."""
    program = (
        "import sys, threading, time\n"
        "from actors.render.order import RenderOrder\n"
        "from actors.render.process import RenderProcess\n"
        "from tests.actors.render import broken_children as broken\n"
        "process = RenderProcess(memory_mb=800, target=broken.HERE + ':break_on_order')\n"
        "process.start()\n"
        "print(process.pid, flush=True)\n"
        f"process.call(RenderOrder({path!r}, 1, broken.HANG_AT_DPI, 50), 600)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen((sys.executable, "-c", program), stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        time.sleep(0.2)
        parent.kill()
    gone, alive = psutil.wait_procs([child], timeout=5)
    assert gone
    assert not alive
