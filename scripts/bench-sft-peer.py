#!/usr/bin/env python3
"""Speed of the same training step in transformers, for comparison with io.cria.sft.bench.SftBench.

Needs torch and transformers (any recent versions) in the calling Python. A model of SmolLM2-135M's shape with random weights
takes plain steps (forward, backward, clipping, AdamW) on full rows of 512 tokens, or on padded batches of the given lengths.
Prints one JSON object with the benchmark's keys. Threads come from OMP_NUM_THREADS.

    OMP_NUM_THREADS=1 bench-sft-peer.py [--case full|mixed] [--rows 4] [--steps 2] [--precision float32|bfloat16]
        [--lengths FILE]
"""

import argparse
import json
import os
import random
import time

import torch
from transformers import LlamaConfig, LlamaForCausalLM


def shape():
    return LlamaConfig(
        vocab_size=49152,
        hidden_size=576,
        intermediate_size=1536,
        num_hidden_layers=30,
        num_attention_heads=9,
        num_key_value_heads=3,
        max_position_embeddings=8192,
        rms_norm_eps=1e-5,
        rope_theta=1e5,
        tie_word_embeddings=True,
        use_cache=False,
    )


def product_rate(dtype):
    """Operations per CPU second of the step's own products, weighted by their work."""

    def rate(rows, inner, columns, repeats):
        x = torch.randn(rows, inner).to(dtype)
        w = torch.randn(columns, inner).to(dtype)
        best = float("inf")
        with torch.no_grad():
            torch.nn.functional.linear(x, w)
            for _ in range(repeats):
                start = time.process_time()
                torch.nn.functional.linear(x, w)
                best = min(best, time.process_time() - start)
        return 2.0 * rows * inner * columns / best

    return 1 / (0.79 / rate(2048, 576, 1536, 4) + 0.21 / rate(512, 576, 49152, 2))


def full_batch(rows):
    ids = torch.randint(0, 49152, (rows, 512))
    return {"input_ids": ids, "labels": ids}, ids.numel()


def padded_batch(lengths):
    longest = max(lengths)
    ids = torch.zeros(len(lengths), longest, dtype=torch.long)
    labels = torch.full_like(ids, -100)
    mask = torch.zeros_like(ids)
    for row, length in enumerate(lengths):
        tokens = torch.randint(0, 49152, (length,))
        ids[row, :length] = tokens
        labels[row, :length] = tokens
        mask[row, :length] = 1
    return {"input_ids": ids, "labels": labels, "attention_mask": mask}, sum(lengths)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--case", choices=["full", "mixed"], default="full")
    parser.add_argument("--rows", type=int, default=4)
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--lengths", default="lengths.json")
    args = parser.parse_args()
    threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    random.seed(3)
    half = args.precision == "bfloat16"
    rate = product_rate(torch.bfloat16 if half else torch.float32)
    model = LlamaForCausalLM(shape())
    model.train()
    parameters = sum(p.numel() for p in model.parameters())
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5, weight_decay=0.0)
    if args.case == "mixed":
        with open(args.lengths, encoding="utf-8") as file:
            lengths = json.load(file)["lengths"]
        random.shuffle(lengths)

    def step(index):
        if args.case == "full":
            batch, tokens = full_batch(args.rows)
        else:
            start = index * args.rows % len(lengths)
            batch, tokens = padded_batch(lengths[start : start + args.rows])
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return tokens

    step(0)
    wall, cpu, tokens = time.perf_counter(), time.process_time(), 0
    for index in range(1, args.steps + 1):
        tokens += step(index)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(
        json.dumps(
            {
                "engine": "transformers",
                "threads": threads,
                "precision": args.precision,
                "tokens": tokens,
                "tokens_per_second": round(tokens / wall, 3),
                "tokens_per_cpu_second": round(tokens / cpu, 3),
                "cpu_seconds_per_step": round(cpu / args.steps, 3),
                "product_gflops": round(rate / 1e9, 3),
                "share_of_product_rate_by_cpu": round(6.0 * parameters * tokens / cpu / rate, 3),
            }
        )
    )


if __name__ == "__main__":
    main()
