from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.deploy.kustomize import Manifest, built

OVERLAYS = Path(__file__).resolve().parent.parent.parent / "deploy" / "kubernetes" / "overlays"


def write(folder: Path, **files: object) -> None:
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content), "utf-8")


POD = {"kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "c", "image": "ours"}]}}


def test_resources_are_patched_named_and_put_into_the_namespace(tmp_path: Path) -> None:
    patch = {"path": "patch.yaml", "target": {"kind": "Pod", "name": "a"}}
    images = [{"name": "ours", "newName": "registry/ours", "newTag": "1"}]
    write(
        tmp_path,
        pod=POD,
        patch=[{"op": "add", "path": "/spec/containers/-", "value": {"name": "d", "image": "theirs"}}],
        kustomization={"namespace": "n", "resources": ["pod.yaml"], "patches": [patch], "images": images},
    )
    (pod,) = built(tmp_path)
    assert pod["metadata"] == {"name": "a", "namespace": "n"}
    assert [one["image"] for one in pod["spec"]["containers"]] == ["registry/ours:1", "theirs"]


def test_what_is_not_known_is_refused(tmp_path: Path) -> None:
    write(tmp_path, pod=POD, kustomization={"resources": ["pod.yaml"], "namePrefix": "x-"})
    with pytest.raises(ValueError, match="namePrefix is not known here"):
        built(tmp_path)


def test_a_patch_for_what_is_not_there_is_refused(tmp_path: Path) -> None:
    patch = {"path": "patch.yaml", "target": {"kind": "Pod", "name": "b"}}
    write(tmp_path, pod=POD, patch=[], kustomization={"resources": ["pod.yaml"], "patches": [patch]})
    with pytest.raises(ValueError, match="is there 0 times"):
        built(tmp_path)


def test_a_resource_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path, pod=POD, kustomization={"resources": ["pod.yaml", "pod.yaml"]})
    with pytest.raises(ValueError, match="there twice"):
        built(tmp_path)


@pytest.mark.parametrize("overlay", sorted(path.name for path in OVERLAYS.iterdir()))
def test_kubectl_makes_the_same_of_them(overlay: str) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed, which would tell whether it reads the overlays as the tests do")
    told = subprocess.run([kubectl, "kustomize", OVERLAYS / overlay], capture_output=True, text=True, check=True)

    def by_name(manifests: list[Manifest]) -> list[Manifest]:
        return sorted(manifests, key=lambda one: (one["kind"], one["metadata"]["name"]))

    assert by_name(list(yaml.safe_load_all(told.stdout))) == by_name(built(OVERLAYS / overlay))
