#!/usr/bin/env python3
"""What other programs make of the same texts: CPU seconds, and the shares they decide wrongly.

    bench-rivals.py TEXTS DECISIONS [--only NAME,NAME] [--pairs 20000] [--block 512] [--budget-s 600]
                    [--rapidfuzz-texts 50000] [--datasketch-texts 100000]

TEXTS      one text a line, UTF-8, in order of acceptance
DECISIONS  the exact result for it: one line of digits, 1 kept, 0 dropped (SimilarityBench --out)

Run by scripts/bench in a virtual environment with rouge-score, rapidfuzz, rensa, datasketch and numpy.
One line a rival, fields as key=value:

    rival=rapidfuzz version=3.14.5 texts=45266 cpu_s=15.20 wall_s=9.10 peak_rss_mib=310 kept=26684 ...

wrongly_dropped is the share of the texts the rule keeps, wrongly_kept of those it drops. Cutting texts into tokens is
measured once, by itself, and not counted for any rival. Each rival runs in a process of its own: peak_rss_mib is the
most memory resident in it, the texts and their tokens included.

Scorers of pairs (rouge-score, rapidfuzz) beyond their sample or the budget are measured on that and extrapolated by the
pairs they would compare: such a line says sample=N, and no shares are given. Indexes (rensa, datasketch) then judge the
first texts only, and nothing is extrapolated: the line says texts=FEWER of=ALL, and the shares are of these.

Exit status 1 when a rival fails, or when rapidfuzz, which decides by the rule itself, decides one text otherwise.
"""

import argparse
import functools
import gc
import importlib.metadata
import os
import random
import re
import resource
import sys
import time
import traceback

T = 0.7


def tokens(text):
    return [sys.intern(t) for t in re.sub(r"[^a-z0-9]+", " ", text.lower()).split()]


def f_measure(lcs, m, n):
    """As rouge-score computes it, in doubles."""
    if lcs == 0:
        return 0.0
    p, r = lcs / m, lcs / n
    return 2 * p * r / (p + r)


class Clock:
    def __init__(self):
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def read(self):
        return time.process_time() - self.cpu, time.perf_counter() - self.wall


def report(name, clock_read, count, **fields):
    cpu, wall = clock_read
    package = name.split("@")[0]
    version = f" version={importlib.metadata.version(package)}" if package in RIVALS else ""
    rest = " ".join(f"{k}={v}" for k, v in fields.items())
    print(f"rival={name}{version} texts={count} cpu_s={cpu:.3f} wall_s={wall:.3f} peak_rss_mib={peak_mib()}", rest,
          flush=True)


def peak_mib():
    kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (kib >> 10) if sys.platform != "darwin" else (kib >> 20)


def shares(kept, exact):
    """kept and exact are lists of booleans of one length."""
    should, others = sum(exact), len(exact) - sum(exact)
    dropped = sum(e and not k for k, e in zip(kept, exact))
    wrong = sum(k and not e for k, e in zip(kept, exact))
    return {
        "kept": sum(kept),
        "wrongly_dropped": f"{dropped / max(1, should):.4f}",
        "wrongly_kept": f"{wrong / max(1, others):.4f}",
    }


def pairs_of(exact):
    """How many comparisons the published loop makes: each text with all kept before it."""
    total = kept = 0
    for e in exact:
        total += kept
        kept += e
    return total


def rouge_score(texts, _, exact, args):
    """The published programs' own scorer on random pairs, extrapolated to all pairs of the loop."""
    from rouge_score import rouge_scorer

    scorer = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)
    kept = [i for i, e in enumerate(exact) if e]
    draw = random.Random(7)
    sample = [(texts[draw.randrange(len(texts))], texts[draw.choice(kept)]) for _ in range(args.pairs)]
    clock = Clock()
    for a, b in sample:
        scorer.score(a, b)
    cpu, wall = clock.read()
    scale = pairs_of(exact) / len(sample)
    report("rouge-score", (cpu * scale, wall * scale), len(texts), sample=f"{len(sample)}pairs",
           us_per_pair=f"{cpu / len(sample) * 1e6:.1f}", pairs=pairs_of(exact))


