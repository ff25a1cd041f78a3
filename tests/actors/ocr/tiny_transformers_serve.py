"""``transformers serve`` over a vision-language model of 50,000 random weights, made on the spot: FOLDER PORT.

A LLaVA, since its processor works without torchvision; its tokens are bytes, so no vocabulary has to be at hand.
"""

from __future__ import annotations

import sys
from pathlib import Path


def save_model(folder: Path) -> None:
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlavaConfig, LlavaForConditionalGeneration, LlavaProcessor, PreTrainedTokenizerFast
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    torch.manual_seed(0)
    torch.set_num_threads(2)
    letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "<pad>", "<end>", "<image>"]
    ids = {letter: number for number, letter in enumerate(letters)}
    raw = Tokenizer(models.BPE(vocab=ids, merges=[]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="<pad>", eos_token="<end>", additional_special_tokens=["<image>"]
    )
    sizes = {"num_hidden_layers": 2, "intermediate_size": 64}
    config = LlavaConfig(
        vision_config={
            "model_type": "clip_vision_model",
            "hidden_size": 16,
            "num_attention_heads": 2,
            "image_size": 56,
            "patch_size": 14,
            **sizes,
        },
        text_config={
            "model_type": "llama",
            "vocab_size": len(ids),
            "hidden_size": 32,
            "num_attention_heads": 4,
            "max_position_embeddings": 2048,
            **sizes,
        },
        image_token_index=ids["<image>"],
        vision_feature_layer=-1,
    )
    model = LlavaForConditionalGeneration(config)
    # Random weights would never come upon one certain token: any of an eighth of them ends a text.
    model.generation_config.eos_token_id = [*range(0, len(ids), 8)]
    model.generation_config.pad_token_id = ids["<pad>"]
    model.save_pretrained(folder)
    template = (
        "{% for message in messages %}{% for part in message['content'] %}"
        "{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}"
        "{% endfor %}{% endfor %}"
    )
    LlavaProcessor(
        image_processor=CLIPImageProcessorPil(
            size={"shortest_edge": 56}, crop_size={"height": 56, "width": 56}, image_mean=[0.5] * 3, image_std=[0.5] * 3
        ),
        tokenizer=tokenizer,
        patch_size=14,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=template,
    ).save_pretrained(folder)


def main() -> None:
    folder, port = sys.argv[1:]
    save_model(Path(folder))
    from transformers.cli.transformers import main as transformers

    sys.argv = ["transformers", "serve", folder, "--device", "cpu", "--host", "127.0.0.1", "--port", port]
    transformers()


if __name__ == "__main__":
    main()
