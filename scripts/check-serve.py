"""The part of scripts/check-serve that the clients do."""

import json
import math
import os
import subprocess
import sys
import time
import traceback

import langchain_openai
import litellm
import openai
import pydantic

HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ASKED = [{"role": "user", "content": "Name a river."}]
TOLERANCE = 1e-4


# calls in the way of Hermes and Qwen
TEMPLATE = """
{%- if tools %}{{- 'Tools:' }}{% for tool in tools %}{{- '\\n' }}{{ tool | tojson }}{% endfor %}{{- '\\n\\n' }}{% endif %}
{%- for m in messages %}
{{- m.role + ': ' + m.content }}
{%- for c in m.tool_calls or [] %}
{{- '<tool_call>\\n{"name": "' + c.function.name + '", "arguments": ' }}{{ c.function.arguments | tojson }}
{{- '}\\n</tool_call>' }}
{%- endfor %}
{{- eos_token if m.role == 'assistant' else '\\n\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- 'assistant:' }}{% endif %}"""


class River(pydantic.BaseModel):
    """What the answers are to be."""

    name: str
    longer_than_the_rhine: bool


class Server:
    """A running cria serve."""

    def __init__(self, kind, *options):
        self.kind = kind
        self.process = subprocess.Popen(
            [os.path.join(HOME, "scripts/cria"), "serve", *options, "--with-parent"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            sys.exit(f"cria serve {' '.join(options)} did not start")
        self.client = openai.OpenAI(base_url=self.url, api_key="none", max_retries=0, timeout=120)
        self.model = self.client.models.list().data[0].id

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)

    def chat(self, **options):
        return self.client.chat.completions.create(
            model=self.model, **{"messages": ASKED, "max_tokens": 12, "seed": 1, **options}
        )

    def text(self, **options):
        return self.client.completions.create(
            model=self.model, **{"prompt": "The river", "max_tokens": 12, "seed": 1, **options}
        )

    def langchain(self, **options):
        return langchain_openai.ChatOpenAI(
            model=self.model, base_url=self.url, api_key="none", max_retries=0, **{"max_tokens": 12, "seed": 1, **options}
        )


def models(server):
    assert server.client.models.retrieve(server.model).id == server.model


def another_model(server):
    try:
        server.client.models.retrieve("gpt-4o")
    except openai.NotFoundError as error:
        assert server.model in str(error)
    else:
        raise AssertionError("another model's name was found")
    try:
        server.client.chat.completions.create(model="gpt-4o", messages=ASKED)
    except openai.NotFoundError as error:
        assert error.code == "model_not_found" and server.model in str(error)
        return
    raise AssertionError("another model's name was taken")


def chat(server):
    answer = server.chat()
    assert answer.choices[0].message.role == "assistant" and answer.choices[0].message.content
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 1


def parts(server):
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "Name"}, {"type": "text", "text": " a river."}]},
        {"role": "assistant", "content": None},
        *ASKED,
    ]
    assert server.client.chat.completions.create(model=server.model, messages=messages, max_tokens=4).choices


def chat_stream(server):
    whole = server.chat()
    events = list(server.chat(stream=True, stream_options={"include_usage": True}))
    text = "".join(event.choices[0].delta.content or "" for event in events if event.choices)
    assert text == whole.choices[0].message.content
    assert events[-1].usage == whole.usage and not events[-1].choices
    assert events[-2].choices[0].finish_reason == whole.choices[0].finish_reason
    assert len(events) > 4, "it came at once"


def text_stream(server):
    whole = server.text()
    events = list(server.text(stream=True))
    assert "".join(event.choices[0].text for event in events) == whole.choices[0].text
    assert events[-1].choices[0].finish_reason == whole.choices[0].finish_reason


def leaving(server):
    """All workers are free again as soon as those who had them have left."""
    for _ in range(4):
        stream = server.text(stream=True, max_tokens=-1, temperature=2)
        next(iter(stream))
        stream.close()
    begun = time.monotonic()
    server.text(max_tokens=1)
    assert time.monotonic() - begun < 30