def rapidfuzz(_, cut, exact, args):
    """Exact: tokens as characters, indel similarity = 2 LCS / (m + n), blocks against all kept texts, then in order."""
    import numpy as np
    from rapidfuzz import process
    from rapidfuzz.distance import Indel

    ids = {}
    # surrogates are no characters
    code = lambda t: (lambda i: chr(i if i < 0xD800 else i + 0x800))(ids.setdefault(t, len(ids) + 1))
    coded = ["".join(map(code, t)) for t in cut]
    kept_texts, kept = [], []

    def similar(sim, a, b):
        lcs = round(sim * (len(a) + len(b)) / 2)
        return f_measure(lcs, len(a), len(b)) > T

    def hits(queries, choices):
        sims = process.cdist(queries, choices, scorer=Indel.normalized_similarity, score_cutoff=T - 0.01,
                             dtype=np.float32, workers=1)
        rows, columns = np.nonzero(sims)
        return [(r, c) for r, c in zip(rows.tolist(), columns.tolist())
                if queries[r] and similar(float(sims[r, c]), queries[r], choices[c])]

    clock = Clock()
    sample = done = min(len(coded), args.rapidfuzz_texts)
    for start in range(0, sample, args.block):
        block = coded[start:min(start + args.block, sample)]
        out = {r for r, _ in hits(block, kept_texts)} if kept_texts else set()
        left = [i for i in range(len(block)) if i not in out]
        inside = {}
        survivors = [block[i] for i in left]
        for r, c in hits(survivors, survivors):
            if c < r:
                inside.setdefault(r, []).append(c)
        accepted = set()
        for r in range(len(survivors)):
            if not any(c in accepted for c in inside.get(r, ())):
                accepted.add(r)
                kept_texts.append(survivors[r])
        good = {left[r] for r in accepted}
        kept.extend(i in good for i in range(len(block)))
        if clock.read()[1] > args.budget_s:
            done = start + len(block)
            break
    cpu, wall = clock.read()
    if done == len(coded):
        report("rapidfuzz", (cpu, wall), done, **shares(kept, exact))
    else:
        scale = pairs_of(exact) / pairs_of(exact[:done])
        report("rapidfuzz", (cpu * scale, wall * scale), len(coded), sample=f"{done}texts",
               agrees=kept == exact[:done])
    if kept != exact[:done]:
        wrong = sum(k != e for k, e in zip(kept, exact))
        raise SystemExit(f"cria: rapidfuzz decides {wrong} of {done} texts otherwise than {args.decisions}")


def greedy(name, cut, signature, lsh, exact, threshold, args):
    """A kept text whose estimated Jaccard similarity reaches the threshold drops the text."""
    kept, signatures = [], {}
    clock = Clock()
    for i, t in enumerate(cut):
        m = signature(t) if t else None
        drop = m is not None and any(m.jaccard(signatures[j]) >= threshold for j in lsh.query(m))
        if not drop and m is not None:
            lsh.insert(i, m)
            signatures[i] = m
        kept.append(not drop)
        if i % 1000 == 0 and clock.read()[1] > args.budget_s:
            break
    all_texts = {} if len(kept) == len(exact) else {"of": len(exact)}
    report(f"{name}@{threshold}", clock.read(), len(kept), **all_texts, **shares(kept, exact[:len(kept)]))


def rensa(threshold, _, cut, exact, args):
    """128 permutations, 32 bands."""
    from rensa import RMinHash, RMinHashLSH

    def signature(t):
        m = RMinHash(num_perm=128, seed=42)
        m.update(t)
        return m

    lsh = RMinHashLSH(threshold=threshold, num_perm=128, num_bands=32)
    greedy("rensa", cut, signature, lsh, exact, threshold, args)


def datasketch(threshold, _, cut, exact, args):
    """128 permutations, bands chosen by datasketch for the threshold."""
    from datasketch import MinHash, MinHashLSH

    def signature(t):
        m = MinHash(num_perm=128)
        m.update_batch([w.encode() for w in t])
        return m

    lsh = MinHashLSH(threshold=threshold, num_perm=128)
    greedy("datasketch", cut[:args.datasketch_texts], signature, lsh, exact, threshold, args)


# 0.54 is the Jaccard similarity of two sets of tokens that share 0.7 of either
RIVALS = {
    "rouge-score": [rouge_score],
    "rapidfuzz": [rapidfuzz],
    "rensa": [functools.partial(rensa, 0.54), functools.partial(rensa, 0.7)],
    "datasketch": [functools.partial(datasketch, 0.54), functools.partial(datasketch, 0.7)],
}


def apart(run):
    """In a child, whose CPU time and peak memory are its own; the texts are shared. Whether it came to its end."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            run()
            status = 0
        except SystemExit as stop:
            print(stop, file=sys.stderr)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts")
    parser.add_argument("decisions")
    parser.add_argument("--only", default=",".join(RIVALS))
    parser.add_argument("--pairs", type=int, default=20_000)
    parser.add_argument("--block", type=int, default=512)
    parser.add_argument("--budget-s", type=float, default=600)
    parser.add_argument("--rapidfuzz-texts", type=int, default=50_000)
    parser.add_argument("--datasketch-texts", type=int, default=100_000)
    args = parser.parse_args()
    names = args.only.split(",")
    for name in names:
        if name not in RIVALS:
            parser.error(f"no rival '{name}': {', '.join(RIVALS)} are known")
    with open(args.texts, encoding="utf-8") as lines:
        texts = lines.read().split("\n")
    if texts and not texts[-1]:
        texts.pop()
    with open(args.decisions, encoding="utf-8") as digits:
        exact = [d == "1" for d in digits.read().strip()]
    if len(exact) != len(texts):
        raise SystemExit(f"{args.decisions} decides {len(exact)} texts, {args.texts} has {len(texts)}")
    clock = Clock()
    cut = [tokens(t) for t in texts]
    report("tokens", clock.read(), len(texts))
    gc.freeze()  # the collector's walks over the texts are no rival's cost
    failed = []
    for name in names:
        print(f"cria: {name} over {len(texts)} texts", file=sys.stderr, flush=True)
        if not all([apart(lambda: run(texts, cut, exact, args)) for run in RIVALS[name]]):
            failed.append(name)
    if failed:
        raise SystemExit(f"cria: {', '.join(failed)} failed: see above")


if __name__ == "__main__":
    main()
