"""The GPUs that torch can use here."""

from __future__ import annotations

import torch


def gpu_names() -> list[str]:
    """Of those that torch can use, in its order; empty where it can use none."""
    if not torch.cuda.is_available():
        return []
    return [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]


def devices() -> str:
    """``on NVIDIA H100``, or that there is no GPU."""
    names = gpu_names()
    return f"on {', '.join(names)}" if names else "on the processor: torch finds no GPU"
