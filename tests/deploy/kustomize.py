"""What ``kubectl kustomize`` makes of deploy/kubernetes: the part of kustomize that is used there, and nothing else.

Resources (files and folders), ``namespace``, ``images``, and JSON patches from files onto one resource by its kind and
name. Whatever else a kustomization says is refused, so that no test passes over what this reader does not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonpatch
import yaml

KNOWN = {"apiVersion", "kind", "namespace", "resources", "images", "patches"}

Manifest = dict[str, Any]


def built(folder: Path) -> list[Manifest]:
    """The manifests of a kustomization. ValueError: it says something that this reader does not know, or is wrong."""
    told = yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))
    unknown = told.keys() - KNOWN
    if unknown:
        raise ValueError(f"{folder}: {', '.join(sorted(unknown))} is not known here")
    manifests = [manifest for name in told["resources"] for manifest in _read((folder / name).resolve())]
    for patch in told.get("patches", []):
        _patch(manifests, patch, folder)
    for manifest in manifests:
        if "namespace" in told:
            manifest["metadata"]["namespace"] = told["namespace"]
        for image in told.get("images", []):
            _name_image(manifest, image)
    names = [(manifest["kind"], manifest["metadata"]["name"]) for manifest in manifests]
    if len(set(names)) < len(names):
        raise ValueError(f"{folder}: a resource is there twice")
    return manifests


def _read(path: Path) -> list[Manifest]:
    if path.is_dir():
        return built(path)
    return [manifest for manifest in yaml.safe_load_all(path.read_text("utf-8")) if manifest is not None]


def _patch(manifests: list[Manifest], patch: Manifest, folder: Path) -> None:
    target = patch["target"]
    if patch.keys() != {"path", "target"} or target.keys() != {"kind", "name"}:
        raise ValueError(f"{folder}: a patch is a path, and a target by kind and name")
    found = [one for one in manifests if (one["kind"], one["metadata"]["name"]) == (target["kind"], target["name"])]
    if len(found) != 1:
        raise ValueError(f"{folder}: {target} is there {len(found)} times")
    operations = yaml.safe_load((folder / patch["path"]).read_text("utf-8"))
    jsonpatch.apply_patch(found[0], operations, in_place=True)


def _name_image(manifest: Manifest, image: dict[str, str]) -> None:
    for container in containers(manifest):
        if container["image"].partition(":")[0] == image["name"]:
            container["image"] = f"{image['newName']}:{image['newTag']}"


def containers(part: object) -> Iterator[dict[str, Any]]:
    """Every container in a manifest, however deep."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name in ("containers", "initContainers"):
                yield from value
            else:
                yield from containers(value)
    elif isinstance(part, list):
        for value in part:
            yield from containers(value)
