"""Deploys once more on a running cluster: ``python -m tests.e2e.redeploy HOST``, in its processes' environment."""

from __future__ import annotations

import sys

import ray

from cluster.ray_cluster import NAMESPACE
from cluster.settings import load_settings
from serve_app import deploy

if __name__ == "__main__":
    ray.init(namespace=NAMESPACE, log_to_driver=False, logging_level="WARNING")
    deploy.start(load_settings(), sys.argv[1])
    ray.shutdown()
