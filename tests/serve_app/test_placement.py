from __future__ import annotations

from cluster.settings import load_settings
from serve_app.placement import SHARE, on_cpu_nodes


def test_any_node_will_do_unless_a_setting_names_some() -> None:
    assert on_cpu_nodes(load_settings(cpu_nodes="")) == {}
    assert on_cpu_nodes(load_settings(cpu_nodes="cpu_node")) == {"cpu_node": SHARE}
