"""What the container image sets in the environment, as its Dockerfile has it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

DOCKERFILE = Path(__file__).resolve().parent.parent.parent / "deploy" / "docker" / "Dockerfile"


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the Dockerfile with its arguments, lines joined, comments left out."""
    lines = [line for line in DOCKERFILE.read_text("utf-8").splitlines() if not line.startswith("#")]
    text = re.sub(r"\\\n\s*", "", "\n".join(lines))
    split = [line.partition(" ") for line in text.splitlines() if line.strip()]
    return [(name, arguments) for name, _, arguments in split]


def image_environment() -> dict[str, str]:
    """Of the last stage, which the image is."""
    found: dict[str, str] = {}
    for name, arguments in instructions():
        if name == "FROM":
            found = {}
        elif name == "ENV":
            found |= dict(word.split("=", 1) for word in shlex.split(arguments))
    return found
