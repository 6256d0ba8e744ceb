#!/usr/bin/env python3
"""One measured run as a Markdown row and a line of JSON: the process's clock and the scripted server's books."""
import argparse
import json
import os
import re
import urllib.request

HEAD = (
    "| run | heap | window | server | wall s | CPU s | peak resident MiB | requests | answers | again | tokens delivered"
    " | of the request limit | of the token limit | refused | attempts in the outage, s to 90 %"
    " | wall s by stage (share of the window in flight) |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n"
)

# what Spark's own cluster says of executors that it ends
CLUSTER = re.compile(
    r"\s+(at |\.\.\.)|(Caused by: )?[\w.]+Exception: |\d\d:\d\d:\d\d \w+ (Master|Worker|TaskSchedulerImpl|Utils):"
)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in "url clock recipe target heap window only server executors skew code log out".split():
        parser.add_argument("--" + name, required=True)
    return parser.parse_args()


def share(line, window):
    """Of the window, between the stage's first request and its last answer."""
    possible = line["wall_seconds"] * window
    return line["request_seconds"] / possible if possible else 0.0


def of_limit(books, name):
    """Of what the server allowed from the first request it let in to the last; the bucket's first fill is told behind."""
    if name + "_utilisation" not in books:
        return ""
    return f"{books[name + '_utilisation']:.3f} (credit {books[name + '_credit']:.3f})"


def way_back(outage):
    back = outage.get("seconds_to_90_percent")
    return f"{outage['attempts']}, {'never' if back is None else format(back, '.1f')}" if outage else ""


def main():
    asked = arguments()
    with urllib.request.urlopen(asked.url) as answer:
        books = json.load(answer)
    with open(asked.clock) as file:
        clock = {name: float(value) for name, value in (field.split("=") for field in file.read().split())}
    with open(asked.log) as file:
        words = [line for line in file.read().strip().splitlines() if not CLUSTER.match(line)]
    executors = int(asked.executors)
    window = int(asked.window) * max(1, executors)  # each has its own
    refused = books["refused"] / books["requests"] if books["requests"] else 0.0
    stages = {
        name: {"wall_s": round(line["wall_seconds"], 2), "utilisation": round(share(line, window), 4)}
        for name, line in books["stages"].items()
    }
    figures = {
        "recipe": asked.recipe,
        "target": int(asked.target),
        "heap": asked.heap,
        "window": window,
        "only": asked.only,
        "server": asked.server.strip(),
        "executors": executors,
        "skew": int(asked.skew),
        "request_utilisation": books.get("request_utilisation"),
        "token_utilisation": books.get("token_utilisation"),
        "refused_share": refused,
        "failed": asked.code != "0",
        **clock,
        "stages": stages,
        "books": books,
        "last_words": words[-6:],
    }
    by_stage = ", ".join(f"{name} {line['wall_s']:.1f} ({line['utilisation']:.3f})" for name, line in stages.items())
    what = f"{asked.recipe} {asked.target}" + (f", {asked.only}" if asked.only else "")
    what += f", {executors} executors" if executors else ""
    what += f", skew {asked.skew}" if asked.skew != "1" else ""
    tokens = f"{books['prompt_tokens']} + {books['completion_tokens']}"
    row = (
        f"| {what}{', FAILED' if figures['failed'] else ''} | {asked.heap} | {window} | {asked.server.strip() or 'at once'} "
        f"| {clock['wall_s']:.1f} | {clock['cpu_s']:.1f} | {clock['peak_rss_mib']:.0f} | {books['requests']} "
        f"| {books['answers']} | {books['bought_again']} | {tokens} | {of_limit(books, 'request')} "
        f"| {of_limit(books, 'token')} | {100 * refused:.2f} % | {way_back(books.get('outage', {}))} | {by_stage} |\n"
    )
    print(json.dumps(figures))
    print(HEAD + row, end="")
    os.makedirs(os.path.dirname(asked.out) or ".", exist_ok=True)
    new = not os.path.exists(asked.out)
    with open(asked.out, "a") as file:
        file.write((HEAD if new else "") + row)


if __name__ == "__main__":
    main()
