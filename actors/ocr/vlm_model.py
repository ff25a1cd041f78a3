"""Loads a vision-language model with its processor, from a folder or by its id, by transformers' own classes.

Processors of models that also read videos want torchvision for that half alone. Where it is missing, that half is left
out: a page is an image.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cluster.errors import StartupError

MOST_DETAIL = 400
FILES = ["*.json", "*.safetensors", "*.jinja", "*.txt", "*.model"]
"""What is fetched of a model; no code, which would be run, and no second copy of the weights."""

ENDS_OF_TURN = ("<|im_end|>", "<end_of_utterance>", "<end_of_turn>", "<|eot_id|>")


@dataclass(frozen=True, slots=True)
class VlmModel:
    """model: a transformers model for image-text-to-text, in evaluation mode. processor: its processor.

    source: id or folder. revision: of the weights, "" where it is not known.
    """

    model: Any
    processor: Any
    source: str
    revision: str = ""

    @property
    def architecture(self) -> str:
        return str(self.model.config.model_type)

    @property
    def device(self) -> Any:
        return self.model.device

    @property
    def ends(self) -> frozenset[int]:
        """The tokens that end an output: those of the model's configuration, and those that end an assistant's turn."""
        tokenizer = self.processor.tokenizer
        configured = self.model.generation_config.eos_token_id
        ends = {configured} if isinstance(configured, int) else set(configured or ())
        if tokenizer.eos_token_id is not None:
            ends.add(tokenizer.eos_token_id)
        numbers = ((name, tokenizer.convert_tokens_to_ids(name)) for name in ENDS_OF_TURN)
        return frozenset(ends | {number for name, number in numbers if _stands_for(tokenizer, number, name)})

    @property
    def penalty(self) -> float:
        """By which its makers want repeated tokens to become less likely, 1 for not at all."""
        return float(self.model.generation_config.repetition_penalty or 1)

    @property
    def padding(self) -> int:
        """The token that fills rows; what stands there is never looked at."""
        tokens = (self.model.generation_config.pad_token_id, self.processor.tokenizer.pad_token_id, *self.ends)
        return int(next((token for token in tokens if token is not None), 0))

    @property
    def context(self) -> int:
        """Most tokens of prompt and output together."""
        return int(getattr(self.model.config.get_text_config(), "max_position_embeddings", None) or 2**31)

    @property
    def version(self) -> str:
        """Of the weights, and of all that has a say in what they read."""
        import torch
        import transformers

        weights = Path(self.source).name if _is_folder(self.source) else self.source
        parts = [f"{weights}@{self.revision[:12]}" if self.revision else weights]
        parts += [str(self.model.dtype).removeprefix("torch."), f"transformers-{transformers.__version__}"]
        return "/".join([*parts, f"torch-{torch.__version__}"])


def load_model(source: str, *, dtype: str = "auto", device: str = "auto") -> VlmModel:
    """source: a folder, or an id on the Hugging Face hub. dtype: auto, float32, bfloat16.

    StartupError says what is missing.
    """
    try:
        import torch
        from transformers import AutoModelForImageTextToText, AutoProcessor
        from transformers.utils import logging
    except ImportError as error:
        raise StartupError(f"The engine transformers needs torch and transformers: {error}.") from error
    logging.disable_progress_bar()
    folder = _folder(source)
    device = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    with _startup_error(f"the processor of {source}"), _videos_left_out():
        processor = AutoProcessor.from_pretrained(folder, local_files_only=True)
    with _startup_error(f"the model {source}"):
        model, info = AutoModelForImageTextToText.from_pretrained(
            folder, local_files_only=True, dtype=_dtype(torch, dtype, device), output_loading_info=True
        )
        model.to(device).eval()
    if missing := sorted(info["missing_keys"]):
        raise StartupError(f"The weights of {source} lack {len(missing)} tensors, such as {missing[0]}.")
    if getattr(processor, "tokenizer", None) is None:
        raise StartupError(f"There is no tokenizer with {source}.")
    return VlmModel(model, processor, source, "" if _is_folder(source) else folder.name)


def _stands_for(tokenizer: Any, number: int | None, name: str) -> bool:
    """Unknown names have the number of another token, or none."""
    return number is not None and tokenizer.convert_ids_to_tokens(number) == name


def _is_folder(source: str) -> bool:
    return Path(source).expanduser().is_dir()


def _folder(source: str) -> Path:
    """Where the files of ``source`` lie. Those of an id are fetched, all of one revision, after which the last folder
    is named; without a network those that were fetched before are taken (HF_HUB_OFFLINE=1 spares the waiting)."""
    if _is_folder(source):
        return Path(source).expanduser()
    if source.startswith(("/", ".", "~")):
        raise StartupError(f"The engine transformers can't load {source}: there is no such folder.")
    from huggingface_hub import snapshot_download

    with _startup_error(f"the model {source}"):
        return Path(snapshot_download(source, allow_patterns=FILES))


def present_folder(source: str) -> Path | None:
    """Where the files of ``source`` lie on this machine; None where those of an id are yet to be fetched. StartupError:
    it names a folder, and there is none, or no model in it."""
    if not _is_folder(source) and not source.startswith(("/", ".", "~")):
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import LocalEntryNotFoundError

        try:
            return Path(snapshot_download(source, allow_patterns=FILES, local_files_only=True))
        except LocalEntryNotFoundError:
            return None
    folder = _folder(source)
    if not (folder / "config.json").is_file():
        raise StartupError(f"The engine transformers can't load {source}: the folder has no config.json.")
    return folder


def _dtype(torch: Any, name: str, device: str) -> Any:
    """bfloat16 where it is computed with; a processor is mostly faster, and always more exact, in float32."""
    if name != "auto":
        return getattr(torch, name)
    if device == "cpu":
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


@contextmanager
def _startup_error(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # of any kind: transformers raises what its many loaders do
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = " ".join(lines)[:MOST_DETAIL] or type(error).__name__
        raise StartupError(f"The engine transformers can't load {what}: {reason}") from error


@contextmanager
def _videos_left_out() -> Iterator[None]:
    """Within, processors are made with a stand-in for the half that reads videos, where torchvision is missing."""
    from transformers.models.auto.video_processing_auto import AutoVideoProcessor
    from transformers.processing_utils import ProcessorMixin
    from transformers.utils import is_torchvision_available
    from transformers.video_processing_utils import VideoProcessorMixin

    if is_torchvision_available():
        yield
        return

    class NoVideos(VideoProcessorMixin):  # type: ignore[misc]
        """Reads none."""

    load, check = AutoVideoProcessor.from_pretrained, ProcessorMixin.check_argument_for_proper_class

    def check_others(self: Any, name: str, argument: Any) -> Any:
        return NoVideos if isinstance(argument, NoVideos) else check(self, name, argument)

    AutoVideoProcessor.from_pretrained = lambda *_, **__: NoVideos()
    ProcessorMixin.check_argument_for_proper_class = check_others
    try:
        yield
    finally:
        AutoVideoProcessor.from_pretrained, ProcessorMixin.check_argument_for_proper_class = load, check
