"""The steps of scripts/rehearsal, each a command of cria, and what must come out of them."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import scripted_judge
from at_work import HOME, Failed, require

CRIA = HOME / "scripts/cria"
TOKENS = 64


def cria(*arguments, expected=0):
    """Runs a command; its output is returned and shown. Fails on another exit code than expected."""
    command = [str(CRIA), *map(str, arguments)]
    print("\n$ cria " + " ".join(command[1:]), flush=True)
    begun = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    print(done.stdout, end="")
    print(f"({time.monotonic() - begun:.0f} s, exit code {done.returncode})", flush=True)
    require(done.returncode == expected, f"cria {arguments[0]} ended with {done.returncode} instead of {expected}")
    return done.stdout


def lines(path):
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def judge_keys(port):
    return f"model: scripted-judge\nendpoint: {{baseUrl: \"http://127.0.0.1:{port}/v1\", keyEnv: none}}\n"


def indented(text):
    return "".join("  " + line + "\n" for line in text.splitlines())


class Rehearsal:
    def __init__(self, options, judge):
        self.options = options
        self.work = Path(options.work)
        self.run = self.work / "run"
        self.judge = judge
        self.port = judge.server_address[1]

    def dataset(self):
        os.environ.setdefault("CRIA_JAVA_OPTS", "-XX:TieredStopAtLevel=1")
        cria("run", HOME / "conf/quickstart.yaml", "--run", self.run, "--target", self.options.target, "--yes")

    def training(self):
        conf = HOME / "conf/sft-quickstart.yaml"
        cria("stage", "shards", "--run", self.run, "--sft-conf", conf)
        cria("train", self.run, "--name", "lora", "--sft-conf", conf, "--set", f"training.maxMinutes={self.options.minutes}")

    def evaluation(self):
        """Base against tuned; what the report says of the judge's pairs is counted here once more."""
        out = self.work / "evaluation"
        cache = Path(os.environ.get("CRIA_CACHE") or Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "cria")
        conf = self.work / "evaluate.yaml"
        conf.write_text(
            f"set: {HOME / 'conf/evaluation'}\nlimit: {self.options.tasks}\nsections: [tasks]\n"
            f"answerers:\n  base: {{gguf: {cache / 'models/SmolLM2-135M-Instruct.Q4_1.gguf'}}}\n"
            f"  tuned: {{checkpoint: {self.run / 'training/lora/model'}}}\n"
            f"generation: {{maxTokens: {TOKENS}, temperature: 0.0, batch: 8}}\n"
            f"judge:\n{indented(judge_keys(self.port))}",
            encoding="utf-8",
        )
        before = self.judge.asked
        cria("evaluate", conf, "--run", out, "--yes")
        asked = self.judge.asked - before
        wins = {"base": 0, "tuned": 0, None: 0}
        keys = {key["pair_id"]: key for key in lines(out / "pairs-key/key.jsonl")}
        pairs = lines(out / "pairs/pairs.jsonl")
        for pair in pairs:
            require(not {"base", "tuned"} & set(pair), "a pair tells who is who")
            side = scripted_judge.better(pair["left"], pair["right"])
            wins[keys[pair["pair_id"]].get(side)] += 1
        report = json.loads((out / "report.json").read_text(encoding="utf-8"))
        said = outcomes(report)
        print(f"judge asked {asked} times; counted here: tuned {wins['tuned']}, ties {wins[None]}, base {wins['base']}; the report: {said}")
        require(said == (wins["base"], wins[None], wins["tuned"]), f"the report's outcomes are {said}, counted were {wins}")
        before = self.judge.asked
        cria("evaluate", conf, "--run", out, "--yes")
        require(self.judge.asked == before, "the second call asked the judge again")
        self.levels(conf, out)

    def levels(self, conf, out):
        """The same answers, each by itself."""
        cria("evaluate", conf, "--run", out, "--set", "mode=levels", "--yes")
        answerers = {key["answer_id"]: key["answerer"] for key in lines(out / "levels-key/key.jsonl")}
        counted = {name: dict.fromkeys("ABCD", 0) for name in ("base", "tuned")}
        for answer in lines(out / "levels/answers.jsonl"):
            counted[answerers[answer["answer_id"]]][scripted_judge.level(answer["answer"])] += 1
        report = json.loads((out / "report.json").read_text(encoding="utf-8"))
        said = {count["answerer"]: count["levels"] for count in report["levels"]["counts"] if count["rater"].startswith("model:")}
        print(f"levels counted here: {counted}; the report: {said}")
        require(said == counted, f"the report's levels are {said}, counted were {counted}")

    def review(self):
        judge = self.work / "judge.yaml"
        judge.write_text(judge_keys(self.port), encoding="utf-8")
        cria("review", self.run, "--name", "rehearsal", "--sample", self.options.review, "--judge", judge, "--yes")
        sample = lines(self.run / "review/rehearsal/sample.jsonl")
        expected = [scripted_judge.review(each["instruction"], each["output"]) for each in sample]
        table = cria(
            "sql", self.run, "--format", "jsonl", "-e",
            "select question, count(*) as n, sum(cast(verdict = 'yes' as int)) as yes from verdicts"
            " where kind = 'review' and name = 'rehearsal' and rater like 'model:%' group by question order by question",
        )
        rows = [json.loads(line) for line in table.splitlines()]
        said = {row["question"]: (row["n"], row["yes"]) for row in rows}
        for place, question in enumerate(("valid_task", "fitting_input", "acceptable_output")):
            counted = (len(sample), sum(each[place] for each in expected))
            require(said.get(question) == counted, f"review, {question}: the table has {said.get(question)}, counted were {counted}")

    def release(self):
        cria("stage", "moderate", "--run", self.run)
        cria("decontaminate", self.run, "--against", HOME / "conf/evaluation", "--name", "rehearsal")
        cria("export", self.run, "--decontaminated", "--moderation", "drop")
        for place in (self.run, self.run / "dataset", self.run / "training/lora/model"):
            cria("verify", place)
        damaged = self.work / "damaged"
        shutil.rmtree(damaged, ignore_errors=True)
        shutil.copytree(self.run / "dataset", damaged)
        file = damaged / "alpaca.jsonl"
        bytes_ = bytearray(file.read_bytes())
        bytes_[len(bytes_) // 2] ^= 1
        file.write_bytes(bytes_)
        cria("verify", damaged, expected=6)


def outcomes(report):
    """What the report says of base against tuned by the judge: base's wins, ties, tuned's wins."""
    (result,) = [each for each in report["pairs"]["results"] if each["rater"].startswith("model:")]
    require(result["no_verdict"] == 0, f"{result['no_verdict']} pairs have no verdict")
    return (result["wins"], result["ties"], result["losses"])


def main():
    parser = argparse.ArgumentParser(prog="scripts/rehearsal")
    parser.add_argument("--work", default=str(HOME / "target/rehearsal"))
    parser.add_argument("--target", type=int, default=120)
    parser.add_argument("--tasks", type=int, default=60)
    parser.add_argument("--review", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=2)
    options = parser.parse_args()
    Path(options.work).mkdir(parents=True, exist_ok=True)
    rehearsal = Rehearsal(options, scripted_judge.start())
    begun, took = time.monotonic(), []
    try:
        for step in (rehearsal.dataset, rehearsal.training, rehearsal.evaluation, rehearsal.review, rehearsal.release):
            start = time.monotonic()
            step()
            took.append(f"{step.__name__} {time.monotonic() - start:.0f} s")
    except Failed as failed:
        print(f"\nrehearsal: {failed}", file=sys.stderr)
        return 1
    print(f"\nall of it holds, in {time.monotonic() - begun:.0f} s: " + ", ".join(took))
    return 0


if __name__ == "__main__":
    sys.exit(main())
