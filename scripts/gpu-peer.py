#!/usr/bin/env python3
"""Speed of transformers' own training step on the GPU, for the cases that io.cria.sft.train.GpuBench planned.

    gpu-peer.py PLAN [--seconds 6] [--until SECONDS]

PLAN has a line of JSON a case. Each is a model of the same shape with random weights, given the same number of tokens at once
and the same batches a step: forward, backward, clipping, fused AdamW; sdpa attention, no compile. A full case computes under
bfloat16 autocast on float32 weights, or (half) on bfloat16 weights with bfloat16 moments; LoRA is PEFT's, rank 16, on a
bfloat16 base. Prints the rows of GpuBench's table, as they come. Where a case does not fit, it is tried with half the tokens
at once.
"""

import argparse
import json
import sys
import time

PEAK = 989e12


def model_of(case):
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    keys = (
        "vocab_size hidden_size intermediate_size num_hidden_layers num_attention_heads num_key_value_heads"
        " tie_word_embeddings"
    ).split()
    config = LlamaConfig(
        **{key: case[key] for key in keys}, max_position_embeddings=8192, use_cache=False, attn_implementation="sdpa"
    )
    small = case["half"] or case["lora"]
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16 if small else torch.float32)
    try:
        with torch.device("cuda"):
            model = LlamaForCausalLM(config)
    finally:
        torch.set_default_dtype(before)
    if case["lora"]:
        from peft import LoraConfig, get_peft_model

        model = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear"))
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.data = parameter.data.float()
    return model.train()


def measured(case, micro, batches, seconds):
    import torch

    model = model_of(case)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-5, weight_decay=0.0, fused=True)
    rows = max(1, micro // case["length"])
    ids = torch.randint(0, case["vocab_size"], (batches, rows, min(micro, case["length"])), device="cuda")
    autocast = torch.autocast("cuda", dtype=torch.bfloat16, enabled=not case["half"])

    def step():
        losses = []
        for batch in ids:
            with autocast:
                loss = model(input_ids=batch, labels=batch).loss / batches
            loss.backward()
            losses.append(loss.detach())
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        return torch.stack(losses).sum().item()

    step()
    step()
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    start, steps = time.perf_counter(), 0
    while steps < 3 or (time.perf_counter() - start < seconds and steps < 50):
        step()
        steps += 1
    torch.cuda.synchronize()
    rate = steps * ids.numel() / (time.perf_counter() - start)
    return rate, torch.cuda.max_memory_allocated() / 2**30


def row(case, seconds):
    import gc

    import torch

    micro, batches = case["micro"], case["batches"]
    while True:
        try:
            rate, peak = measured(case, micro, batches, seconds)
            share = 100 * rate * case["operations"] / PEAK
            return f"{rate:.0f} | {share:.1f} % | {peak:.1f} | {micro} tokens at once |"
        except torch.OutOfMemoryError:
            if micro // 2 < case["length"]:
                return " | | | skipped: out of memory |"
            micro, batches = micro // 2, batches * 2
        finally:
            gc.collect()
            torch.cuda.empty_cache()


def main():
    begun = time.perf_counter()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plan")
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--until", type=float, default=1e9)
    args = parser.parse_args()
    try:
        import torch
        import transformers
    except ImportError as error:
        sys.exit(f"cria: the peer is skipped: {error}")
    if not torch.cuda.is_available():
        sys.exit("cria: the peer is skipped: torch sees no GPU")
    print(f"peer: transformers {transformers.__version__}, torch {torch.__version__}", flush=True)
    with open(args.plan, encoding="utf-8") as plan:
        for case in map(json.loads, plan):
            head = f"| {case['case']} | {case['length']} | transformers | "
            if time.perf_counter() - begun > args.until:
                print(head + " | | | skipped: the time is over |", flush=True)
                continue
            try:
                print(head + row(case, args.seconds), flush=True)
            except Exception as error:  # a case that fails must not take the others with it
                print(head + f" | | | failed: {type(error).__name__} {str(error).splitlines()[:1]} |", flush=True)


if __name__ == "__main__":
    main()
