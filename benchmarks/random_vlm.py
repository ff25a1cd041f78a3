"""Vision-language models with random weights, made in a folder as published ones lie there: no download, same code.

What they write means nothing, but it depends on the page and is the same each time: enough to measure and to compare.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

SPECIAL = [
    *("<pad>", "<unk>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>"),
    *("<|video_pad|>", "<img>", "</img>", "<imgpad>", "<image>", "<fake_token_around_image>", "<global-img>"),
    "<end_of_utterance>",
]
WORDS = 97
VOCABULARY = len(SPECIAL) + WORDS
CHAT = (
    "{% for message in messages %}<|im_start|> {{ message['role'] }} {% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}IMAGE{% else %} {{ part['text'] }}{% endif %}{% endfor %} <|im_end|> "
    "{% endfor %}{% if add_generation_prompt %}<|im_start|> assistant{% endif %}"
)


def save_qwen(folder: Path, *, seed: int = 0, hidden: int = 32, layers: int = 2) -> Path:
    """Qwen2.5-VL, with three-dimensional positions."""
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    config = Qwen2_5_VLConfig(
        text_config=_decoder(hidden, layers, rope_parameters={"rope_type": "default", "mrope_section": [1, 1, 2]}),
        vision_config={
            **{"depth": 2, "hidden_size": 32, "intermediate_size": 32, "num_heads": 2, "window_size": 56},
            **{"out_hidden_size": hidden, "fullatt_block_indexes": [1], "patch_size": 14, "initializer_range": 0.2},
        },
        image_token_id=SPECIAL.index("<|image_pad|>"),
        video_token_id=SPECIAL.index("<|video_pad|>"),
        vision_start_token_id=SPECIAL.index("<|vision_start|>"),
        vision_end_token_id=SPECIAL.index("<|vision_end|>"),
    )
    _save(
        folder,
        seed,
        lambda: Qwen2_5_VLForConditionalGeneration(config),
        "<|vision_start|> <|image_pad|> <|vision_end|>",
    )
    Qwen2VLImageProcessorPil(min_pixels=4 * 28 * 28, max_pixels=24 * 28 * 28).save_pretrained(folder)
    return folder


def save_got(folder: Path, *, seed: int = 0, hidden: int = 32, layers: int = 2) -> Path:
    """GOT-OCR2: a square image, and a prompt that its processor makes itself."""
    from transformers import GotOcr2Config, GotOcr2ForConditionalGeneration, GotOcr2Processor
    from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil

    config = GotOcr2Config(
        text_config={"model_type": "qwen2", **_decoder(hidden, layers)},
        vision_config={
            **{"hidden_size": 32, "output_channels": 16, "num_hidden_layers": 2, "num_attention_heads": 2},
            **{"image_size": 128, "patch_size": 2, "window_size": 8, "global_attn_indexes": [], "mlp_dim": 32},
            **{"initializer_range": 0.2},
        },
        image_token_index=SPECIAL.index("<imgpad>"),
    )
    tokenizer = _save(folder, seed, lambda: GotOcr2ForConditionalGeneration(config), "")
    images = GotOcr2ImageProcessorPil(size={"height": 128, "width": 128})
    GotOcr2Processor(images, tokenizer).save_pretrained(folder)
    return folder


def save_idefics(folder: Path, *, seed: int = 0, hidden: int = 32, layers: int = 2) -> Path:
    """Idefics3, the family of SmolVLM and Granite Docling: a page is cut into as many tiles as its size asks for."""
    from transformers import Idefics3Config, Idefics3ForConditionalGeneration, Idefics3Processor
    from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil

    config = Idefics3Config(
        text_config={"model_type": "llama", **_decoder(hidden, layers)},
        vision_config={
            **{"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2},
            **{"image_size": 32, "patch_size": 8, "initializer_range": 0.2},
        },
        image_token_id=SPECIAL.index("<image>"),
        scale_factor=2,
    )
    tokenizer = _save(folder, seed, lambda: Idefics3ForConditionalGeneration(config), "<image>")
    images = Idefics3ImageProcessorPil(size={"longest_edge": 96}, max_image_size={"longest_edge": 32})
    Idefics3Processor(images, tokenizer, image_seq_len=4, chat_template=_chat("<image>")).save_pretrained(folder)
    return folder


FAMILIES: dict[str, Callable[..., Path]] = {"qwen2_5_vl": save_qwen, "got_ocr2": save_got, "idefics3": save_idefics}


def _decoder(hidden: int, layers: int, **more: Any) -> dict[str, Any]:
    return {
        **{"vocab_size": VOCABULARY, "hidden_size": hidden, "intermediate_size": 2 * hidden},
        **{"num_hidden_layers": layers, "num_attention_heads": 4, "num_key_value_heads": 2},
        **{"max_position_embeddings": 4096, "initializer_range": 0.4, "tie_word_embeddings": False},
        **{"bos_token_id": None, "eos_token_id": SPECIAL.index("<|im_end|>"), "pad_token_id": 0},
        **more,
    }


def _chat(image: str) -> str:
    return CHAT.replace("IMAGE", image)


def _save(folder: Path, seed: int, make: Callable[[], Any], image: str) -> Any:
    """Saves the model and its tokenizer; the tokenizer is returned."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.manual_seed(seed)
    model = make().eval()
    model.generation_config.eos_token_id = SPECIAL.index("<|im_end|>")
    model.generation_config.pad_token_id = 0
    model.save_pretrained(folder)
    vocabulary = {word: number for number, word in enumerate([*SPECIAL, *(f"w{n}" for n in range(WORDS))])}
    core = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token="<pad>",
        unk_token="<unk>",
        eos_token="<|im_end|>",
        additional_special_tokens=SPECIAL[2:],
    )
    tokenizer.chat_template = _chat(image) if image else None
    tokenizer.save_pretrained(folder)
    return tokenizer