def several(server):
    choices = server.chat(n=3, temperature=1).choices
    assert [choice.index for choice in choices] == [0, 1, 2]
    assert len({choice.message.content for choice in choices}) > 1


def prompts(server):
    assert len(server.text(prompt=["The river", "A lake"]).choices) == 2


def token_ids(server):
    words = server.text(prompt="river", temperature=0)
    ids = [4 + BYTES.index(letter) for letter in "river"]
    assert server.text(prompt=[1, *ids], temperature=0).choices[0].text == words.choices[0].text


BYTES = [chr(value) for value in [*range(ord("!"), ord("~") + 1)]]


def chat_scores(server):
    answer = server.chat(logprobs=True, top_logprobs=3, temperature=0)
    tokens = answer.choices[0].logprobs.content
    assert len(tokens) == answer.usage.completion_tokens
    assert all(token.logprob == token.top_logprobs[0].logprob and len(token.top_logprobs) == 3 for token in tokens)


def text_scores(server):
    scores = server.text(logprobs=2).choices[0].logprobs
    assert len(scores.tokens) == len(scores.token_logprobs) == len(scores.text_offset) == len(scores.top_logprobs)
    assert all(math.isfinite(score) and score < 0 for score in scores.token_logprobs)


def echo(server):
    choice = server.text(echo=True, logprobs=1, max_tokens=0).choices[0]
    assert choice.text == "The river"
    assert choice.logprobs.token_logprobs[0] is None and len(choice.logprobs.tokens) > 1


def json_object(server):
    """A random model may write a string to its limit: of several answers one comes to its end."""
    for seed in range(16):
        answer = server.chat(
            response_format={"type": "json_object"}, max_tokens=-1, seed=seed, temperature=1
        ).choices[0]
        if answer.finish_reason == "stop":
            assert isinstance(json.loads(answer.message.content), dict)
            return
    raise AssertionError("every answer was cut by its limit")


def json_schema(server):
    """Greedy answers of a random model repeat one letter, so its strings are bounded and drawn."""
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "maxLength": 12},
            "kind": {"enum": ["river", "lake"]},
            "metres": {"type": ["integer", "null"]},
        },
        "required": ["name", "kind", "metres"],
        "additionalProperties": False,
    }
    for seed in range(3):
        answer = server.chat(
            response_format={"type": "json_schema", "json_schema": {"name": "water", "schema": schema, "strict": True}},
            max_tokens=200, seed=seed, temperature=1,
        ).choices[0]
        assert answer.finish_reason == "stop"
        water = json.loads(answer.message.content)
        assert set(water) == {"name", "kind", "metres"} and len(water["name"]) <= 12
        assert water["kind"] in ("river", "lake")


def parse(server):
    """Of a client's own class; a string without a limit may be cut by the answer's."""
    for seed in range(8):
        try:
            answer = server.client.chat.completions.parse(
                model=server.model, messages=ASKED, response_format=River, max_tokens=400, seed=seed, temperature=1
            )
        except openai.LengthFinishReasonError:
            continue
        assert isinstance(answer.choices[0].message.parsed, River)
        return
    raise AssertionError("every answer was cut by its limit")


def foreign_schema(server):
    """A word that no grammar is made of is refused by its place on both."""
    schema = {"type": "object", "properties": {"age": {"type": "integer", "minimum": 0}}}
    try:
        server.chat(response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": schema}})
    except openai.BadRequestError as error:
        assert error.param.endswith("schema.properties.age.minimum")
        return
    raise AssertionError("'minimum' was taken")


def tools(server):
    """A model of random weights calls none, but it is told of them, of a call and of what came of it."""
    rivers = [{"type": "function", "function": {"name": "rivers", "parameters": {"type": "object"}}}]
    call = {"id": "c1", "type": "function", "function": {"name": "rivers", "arguments": '{"sea": "North"}'}}
    called = [
        *ASKED,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "Rhine"},
    ]
    told = server.chat(tools=rivers).usage.prompt_tokens
    assert told > server.chat().usage.prompt_tokens
    assert server.chat(messages=called, tools=rivers).usage.prompt_tokens > told + len("Rhine")


