"""The machine's diagram, drawn from its table: ``python -m actors.job.diagram``."""

from __future__ import annotations

from actors.job.machine import TRANSITIONS


def diagram() -> str:
    """Mermaid's stateDiagram: each arrow with the events that may take it. Events that change no phase are left out."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (phase, event), transition in TRANSITIONS.items():
        for target in transition.leads_to:
            if target is not phase:
                arrows.setdefault((phase.value, target.value), []).append(event.__name__)
    lines = ["stateDiagram-v2", "    [*] --> unclaimed"]
    lines += [f"    {source} --> {target}: {', '.join(events)}" for (source, target), events in arrows.items()]
    return "\n".join([*lines, "    stopped --> [*]"])


if __name__ == "__main__":
    print(diagram())
