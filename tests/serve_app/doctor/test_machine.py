from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import SimpleNamespace

import pytest

from serve_app.doctor import machine
from serve_app.doctor.finding import Verdict
from serve_app.doctor.machine import check_memory, check_python, check_shared_memory


def test_this_python_will_do() -> None:
    assert check_python().verdict is Verdict.OK


@pytest.mark.parametrize("version", [(3, 10, 9), (3, 12, 0)])
def test_another_python_is_a_fault(version: tuple[int, ...]) -> None:
    finding = check_python(version)
    assert (finding.verdict, "3.11" in finding.mend) == (Verdict.FAULT, True)


def test_packages_that_are_not_there_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def known(name: str) -> object:
        if name == "starlette":
            raise PackageNotFoundError(name)
        return distribution(name)

    monkeypatch.setattr(machine, "distribution", known)
    finding = check_python()
    assert finding.verdict is Verdict.FAULT
    assert finding.found.endswith("without starlette")


def test_packages_of_other_machines_and_of_extras_need_not_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    requires = [
        "starlette>=0.1",
        "ray[serve]",
        "absent-extra; extra == 'gpu'",
        "absent-elsewhere; sys_platform == 'win32'",
        "absent-here>=2; sys_platform != 'win32'",
    ]

    def known(name: str) -> object:
        return SimpleNamespace(requires=requires) if name == "project" else distribution(name)

    monkeypatch.setattr(machine, "distribution", known)
    assert check_python(package="project").found.endswith(", without absent-here")


def test_a_project_that_is_not_installed_is_a_fault() -> None:
    assert check_python(package="no-such-project").found.endswith("without no-such-project")


@pytest.mark.parametrize(("free", "verdict"), [(1, "fault"), (2_000_000_000, "warning"), (9_000_000_000, "ok")])
def test_memory(free: int, verdict: str) -> None:
    assert check_memory(free).verdict == verdict


@pytest.mark.parametrize(
    ("limit", "told"), [("5000000000\n", "2.5 GB free"), ("2000000000\n", "0.0 GB free"), ("max\n", None)]
)
def test_what_is_left_of_a_containers_limit_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, told: str | None
) -> None:
    (tmp_path / "memory.max").write_text(limit)
    (tmp_path / "memory.current").write_text("3000000000\n")
    (tmp_path / "memory.stat").write_text("anon 2500000000\ninactive_file 500000000\n")
    monkeypatch.setattr(machine, "CGROUPS", ())
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=4_000_000_000))
    assert check_memory().found == "4.0 GB free"
    group = (tmp_path, "memory.max", "memory.current", "inactive_file")
    monkeypatch.setattr(machine, "CGROUPS", (group, (tmp_path / "absent", *group[1:])))
    assert check_memory().found == (told or "4.0 GB free")


def test_shared_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(check_shared_memory(tmp_path / "absent")) == []
    monkeypatch.setattr(machine, "OBJECT_STORE_BYTES", 1)
    assert [finding.verdict for finding in check_shared_memory(tmp_path)] == [Verdict.OK]
    monkeypatch.setattr(machine, "OBJECT_STORE_BYTES", 1 << 60)
    assert [finding.verdict for finding in check_shared_memory(tmp_path)] == [Verdict.WARNING]