def all_room(server):
    answer = server.chat(max_tokens=-1, stop=["a", "e", " "])
    assert answer.choices[0].finish_reason in ("stop", "length")


def unknown(server):
    answer = server.client.chat.completions.with_raw_response.create(
        model=server.model, messages=ASKED, max_tokens=2, extra_body={"top_k": 5}
    )
    assert "top_k" in answer.headers["Warning"]


def litellm_options(server):
    return {
        "model": "openai/" + server.model, "messages": ASKED, "api_base": server.url, "api_key": "none", "max_tokens": 12,
        "seed": 1, "num_retries": 0,
    }


def litellm_chat(server):
    assert litellm.completion(**litellm_options(server)).choices[0].message.content


def litellm_stream(server):
    whole = litellm.completion(**litellm_options(server)).choices[0].message.content
    text = "".join(
        event.choices[0].delta.content or "" for event in litellm.completion(stream=True, **litellm_options(server))
    )
    assert text == whole


def langchain_invoke(server):
    answer = server.langchain().invoke("Name a river.")
    assert answer.content and answer.usage_metadata["total_tokens"] > 1


def langchain_stream(server):
    whole = server.langchain().invoke("Name a river.").content
    pieces = [piece.content for piece in server.langchain().stream("Name a river.")]
    assert "".join(pieces) == whole and len(pieces) > 4


def langchain_batch(server):
    assert len(server.langchain().batch(["Name a river.", "Name a lake.", "Name a sea."])) == 3


def langchain_structured(server):
    for seed in range(8):
        model = server.langchain(max_tokens=400, seed=seed, temperature=1)
        try:
            answer = model.with_structured_output(River, method="json_schema").invoke("Name a river.")
        except openai.LengthFinishReasonError:
            continue
        assert isinstance(answer, River)
        return
    raise AssertionError("every answer was cut by its limit")


TASK = """
task: rivers
dataset_path: json
dataset_kwargs: {data_files: %s}
output_type: multiple_choice
test_split: train
doc_to_text: "{{question}}"
doc_to_choice: "{{choices}}"
doc_to_target: 0
metric_list: [{metric: acc}]
"""


def lm_eval_scores(server):
    import lm_eval
    import lm_eval.tasks
    import torch
    import transformers

    folder = os.path.join(WORK, "tasks")
    os.makedirs(folder)
    data = os.path.join(folder, "rivers.jsonl")
    with open(data, "w", encoding="utf-8") as file:
        for river, sea in (("Rhine", "North Sea"), ("Nile", "Mediterranean"), ("한강", "Yellow Sea"), ("Po", "Adriatic")):
            row = {"question": f"Into which sea does the {river} flow?", "choices": [sea, "the Caspian Sea", "none — it ends"]}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    with open(os.path.join(folder, "rivers.yaml"), "w", encoding="utf-8") as file:
        file.write(TASK % data)
    found = lm_eval.simple_evaluate(
        model="local-completions",
        model_args={
            "model": server.model, "tokenizer": TINY, "base_url": server.url + "/completions", "batch_size": 3,
            "tokenizer_backend": "huggingface", "max_retries": 1,
        },
        tasks=["rivers"], task_manager=lm_eval.tasks.TaskManager(include_path=folder, include_defaults=False),
        log_samples=True, bootstrap_iters=0,
    )
    tokenizer = transformers.AutoTokenizer.from_pretrained(TINY)
    net = transformers.AutoModelForCausalLM.from_pretrained(TINY, dtype=torch.float32).eval()
    worst, compared = 0.0, 0
    for sample in found["samples"]["rivers"]:
        for arguments, answer in zip(sample["arguments"], sample["resps"], strict=True):
            context, continuation = arguments[:2]
            before = len(tokenizer(context, add_special_tokens=False).input_ids)
            ids = torch.tensor([tokenizer(context + continuation, add_special_tokens=False).input_ids])
            with torch.no_grad():
                scores = torch.log_softmax(net(ids).logits[0].double(), dim=-1)
            wanted = sum(scores[place - 1, ids[0, place]].item() for place in range(before, ids.shape[1]))
            worst = max(worst, abs(wanted - float(answer[0][0])))
            compared += 1
    assert compared == 12, compared
    assert worst <= TOLERANCE, worst
    NOTES.append(f"lm-eval: {compared} log-likelihoods, at most {worst:.1e} from those of transformers")


