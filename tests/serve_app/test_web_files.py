"""Files from elsewhere: each is told in the manifest, and is what it was."""

from __future__ import annotations

import base64
import hashlib
import json
import tomllib
from pathlib import Path

from serve_app.web_files import web_file

REPOSITORY = Path(__file__).resolve().parent.parent.parent
VENDOR = REPOSITORY / "serve_app" / "web" / "vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text("utf-8"))


def digest(algorithm: str, data: bytes) -> str:
    return f"{algorithm}-{base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


def test_every_file_is_told_and_unchanged() -> None:
    told: dict[str, str] = {}
    for name, package in MANIFEST.items():
        assert package["version"]
        assert package["license"]
        assert package["source"] == f"pkg:npm/{name}@{package['version']}"
        assert package["integrity"].startswith("sha512-")
        assert f"{name}.LICENSE" in package["files"]
        told |= {file: of["integrity"] for file, of in package["files"].items()}
    there = {
        path.name: digest("sha384", path.read_bytes()) for path in VENDOR.iterdir() if path.name != "manifest.json"
    }
    assert there == told


def test_the_page_names_the_scripts_integrity() -> None:
    integrity = MANIFEST["openapi-explorer"]["files"]["openapi-explorer.min.js"]["integrity"]
    assert f'integrity="{integrity}"' in web_file("docs.html").content.decode()


def test_the_package_carries_them() -> None:
    pyproject = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    assert pyproject["tool"]["setuptools"]["package-data"]["serve_app"] == ["web/**"]
