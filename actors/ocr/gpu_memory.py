"""How much of its GPU's memory this process holds, as far as torch knows."""

from __future__ import annotations

import sys


def gpu_memory() -> dict[str, int]:
    """Bytes by kind: ``reserved`` of the device, and ``used`` of that; empty where no engine of ours is on a GPU.

    Torch is not imported for it: where nobody has, nothing of ours is on a GPU.
    """
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return {}
    return {"reserved": torch.cuda.memory_reserved(), "used": torch.cuda.memory_allocated()}