# client, feature, check, the parameter that the GGUF server refuses, that of the checkpoint's
CHECKS = [
    ("openai", "models, one model", models),
    ("openai", "another model's name: 404", another_model),
    ("openai", "chat", chat),
    ("openai", "contents in parts, null contents", parts),
    ("openai", "chat, streamed, with usage", chat_stream),
    ("openai", "completion, streamed", text_stream),
    ("openai", "leaving a stream ends its work", leaving),
    ("openai", "`n`", several),
    ("openai", "a list of prompts", prompts),
    ("openai", "a prompt of token ids", token_ids, "prompt"),
    ("openai", "`logprobs`, `top_logprobs` of a chat", chat_scores, "logprobs"),
    ("openai", "`logprobs` of a completion", text_scores, "logprobs"),
    ("openai", "`echo`, `max_tokens: 0`", echo, "echo"),
    ("openai", "`response_format` json_object", json_object),
    ("openai", "`response_format` json_schema", json_schema),
    ("openai", "`chat.completions.parse` of a class", parse),
    ("openai", "a schema that cannot be kept to: 400", foreign_schema),
    ("openai", "`tools`, where the template has them", tools, "tools"),
    ("openai", "`max_tokens: -1`", all_room),
    ("openai", "an unknown parameter: header `Warning`", unknown),
    ("litellm", "chat", litellm_chat),
    ("litellm", "chat, streamed", litellm_stream),
    ("LangChain", "invoke", langchain_invoke),
    ("LangChain", "stream", langchain_stream),
    ("LangChain", "batch", langchain_batch),
    ("LangChain", "with_structured_output", langchain_structured),
    ("lm-eval", "local-completions, log-likelihoods", lm_eval_scores, None),
]


def outcome(server, check, refused):
    """A word for the table, and whether it is as it should be."""
    try:
        check(server)
    except openai.BadRequestError as error:
        return f"refused: `{error.param}`", error.param == refused
    except Exception:
        traceback.print_exc()
        return "differs", False
    return "pass", refused is None


def give_template(model):
    file = os.path.join(model, "tokenizer_config.json")
    with open(file, encoding="utf-8") as given:
        settings = json.load(given)
    with open(file, "w", encoding="utf-8") as changed:
        json.dump({**settings, "chat_template": TEMPLATE}, changed)


def main():
    holds = True
    give_template(TINY)
    servers = [Server("checkpoint", "--checkpoint", TINY), Server("gguf", "--gguf", GGUF, "--workers", "2")]
    try:
        print("| client | feature | `--checkpoint` | `--gguf` |\n|---|---|---|---|")
        for client, feature, check, *refused in CHECKS:
            words = []
            for server in servers:
                if client == "lm-eval" and (server.kind == "gguf" or QUICK):
                    words.append("not tried" if QUICK else "refused: `echo`")
                    continue
                place = 0 if server.kind == "gguf" else 1
                word, good = outcome(server, check, refused[place] if len(refused) > place else None)
                words.append(word)
                holds = holds and good
            print(f"| {client} | {feature} | {' | '.join(words)} |", flush=True)
    finally:
        for server in servers:
            server.close()
    for note in NOTES:
        print(note)
    return 0 if holds else 1


NOTES = []
WORK, TINY, GGUF = sys.argv[1:4]
QUICK = "--quick" in sys.argv[4:]
sys.exit(main())
