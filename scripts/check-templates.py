"""The other side of scripts/check-export templates: what transformers makes of chats with the templates of trl and axolotl.

    check-templates.py [--chats N] [--seed S] --output DIR WHEEL|FILE…

Writes DIR/templates.jsonl (a template a line: name, source, texts of its tokens) and DIR/cases.jsonl (a case a line, with what
transformers, or the rules of template_masks, make of it), which io.cria.template.TemplateCheck reads. Offsets are in code points.
"""

import argparse
import datetime
import json
import os
import random
import re
import sys
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

from template_chats import FIXED, Chats, forging
from template_masks import Rules, control_pattern, mark, plain
from transformers.utils import chat_template_utils as transformers

NOW = datetime.datetime(2026, 11, 26, 9, 5, 7)
CONTROL = (
    r"<\|[^|<>\s+']+\|>|<\uff5c[^\uff5c<>]+\uff5c>|</?s>|<(?:start|end)_of_\w+>|<\|[a-z_]+>|<[a-z_]+\|>"
    r"|\[\|[^|\s]+\|\]|\[/?[A-Z]+(?:_[A-Z]+)*\]|<(?:bos|eos)>|<[A-Z]+_TOKEN>"
)
# by what a template holds: the tokens that its models have
TOKENS = (
    ("<|eot_id|>", {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"}),
    ("<|im_end|>", {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}),
    ("<start_of_turn>", {"bos_token": "<bos>", "eos_token": "<eos>"}),
    ("turn|>", {"bos_token": "<bos>", "eos_token": "<eos>"}),
    ("<|END_OF_TURN_TOKEN|>", {"bos_token": "<BOS_TOKEN>", "eos_token": "<|END_OF_TURN_TOKEN|>"}),
    (
        "\uff5cAssistant\uff5c",
        {"bos_token": "<\uff5cbegin\u2581of\u2581sentence\uff5c>", "eos_token": "<\uff5cend\u2581of\u2581sentence\uff5c>"},
    ),
    ("", {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}),
)
# what the packages' templates do not do
OWN = {
    "whole": (
        "{{ bos_token }}{{ messages }}{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{{ m | tojson }}{% for k in m %}{{ k }}"
        "{% endfor %}<|end|>{% endfor %}{{ tools }}{{ tools | tojson }}{{ documents }}{{ x is defined }}{{ strftime_now('%d %b %Y %H') }}"
        "{% if add_generation_prompt %}<|assistant|>{% endif %}"
    ),
    "blocks that cut": (
        "{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' %}{% generation %}{{ m.content[:4] }}{% endgeneration %}"
        "{{ m.content[4:] }}{% else %}{{ m.content }}{% endif %}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
    ),
    "blocks with headers": (
        "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}<|assistant|>\n{{ m.content }}{% endgeneration %}\n\n<|end|>\n"
        "{% else %}<|user|>\n{{ m.content }}<|end|>\n{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
    ),
    "a block for the last": (
        "{% for m in messages %}<|{{ m.role }}|>{% if loop.last and m.role == 'assistant' %}{% generation %}{{ m.content }}<|end|>"
        "{% endgeneration %}{% else %}{{ m.content }}<|end|>{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
    ),
    "always a prompt": "{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}<|assistant|>",
    "many ends": (
        "{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{{ m.content | trim }}<|end|>{% if m.tool_calls %}<|calls|>"
        "{{ m.tool_calls | tojson }}<|called|><|end|>{% endif %}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
    ),
}


class Day(datetime.datetime):
    """What strftime_now asks for the time."""

    @classmethod
    def now(cls, tz=None):
        return NOW


class Template:
    def __init__(self, name, source):
        self.name, self.source = name, source
        self.tokens = next(tokens for text, tokens in TOKENS if text in source)
        controls = set(re.findall(CONTROL, source)) | set(self.tokens.values())
        if re.search(r"<\|(?:['\"]\s*[+~]|\{\{)", source):  # put together of a role
            controls |= {"<|system|>", "<|user|>", "<|assistant|>"}
        self.controls = sorted(controls)

    def render(self, messages, tools, prompt, extra=None):
        """The text, and the ranges of its generation blocks."""
        texts, ranges = transformers.render_jinja_template(
            conversations=[transformers._normalize_chat_messages(messages)],
            tools=tools,
            chat_template=self.source,
            return_assistant_tokens_mask=True,
            add_generation_prompt=prompt,
            **self.tokens,
            **(extra or {}),
        )
        return texts[0], ranges[0]

    def rules(self):
        return Rules(
            self.render,
            self.controls,
            self.tokens["eos_token"],
            self.tokens.get("bos_token"),
            bool(re.search(r"\{%-?\+?\s*generation\b", self.source)),
        )


def templates(places):
    for name, source in OWN.items():
        yield Template(name, source)
    for place in places:
        if place.endswith(".whl"):
            with zipfile.ZipFile(place) as wheel:
                for name in sorted(wheel.namelist()):
                    if name.endswith(".jinja"):
                        short = name.split("/")[0] + "/" + os.path.basename(name).removesuffix(".jinja")
                        yield Template(short, wheel.read(name).decode())
        else:
            with open(place, encoding="utf-8", newline="") as file:
                yield Template(os.path.basename(place).removesuffix(".jinja"), file.read())


def text_case(template, chat):
    tools, prompt, extra = chat.get("tools"), chat.get("prompt", False), chat.get("extra")
    case = {"check": "text", "messages": chat["messages"], "tools": tools, "prompt": prompt}
    if extra:
        # variables of one's own: rendered without what ChatTemplate does to messages
        case["extra"] = extra
        case["messages"] = transformers._alias_reasoning_fields(transformers._normalize_chat_messages(chat["messages"]))
    try:
        case["text"], case["ranges"] = template.render(chat["messages"], tools, prompt, extra)
    except Exception as problem:
        case["error"] = f"{type(problem).__name__}: {problem}"
    return case


def mask_case(rules, chat):
    case = {"check": "mask", "messages": chat["messages"], "tools": chat.get("tools")}
    if rules is None:
        return {**case, "unusable": True}
    kind, what = rules.mask(chat["messages"], chat.get("tools"))
    return {**case, kind: what}


def marked_case(template, chat):
    """A prompt whose messages hold control texts: its text, and the control tokens in it that nobody has written."""
    messages, tools = chat["messages"], chat.get("tools")
    case = {"check": "marked", "messages": messages, "tools": tools}
    try:
        case["text"], _ = template.render(messages, tools, True)
    except Exception as problem:
        return {**case, "error": f"{type(problem).__name__}: {problem}"}
    control, marked = transformers._get_control_token_patterns(tuple(template.controls))
    pattern = control_pattern(template.controls)
    ours = [mark(value, pattern) for value in (messages, tools)]
    theirs = [transformers.mark_control_tokens(value, control) for value in (messages, tools)]
    try:
        seen = plain(template.render(*ours, True)[0]) == case["text"]
    except Exception:
        seen = False
    if not seen:
        return {**case, "taken": True}
    try:
        text = template.render(*theirs, True)[0]
    except Exception:
        return case
    if marked.sub(lambda found: found.group(1) or "", text) == case["text"]:
        pieces = marked.split(text)[::2]
        case["controls"] = [token for piece in pieces for token in control.findall(piece)]
    return case


def cases(template, chats, seed):
    rules = template.rules()
    dice = random.Random(f"{seed} {template.name}")
    for random_chats, fixed in ((Chats(dice), FIXED), (Chats(dice, template.controls), forging(template.controls))):
        some = dict(fixed)
        some.update((f"random {k}", random_chats.chat()) for k in range(chats if fixed is FIXED else chats // 2))
        for name, chat in some.items():
            forged = fixed is not FIXED
            made = [marked_case(template, chat) if forged else text_case(template, chat)]
            if "extra" not in chat and any(message["role"] == "assistant" for message in chat["messages"]):
                made.append(mask_case(rules, chat))
            for case in made:
                yield {"template": template.name, "chat": ("forged, " if forged else "") + name, **case}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--chats", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", required=True)
    parser.add_argument("places", nargs="+")
    options = parser.parse_args()
    transformers.datetime = Day
    with (
        open(os.path.join(options.output, "templates.jsonl"), "w", encoding="ascii") as sources,
        open(os.path.join(options.output, "cases.jsonl"), "w", encoding="ascii") as file,
    ):
        for template in templates(options.places):
            about = {"name": template.name, "source": template.source, "tokens": template.tokens, "controls": template.controls}
            print(json.dumps(about), file=sources)
            for case in cases(template, options.chats, options.seed):
                print(json.dumps(case), file=file)


main()
