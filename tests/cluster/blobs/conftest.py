"""The contract suite is no test module by name: have its assertions explained all the same."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.cluster.blobs.contract", "tests.cluster.blobs.contract_listing")
