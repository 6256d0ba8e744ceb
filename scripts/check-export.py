"""The other side of scripts/check-export: transformers and llama.cpp on what Cria's engine wrote.

Arguments: directories, each with model/ (config, safetensors, tokenizer), model.gguf (F32), cases.json (prompts, the
engine's greedy tokens), texts.json (texts and our tokenizer's ids; empty without a tokenizer) and logits.safetensors (the engine's logits over prompt and tokens). Limits: logits 2e-5 for the
tiny models, for others 2e-5 of the largest logit; tokens equal.
"""

import json
import os
import sys
import urllib.request

import torch
import xllamacpp
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

torch.set_num_threads(1)
TINY = 1_000_000
TIE = 5e-4  # of the largest logit: llama.cpp rounds otherwise, so a closer decision may fall either way, and ends the comparison


def transformers_side(directory, cases, ours):
    model = AutoModelForCausalLM.from_pretrained(os.path.join(directory, "model"), dtype=torch.float32)
    model.eval()
    worst, same, scale = 0.0, True, 0.0
    with torch.no_grad():
        for i, case in enumerate(cases):
            theirs = model(torch.tensor([case["whole"]])).logits[0]
            worst = max(worst, (theirs - ours[f"logits.{i}"]).abs().max().item())
            scale = max(scale, theirs.abs().max().item())
            first = len(case["prompt"]) - 1
            same &= theirs[first:].argmax(-1).tolist() == case["tokens"]
    limit = 2e-5 if sum(p.numel() for p in model.parameters()) < TINY else 2e-5 * max(1.0, scale)
    return worst, limit, same


def llamacpp_side(directory, cases, texts, ours):
    parameters = xllamacpp.CommonParams()
    parameters.model.path = os.path.join(directory, "model.gguf")
    parameters.n_ctx, parameters.n_parallel, parameters.warmup = 128, 1, False
    parameters.cpuparams.n_threads = 1
    # its defaults round keys, values and queries to 16 bits, which decides near ties
    parameters.cache_type_k = parameters.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    parameters.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    server = xllamacpp.Server(parameters)
    same = 0
    for i, case in enumerate(cases):
        answer = server.handle_completions(
            {
                "prompt": case["prompt"],
                "n_predict": len(case["tokens"]),
                "temperature": 0.0,
                "top_k": 1,
                "n_probs": 1,
                "cache_prompt": False,
            }
        )
        got = [token["id"] for token in answer["choices"][0]["logprobs"]["content"]]
        if got == case["tokens"]:
            same += 1
            continue
        at = next((k for k, (a, b) in enumerate(zip(got, case["tokens"])) if a != b), min(len(got), len(case["tokens"])))
        logits = ours[f"logits.{i}"][len(case["prompt"]) - 1 + at]
        two = logits.topk(2).values
        tie = (two[0] - two[1]).item() < TIE * max(1.0, logits.abs().max().item())
        same += tie
        print(f"     prompt {i}: token {at} differs; the two best logits are {two[0] - two[1]:.1e} apart{', a tie' if tie else ''}")
    return same, sum(tokenised_alike(server, text) for text in texts)


def tokenised_alike(server, case):
    question = {"content": case["text"], "add_special": False, "parse_special": False}
    request = urllib.request.Request(
        server.listening_address + "/tokenize", json.dumps(question).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        theirs = json.load(answer)["tokens"]
    if theirs != case["ids"]:
        print(f"     {case['text']!r} is {case['ids']} here, {theirs} in llama.cpp")
    return theirs == case["ids"]


def main():
    good = True
    for directory in sys.argv[1:]:
        cases = json.load(open(os.path.join(directory, "cases.json"), encoding="utf-8"))
        ours = load_file(os.path.join(directory, "logits.safetensors"))
        worst, limit, same = transformers_side(directory, cases, ours)
        texts = json.load(open(os.path.join(directory, "texts.json"), encoding="utf-8"))
        equal, alike = llamacpp_side(directory, cases, texts, ours)
        holds = worst <= limit and same and equal == len(cases) and alike == len(texts)
        good &= holds
        print(
            f"{'ok  ' if holds else 'BAD '} {os.path.basename(directory)}: transformers' logits differ by {worst:.1e}"
            f" at most (limit {limit:.1e}), its greedy tokens are {'equal' if same else 'OTHERS'};"
            f" llama.cpp's equal in {equal} of {len(cases)} prompts, its tokenizer's ids in {alike} of {len(texts)} texts"
        )
    sys.exit(0 if good else 1)


main()
