"""A base model of random weights for tests of training: LLaMA's shape, float32, and a tokenizer of bytes.

    tiny_base.py DIR [--hidden 128] [--layers 4] [--seed 1]

Writes config.json, model.safetensors, tokenizer.json and tokenizer_config.json, the same bytes for the same arguments.
Such a model knows nothing, and learns to repeat what it is shown.
"""

import argparse
import json
import random
import struct
import sys
from array import array
from pathlib import Path

SPECIAL = ("<unk>", "<s>", "</s>", "<pad>")
HEAD = 32


def byte_letters():
    """The letters by which byte-level tokenizers write the 256 bytes: visible ones stand for themselves."""
    visible = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return [chr(byte) for byte in visible] + [chr(0x100 + n) for n in range(len(hidden))]


def tokenizer():
    """tokenizer.json: the special tokens, then a token a byte; no merges."""
    tokens = [*SPECIAL, *byte_letters()]
    added = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    bytes_only = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": id, "content": token, **added} for id, token in enumerate(SPECIAL)],
        "normalizer": None,
        "pre_tokenizer": bytes_only,
        "post_processor": None,
        "decoder": bytes_only,
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
            "vocab": {token: id for id, token in enumerate(tokens)}, "merges": [],
        },
    }


def settings():
    """tokenizer_config.json"""
    roles = dict(zip(("unk_token", "bos_token", "eos_token", "pad_token"), SPECIAL))
    return {**roles, "add_bos_token": True, "tokenizer_class": "PreTrainedTokenizerFast"}


def config(hidden, layers):
    """config.json"""
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "float32",
        "hidden_size": hidden, "intermediate_size": 2 * hidden, "num_hidden_layers": layers,
        "num_attention_heads": hidden // HEAD, "num_key_value_heads": hidden // HEAD, "head_dim": HEAD,
        "vocab_size": len(SPECIAL) + 256, "max_position_embeddings": 1024, "rope_theta": 10000.0,
        "rms_norm_eps": 1e-5, "hidden_act": "silu", "tie_word_embeddings": True,
        "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 3,
    }


def tensors(hidden, layers):
    """Name and shape of each tensor, in the file's order; those of one dimension are the norms' weights."""
    yield "model.embed_tokens.weight", (len(SPECIAL) + 256, hidden)
    for layer in range(layers):
        name = f"model.layers.{layer}"
        for matrix in ("q_proj", "k_proj", "v_proj", "o_proj"):
            yield f"{name}.self_attn.{matrix}.weight", (hidden, hidden)
        yield f"{name}.mlp.gate_proj.weight", (2 * hidden, hidden)
        yield f"{name}.mlp.up_proj.weight", (2 * hidden, hidden)
        yield f"{name}.mlp.down_proj.weight", (hidden, 2 * hidden)
        yield f"{name}.input_layernorm.weight", (hidden,)
        yield f"{name}.post_attention_layernorm.weight", (hidden,)
    yield "model.norm.weight", (hidden,)


def values(shape, numbers):
    """Little-endian float32 values: ones for a norm, else normal ones with a standard deviation of 0.02."""
    if len(shape) == 1:
        content = array("f", [1.0] * shape[0])
    else:
        content = array("f", (numbers.gauss(0.0, 0.02) for _ in range(shape[0] * shape[1])))
    if sys.byteorder == "big":
        content.byteswap()
    return content.tobytes()


def write_weights(file, hidden, layers, seed):
    """model.safetensors: length of the header, the header, the values."""
    header, end = {}, 0
    for name, shape in tensors(hidden, layers):
        begin, end = end, end + 4 * shape[0] * (shape[1] if len(shape) > 1 else 1)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    numbers = random.Random(seed)
    with open(file, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for _, shape in tensors(hidden, layers):
            out.write(values(shape, numbers))


def write(directory, hidden=128, layers=4, seed=1):
    """The model's directory, with all of its files."""
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in (
        ("config.json", config(hidden, layers)), ("tokenizer.json", tokenizer()), ("tokenizer_config.json", settings()),
    ):
        (directory / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    write_weights(directory / "model.safetensors", hidden, layers, seed)
    return directory


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory")
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.hidden < HEAD or given.hidden % HEAD:
        parser.error(f"--hidden {given.hidden}: give a multiple of {HEAD}")
    write(given.directory, given.hidden, given.layers, given.seed)


if __name__ == "__main__":
    main()
