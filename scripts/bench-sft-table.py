#!/usr/bin/env python3
"""A Markdown table of training speeds from lines of {"engine", "case", "figures"}, as scripts/bench sft collects them."""

import json
import sys

CASES = {
    "full": "full rows, 4 × 512 tokens",
    "mixed": "mixed lengths, useful tokens",
}


def threads(figures):
    count = figures.get("workers", figures.get("threads"))
    ranks = figures.get("ranks", 1)
    return str(count) if ranks == 1 else f"{ranks} ranks × {count}"


def row(run):
    figures = run["figures"]
    share = figures.get("share_of_product_rate_by_cpu")
    return [
        CASES.get(run["case"], run["case"]),
        figures["precision"],
        threads(figures),
        run["engine"],
        f"{figures['tokens_per_second']:.0f}",
        f"{figures['tokens_per_cpu_second']:.0f}",
        f"{figures['product_gflops']:.0f}",
        f"{share:.2f}",
    ]


def main():
    head = ["Batch", "Precision", "Threads", "Engine", "Tokens/s", "Tokens/CPU s", "Products, GFLOP/s", "Share of products"]
    print("| " + " | ".join(head) + " |")
    print("|---|---|---:|---|---:|---:|---:|---:|")
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            print("| " + " | ".join(row(json.loads(line))) + " |")
    print()
    print("A model of SmolLM2-135M's shape, random weights, plain steps with AdamW. Products: the rate of the step's own")
    print("matrix products, measured in the same process just before (all workers for Cria, a CPU second for transformers).")
    print("Share: what the step reaches of it a CPU second, counting 6 operations a parameter and useful token.")


if __name__ == "__main__":
    main()
