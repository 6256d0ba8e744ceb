"""Tunes tiny models on chats and asks them elsewhere: the other side of scripts/check-export chats.

Argument: an empty directory to work in. For each form (a template in the way of Llama 3's, one in the way of Qwen3's,
which drops earlier thinking) a random model of transformers is made with a tokenizer of a few hundred tokens, tuned by
`cria train-local` on 200 chats of one or two turns, and exported by `cria export-gguf`. What it learnt is looked for in
transformers (apply_chat_template, generate) and in llama.cpp (its own rendering of the template, chat completions): the
answer, and the form's end token behind it. Exit codes: 0 all hold; 1 something differs.
"""

import json
import os
import random
import subprocess
import sys
import urllib.request

import torch
import transformers
import xllamacpp
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

torch.set_num_threads(1)
HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CHATS = 200
ASKED = 20

LLAMA3 = """{{- bos_token }}
{%- for message in messages %}
{{- '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' + message.content | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""

QWEN3 = """{%- set ns = namespace(last=0) %}
{%- for message in messages %}
{%- if message.role == 'user' %}
{%- set ns.last = loop.index0 %}
{%- endif %}
{%- endfor %}
{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.role == 'assistant' and loop.index0 > ns.last %}
{{- '<think>\\n\\n</think>\\n\\n' }}
{%- endif %}
{{- message.content + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\\n' }}
{%- if enable_thinking is defined and enable_thinking is false %}
{{- '<think>\\n\\n</think>\\n\\n' }}
{%- endif %}
{%- endif %}
"""

FORMS = {
    "llama3": dict(
        template=LLAMA3,
        bos="<|begin_of_text|>",
        end="<|eot_id|>",
        special=["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|pad|>"],
        config=transformers.LlamaConfig,
    ),
    "qwen3": dict(
        template=QWEN3,
        bos=None,
        end="<|im_end|>",
        special=["<|im_start|>", "<|im_end|>", "<|pad|>"],
        config=getattr(transformers, os.environ.get("CRIA_CHECK_QWEN", "Qwen3Config")),
    ),
}

COLOURS = "red green blue white black brown grey pink".split()
THINGS = "stone river lamp cloud field house".split()


def answer(colour, thing):
    return f"The {thing} is {colour}."


def chats(generator):
    for _ in range(CHATS):
        messages = []
        for _ in range(generator.choice([1, 1, 2])):
            colour, thing = generator.choice(COLOURS), generator.choice(THINGS)
            messages.append({"role": "user", "content": f"Paint the {thing} {colour}."})
            messages.append({"role": "assistant", "content": answer(colour, thing)})
        yield messages


def make_base(form, directory, texts):
    tokenizer = Tokenizer(models.BPE())
    # digits one by one: of the ways to split, one that every program knows
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=400,
            special_tokens=form["special"],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=form["bos"], eos_token=form["end"], pad_token="<|pad|>", unk_token="<|pad|>"
    )
    fast.chat_template = form["template"]
    fast.save_pretrained(directory)
    torch.manual_seed(7)
    config = form["config"](
        vocab_size=len(fast),
        hidden_size=64,
        intermediate_size=160,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        max_position_embeddings=256,
        tie_word_embeddings=False,
        bos_token_id=fast.bos_token_id,
        eos_token_id=fast.eos_token_id,
        pad_token_id=fast.pad_token_id,
    )
    transformers.AutoModelForCausalLM.from_config(config).to(torch.float32).save_pretrained(directory)


def cria(*arguments):
    ran = subprocess.run([os.path.join(HOME, "scripts/cria"), *map(str, arguments)], capture_output=True, text=True)
    if ran.returncode != 0:
        sys.exit(f"cria {' '.join(map(str, arguments))}: exit code {ran.returncode}\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return ran.stdout


def tune(directory, base, dataset):
    conf = os.path.join(directory, "sft.yaml")
    with open(conf, "w", encoding="utf-8") as file:
        file.write(
            "template: chat\n"
            "shards: {contextLength: 128, evaluationShare: 0.0, seed: 1}\n"
            "training:\n"
            "  epochs: 30\n  batchRows: 8\n  microBatchTokens: 1024\n  workers: 1\n  precision: float32\n  seed: 1\n"
            "  optimizer: {learningRate: 5.0e-3, weightDecay: 0.0}\n  schedule: {kind: cosine, warmupRatio: 0.1}\n"
        )
    tuned = os.path.join(directory, "tuned")
    cria("train-local", conf, "--base", base, "--dataset", dataset, "--output", tuned)
    cria("export-gguf", "--checkpoint", os.path.join(tuned, "model"), "--output", os.path.join(directory, "tuned.gguf"))
    return os.path.join(tuned, "model")


def wanted(form, said):
    thinking = "<think>\n\n</think>\n\n" if form is FORMS["qwen3"] else ""
    return thinking + said + form["end"]


def transformers_side(form, model, questions):
    tokenizer = transformers.AutoTokenizer.from_pretrained(model)
    net = transformers.AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()
    good = 0
    for messages, said in questions:
        text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        ids = torch.tensor([tokenizer(text, add_special_tokens=False).input_ids])
        with torch.no_grad():
            out = net.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=48, do_sample=False)
        got = tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=False)
        good += got == wanted(form, said)
        if got != wanted(form, said):
            print(f"     transformers: {got!r} for {wanted(form, said)!r}")
    return good


def llamacpp_side(form, gguf, questions):
    parameters = xllamacpp.CommonParams()
    parameters.model.path = gguf
    parameters.n_ctx, parameters.n_parallel, parameters.warmup = 256, 1, False
    parameters.cpuparams.n_threads = 1
    parameters.use_jinja = True
    server = xllamacpp.Server(parameters)
    good = 0
    for messages, said in questions:
        body = {"messages": messages, "max_tokens": 48, "temperature": 0.0, "top_k": 1, "cache_prompt": False}
        request = urllib.request.Request(
            server.listening_address + "/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=120) as reply:
            choice = json.load(reply)["choices"][0]
        # that it stopped by itself says that the end token came: nothing else stops it
        got = choice["message"]["content"].replace("<think>\n\n</think>", "").strip()
        good += got == said and choice["finish_reason"] == "stop"
        if got != said or choice["finish_reason"] != "stop":
            print(f"     llama.cpp: {choice} for {said!r}")
    return good


def main():
    work = sys.argv[1]
    holds = True
    for name, form in FORMS.items():
        directory = os.path.join(work, name)
        base = os.path.join(directory, "base")
        os.makedirs(base)
        generator = random.Random(11)
        data = list(chats(generator))
        dataset = os.path.join(directory, "chats.jsonl")
        with open(dataset, "w", encoding="utf-8") as file:
            for messages in data:
                file.write(json.dumps({"messages": messages}) + "\n")
        texts = [message["content"] for messages in data for message in messages] + ["system", "user\nassistant\n\n", "<think>\n\n</think>\n\n"]
        make_base(form, base, texts)
        model = tune(directory, base, dataset)
        questions = [(messages[:-1], messages[-1]["content"]) for messages in generator.sample(data, ASKED)]
        there = transformers_side(form, model, questions)
        here = llamacpp_side(form, os.path.join(directory, "tuned.gguf"), questions)
        good = there == here == ASKED
        holds &= good
        print(
            f"{'ok  ' if good else 'BAD '} {name}: tuned on {CHATS} chats; the answer with {form['end']} behind it in {there} of"
            f" {ASKED} chats by transformers, in {here} by llama.cpp"
        )
    sys.exit(0 if holds else 1)


main()
