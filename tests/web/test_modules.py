"""The page's modules under Node: each can be parsed, and those that need no browser pass their own tests."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from cluster.errors import ClientError, GnosisError, StartupError
from tests.conftest import REPOSITORY
from tests.npm_package import node

HERE = Path(__file__).resolve().parent
APP = REPOSITORY / "serve_app" / "web" / "app"
MODULES = sorted(APP.rglob("*.js"))
TESTS = sorted(HERE.glob("*.test.js"))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [node(), "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_the_modules_own_tests_pass(path: Path) -> None:
    done = run("--test", "--test-reporter=spec", str(path))
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "pass 0\n" not in done.stdout


def test_every_module_can_be_parsed() -> None:
    """All in one process: a module is linked only after it was parsed, so a wrong one is told by its name."""
    script = """
        import { readFileSync } from 'node:fs'
        import { SourceTextModule } from 'node:vm'
        for (const path of process.argv.slice(1)) new SourceTextModule(readFileSync(path, 'utf8'), { identifier: path })
    """
    paths = [str(path) for path in MODULES]
    done = run("--experimental-vm-modules", "--no-warnings", "--input-type=module", "--eval", script, *paths)
    assert len(paths) > 20
    assert done.returncode == 0, done.stderr[-3000:]


def test_every_module_says_its_idea() -> None:
    for path in MODULES:
        assert path.read_text("utf-8").startswith("// "), path
        assert len(path.read_text("utf-8").splitlines()) <= 350, path
        assert max(map(len, path.read_text("utf-8").splitlines())) <= 120, path


def test_every_code_is_told_in_plain_words() -> None:
    script = f"import {{ CODES }} from '{(APP / 'problem_texts.js').as_uri()}'\nconsole.log(JSON.stringify(CODES))"
    done = run("--input-type=module", "--eval", script)
    assert done.returncode == 0, done.stderr
    assert set(_codes(GnosisError)) - set(json.loads(done.stdout)) == set()


def _codes(above: type[GnosisError]) -> list[str]:
    """Of the HTTP contract: those that a browser may meet."""
    below = [cls for cls in above.__subclasses__() if cls not in (ClientError, StartupError)]
    return [above.code, *(code for cls in below for code in _codes(cls))]
