"""What one GPU reads: the engine ppocr-torch, and a vision-language model of 3 billion random weights.

``python benchmarks/gpu.py`` in a checkout, with torch, transformers, numpy, Pillow, OpenCV, rapidocr and onnx installed
(and onnxruntime to check the text); nothing is downloaded. Without a GPU, or with --cpu, everything is run small, to
see that it works: its numbers mean nothing.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sys
from pathlib import Path

if not __package__:  # started as a file: its folder stands where the checkout should
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import gpu_ppocr, gpu_vlm
from benchmarks.table import print_table

AIM = 100
"""Pages a second of ppocr-torch on one GPU."""

PROCESSES = (4, 8)
"""Engines that share the GPU: Python's lock holds one of them back."""

SMALL = 740
"""Rows of pixels of a page in the small run."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpu", action="store_true", help="run small on the processor")
    parser.add_argument("--pages", type=int, default=512, help="that ppocr-torch reads on a GPU; default 512")
    parser.add_argument("--only", choices=("ppocr", "vlm"), help="one half of it")
    options = parser.parse_args()
    import torch

    device = "cuda" if torch.cuda.is_available() and not options.cpu else "cpu"
    print(f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, {machine(device)}, torch {torch.__version__}")
    if device == "cpu":
        print("There is no GPU here, or it was not to be used: a small run, whose numbers mean nothing.")
    if options.only != "vlm":
        aim = f" (aim: {AIM} pages/s)" if device == "cuda" else ""
        if device == "cuda":
            rows = gpu_ppocr.measure(device, gpu_ppocr.sample_pages(), options.pages)
            rows += gpu_ppocr.beside_one_another(device, options.pages, PROCESSES)
        else:
            rows = gpu_ppocr.measure(device, gpu_ppocr.sample_pages(rows=SMALL), 3, batch=2)
        print_table(f"ppocr-torch{aim}", ("what", "measured"), rows)
    if options.only != "ppocr":
        size = gpu_vlm.THREE_BILLION if device == "cuda" else gpu_vlm.TINY
        about, rows = gpu_vlm.measure(device, gpu_ppocr.sample_pages()[0], size)
        print_table(f"transformers: {about}", gpu_vlm.HEADER, rows)


def machine(device: str) -> str:
    cores = f"{len(os.sched_getaffinity(0))} cores of {platform.machine()}"
    if device == "cpu":
        return cores
    import torch

    return f"{torch.cuda.get_device_name()}, {torch.cuda.mem_get_info()[1] / 1e9:.0f} GB, {cores}"


if __name__ == "__main__":
    main()
