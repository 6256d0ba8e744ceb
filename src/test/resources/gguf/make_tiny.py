"""Writes tiny.gguf: a LLaMA of two layers with random weights that llama.cpp can complete text with.

    python3 make_tiny.py [OUT]

Only the standard library is needed; the same file comes out every time. The vocabulary is a byte-level BPE with a few
words and the ChatML control tokens. Column 0 of the embeddings is large for every token and column 0 of the output
matrix is very negative for what the model should not say (raw bytes, halves of words, control tokens), so the text is
readable nonsense which ends by itself now and then.
"""

import random
import struct
import sys

HIDDEN, FEED_FORWARD, LAYERS, HEADS, KV_HEADS, CONTEXT = 32, 64, 2, 4, 2, 256
WORDS = (
    "alpaca llama hay barn hill river cloud stone bread lamp child night garden winter wool road song market a the of "
    "and sees finds makes carries under near slowly gladly"
).split()
NORMAL, UNKNOWN, CONTROL = 1, 2, 3


def byte_symbols():
    """The printable symbol that byte-level BPE (GPT-2's) writes for each byte."""
    plain = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    symbols, extra = {}, 0
    for byte in range(256):
        if byte in plain:
            symbols[byte] = chr(byte)
        else:
            symbols[byte] = chr(256 + extra)
            extra += 1
    return symbols


def vocabulary():
    symbols = byte_symbols()
    tokens = [("<|endoftext|>", CONTROL), ("<|im_start|>", CONTROL), ("<|im_end|>", CONTROL)]
    tokens += [(symbols[byte], NORMAL) for byte in range(256)]
    known = {text for text, _ in tokens}
    merges, spoken = [], {symbols[ord("\n")], symbols[ord(".")]}
    for word in WORDS:
        text = symbols[ord(" ")]
        for letter in word:
            if text + letter not in known:
                merges.append(text + " " + letter)
                known.add(text + letter)
                tokens.append((text + letter, NORMAL))
            text += letter
        spoken.add(text)
    return tokens, merges, spoken | {"<|im_end|>"}


def main(out):
    rng = random.Random(20221210)
    tokens, merges, spoken = vocabulary()

    def gauss(rows, columns, spread):
        return [[rng.gauss(0, spread) for _ in range(columns)] for _ in range(rows)]

    embedding = gauss(len(tokens), HIDDEN, 1.0)
    output = gauss(len(tokens), HIDDEN, 0.35)
    for row, (text, _) in enumerate(tokens):
        embedding[row][0] = 6.0
        output[row][0] = 0.0 if text in spoken else -8.0
    tensors = [("token_embd.weight", embedding)]
    head = HIDDEN // HEADS
    for layer in range(LAYERS):
        shapes = {
            "attn_q": (HEADS * head, HIDDEN),
            "attn_k": (KV_HEADS * head, HIDDEN),
            "attn_v": (KV_HEADS * head, HIDDEN),
            "attn_output": (HIDDEN, HEADS * head),
            "ffn_gate": (FEED_FORWARD, HIDDEN),
            "ffn_up": (FEED_FORWARD, HIDDEN),
            "ffn_down": (HIDDEN, FEED_FORWARD),
        }
        for name, (rows, columns) in shapes.items():
            tensors.append((f"blk.{layer}.{name}.weight", gauss(rows, columns, 0.15)))
        for name in ("attn_norm", "ffn_norm"):
            tensors.append((f"blk.{layer}.{name}.weight", [[1.0] * HIDDEN]))
    tensors += [("output_norm.weight", [[1.0] * HIDDEN]), ("output.weight", output)]

    def string(text):
        raw = text.encode()
        return struct.pack("<Q", len(raw)) + raw

    u32 = lambda value: struct.pack("<II", 4, value)
    f32 = lambda value: struct.pack("<If", 6, value)
    text = lambda value: struct.pack("<I", 8) + string(value)
    texts = lambda values: struct.pack("<IIQ", 9, 8, len(values)) + b"".join(map(string, values))
    i32s = lambda values: struct.pack("<IIQ", 9, 5, len(values)) + struct.pack(f"<{len(values)}i", *values)
    metadata = {
        "general.architecture": text("llama"),
        "general.name": text("tiny"),
        "llama.context_length": u32(CONTEXT),
        "llama.embedding_length": u32(HIDDEN),
        "llama.block_count": u32(LAYERS),
        "llama.feed_forward_length": u32(FEED_FORWARD),
        "llama.attention.head_count": u32(HEADS),
        "llama.attention.head_count_kv": u32(KV_HEADS),
        "llama.attention.layer_norm_rms_epsilon": f32(1e-5),
        "llama.rope.freq_base": f32(10000.0),
        "llama.rope.dimension_count": u32(head),
        "llama.vocab_size": u32(len(tokens)),
        "general.file_type": u32(0),
        "tokenizer.ggml.model": text("gpt2"),
        "tokenizer.ggml.pre": text("gpt-2"),
        "tokenizer.ggml.tokens": texts([token for token, _ in tokens]),
        "tokenizer.ggml.token_type": i32s([kind for _, kind in tokens]),
        "tokenizer.ggml.merges": texts(merges),
        "tokenizer.ggml.bos_token_id": u32(0),
        "tokenizer.ggml.eos_token_id": u32(2),
        "tokenizer.ggml.unknown_token_id": u32(0),
        "tokenizer.ggml.add_bos_token": struct.pack("<IB", 7, 0),
    }
    blob = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))
    for key, value in metadata.items():
        blob += string(key) + value
    data = b""
    for name, rows in tensors:
        shape = [len(rows[0])] if len(rows) == 1 else [len(rows[0]), len(rows)]
        blob += string(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        blob += struct.pack("<IQ", 0, len(data))
        data += b"".join(struct.pack(f"<{len(row)}f", *row) for row in rows)
        data += b"\0" * (-len(data) % 32)
    blob += b"\0" * (-len(blob) % 32)
    with open(out, "wb") as file:
        file.write(blob + data)


main(sys.argv[1] if len(sys.argv) > 1 else "tiny.gguf")
