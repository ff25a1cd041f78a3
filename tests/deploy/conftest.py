from __future__ import annotations

import jsonschema
import pytest

from tests.conftest import REPOSITORY
from tests.deploy.strict_schema import schema_of


@pytest.fixture(scope="session")
def ray_service_schema() -> jsonschema.Draft7Validator:
    """KubeRay's schema of a RayService, made strict. Its definition lies beside the repository where there is one."""
    path = REPOSITORY.parent / "shared" / "kuberay" / "ray.io_rayservices.yaml"
    if not path.is_file():
        pytest.skip("KubeRay's definition of a RayService (../shared/kuberay) is absent")
    return jsonschema.Draft7Validator(schema_of(path, "v1"))
