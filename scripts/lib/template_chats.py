"""Chats for scripts/check-export templates: fixed ones, and random ones of a seed.

A chat is a dictionary: messages, and where it has them tools, prompt (whether the generation prompt follows) and extra
(variables beside the messages).
"""

import json

WILD = (
    " \n\t\u201cHello\u201d 'single' \"double\" \\n back\\slash <b>&amp;</b> \uc548\ub155 \U0001f469\u200d\U0001f469\u200d\U0001f467"
    " \U0001f1f0\U0001f1f7 \U0001d518\U0001d52b\U0001d526 {{ name }} {% raw %} e\u0301 \u00e9 \u00a0x\u3000\n\n \u200b\u00a0\n"
)
PIECES = (
    " ", "\n", "\t", "a", "Hello", "answer", "\uc548\ub155", "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\u00a0", "\u3000",
    "\x85", "\x1c", "\u2028", "\r\n", "\u0130", "\u00df", "\u01c6", "e\u0301", "\u00e9", "'", '"', "\\", "\\n", "{{x}}", "{% y %}",
    "<think>", "</think>", "<think>\nx\n</think>\n\n", "<tool_call>", "</tool_call>", "<tool_response>x</tool_response>",
    "<b>&", "12", "3.5", "0", "/no_think", "[INST]", "###", "http://x.y/?a=b&c",
)  # fmt: skip
NUMBERS = (0, 1, -3, 10**20, True, False, None, 0.1, 1e-7, 1e22, 123456789.125, -0.0, 5e-324, 1.5e300, 100.0)


def system(content):
    return {"role": "system", "content": content}


def user(content):
    return {"role": "user", "content": content}


def assistant(content, **more):
    return {"role": "assistant", "content": content, **more}


def call(content, arguments, name="get_weather"):
    function = {"name": name, "arguments": arguments}
    return assistant(content, tool_calls=[{"id": "abcDEF123", "type": "function", "function": function}])


def result(content, name="get_weather"):
    return {"role": "tool", "name": name, "tool_call_id": "abcDEF123", "content": content}


def tool(name, description, properties, **more):
    parameters = {"type": "object", "properties": properties, **more}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


WEATHER = tool(
    "get_weather",
    'The "current" weather & more <b>now</b>, \ub0a0\uc528 \U0001f324.',
    {
        "city": {"type": "string", "description": "The city's\nname"},
        "days": {"type": "integer", "minimum": 1, "default": 3},
        "ratio": {"type": "number", "default": 0.5, "maximum": 1e-7, "minimum": 1e16, "x": 1.0, "n": -0.0, "b": 10**22},
        "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "nullable": True},
        "options": {"type": "array", "items": {"type": "string"}, "default": [], "more": {}, "none": None},
    },
    required=["city", "days"],
)
TALK = [system("Be nice."), user("One"), assistant("First answer."), user("Two"), assistant("Second\nanswer.")]
CALL = call("", {"city": '\uc11c\uc6b8 "S"', "days": 2, "ok": True, "ratio": 1.5})
RESULT = result('{"temp": 22.5, "sky": "\ub9d1\uc74c"}')
ASKED = user("Weather in Seoul?")
THOUGHT = assistant("A1", reasoning_content="think one\n")

FIXED = {
    "question": {"messages": [user("Explain joins.")], "prompt": True},
    "question under a system prompt": {"messages": [system("You are helpful."), user("Explain joins.")], "prompt": True},
    "answer": {"messages": [user("What is 2+2?"), assistant("4")]},
    "answer under a system prompt": {"messages": [system("You are a pirate.\nBe brief."), user("Hi!"), assistant("Arr.")]},
    "many turns": {"messages": [*TALK, user("Three"), assistant("Third.")]},
    "many turns, next": {"messages": [*TALK, user("Three")], "prompt": True},
    "many turns, open": {"messages": [*TALK, user("Three")]},
    "the same answer again": {"messages": [user("a"), assistant("a"), user("a"), assistant("a")]},
    "answers of a role's name": {"messages": [user("user"), assistant("assistant"), user("system"), assistant("user")]},
    "wild text": {"messages": [system(WILD), user(WILD), assistant(WILD), user("x" + WILD), assistant(WILD + "y")]},
    "wild question": {"messages": [user(WILD)], "prompt": True},
    "empty texts": {"messages": [user(""), assistant(""), user("  \n"), assistant("\n")]},
    "empty system prompt": {"messages": [system(""), user("a"), assistant("b")]},
    "tools": {"messages": [system("Sys."), ASKED], "tools": [WEATHER], "prompt": True},
    "tool call": {"messages": [ASKED, CALL, RESULT, assistant("It is 22.5 degrees.")], "tools": [WEATHER]},
    "tool call last": {"messages": [ASKED, CALL], "tools": [WEATHER]},
    "two tool calls, then on": {
        "messages": [
            ASKED,
            assistant("Let me see.", tool_calls=CALL["tool_calls"] * 2),
            RESULT,
            RESULT,
            assistant("Warm."),
            user("Thanks"),
            assistant("Welcome."),
        ],
        "tools": [WEATHER, tool("now", "", {})],
    },
    "tool call without content": {"messages": [system("S"), ASKED, call(None, {"city": "x"}), RESULT], "prompt": True},
    "tool call, arguments as text": {"messages": [ASKED, call("", '{"city": "x"}'), RESULT, assistant("Warm.")]},
    "reasoning": {
        "messages": [user("Q1"), THOUGHT, user("Q2"), assistant("A2", reasoning_content="\nthink two")]
    },
    "reasoning by another name": {"messages": [user("Q1"), assistant("A1", reasoning="so"), user("Q2")], "prompt": True},
    "reasoning, then a tool": {
        "messages": [ASKED, {**CALL, "reasoning_content": "a tool"}, RESULT, assistant("Warm.", thinking="done")],
        "tools": [WEATHER],
    },
    "reasoning in the text": {
        "messages": [user("Q1"), assistant("<think>\nhm 1\n</think>\n\nA1"), user("Q2"), assistant("<think>\n\n</think>\n\nA2")]
    },
    "no thinking": {"messages": [user("Q1"), assistant("A1"), user("Q2")], "prompt": True, "extra": {"enable_thinking": False}},
    "thinking": {"messages": [user("Q1")], "prompt": True, "extra": {"enable_thinking": True, "reasoning_effort": "high"}},
    "content parts": {
        "messages": [
            system("S"),
            user([{"type": "text", "text": "Hello "}, {"type": "text", "text": "world"}]),
            assistant([{"type": "text", "text": "ok"}]),
        ]
    },
    "two users in a row": {"messages": [user("a"), user("b"), assistant("c")]},
    "two answers in a row": {"messages": [user("a"), assistant("b"), assistant("c")]},
    "begins with the assistant": {"messages": [assistant("Hello, who is it?"), user("Me"), assistant("Ah.")]},
    "system prompt alone": {"messages": [system("S")], "prompt": True},
    "system prompt in the middle": {"messages": [user("a"), assistant("b"), system("c"), user("d"), assistant("e")]},
    "keys without a value": {"messages": [{**user("a"), "name": None}, assistant("b", tool_calls=None)]},
}


def forging(controls):
    """Chats whose texts hold control texts."""
    first, last = controls[0], controls[-1]
    both = first + "x" + last
    every = " ".join(controls)
    return {
        "control texts, asked": {"messages": [system("s" + both), user(every)], "prompt": True},
        "control texts": {"messages": [system(first), user(every + "\n"), assistant(last + " " + both), user(both), assistant(every)]},
        "control text as the answer": {"messages": [user("say it"), assistant(last)]},
        "control texts in tools": {
            "messages": [ASKED, call(both, {"city": both}), result(every), assistant("a" + last + "b")],
            "tools": [tool("get_weather", every, {"city": {"type": "string", "description": both}})],
        },
        "control texts thought": {"messages": [user("Q"), assistant("A", reasoning_content=both), user("Q" + first)], "prompt": True},
        "control texts in parts": {"messages": [user([{"type": "text", "text": every}]), assistant("A" + first)]},
    }


class Chats:
    """Random chats; control texts are among their words where there are any."""

    def __init__(self, random, controls=()):
        self.random = random
        self.controls = controls

    def maybe(self, share):
        return self.random.random() < share

    def text(self):
        random = self.random
        words = [random.choice(PIECES) for _ in range(random.randint(0, 6))]
        if self.controls:
            for _ in range(random.randint(0, 2)):
                words.insert(random.randint(0, len(words)), random.choice(self.controls))
        return "".join(words)

    def value(self, depth=0):
        random = self.random
        kind = random.random()
        if kind < 0.3 or depth > 2:
            return self.text()
        if kind < 0.65:
            return random.choice(NUMBERS)
        if kind < 0.8:
            return [self.value(depth + 1) for _ in range(random.randint(0, 3))]
        keys = ("k", "city", "type", "description", "\ud0a4", "items", "a b")
        return {random.choice(keys): self.value(depth + 1) for _ in range(random.randint(0, 3))}

    def tool(self):
        properties = {}
        for _ in range(self.random.randint(0, 3)):
            one = {"type": self.random.choice(["string", "integer", "array", "boolean"]), "description": self.text()}
            if self.maybe(0.3):
                one["enum"] = [self.text()]
            if self.maybe(0.3):
                one["default"] = self.value()
            properties[self.random.choice(["a", "b", "items"])] = one
        more = {"required": ["a"]} if self.maybe(0.7) else {}
        return tool(self.random.choice(["find_it", "get_x"]), self.text(), properties, **more)

    def content(self):
        if self.maybe(0.05):
            return [{"type": "text", "text": self.text()} for _ in range(self.random.randint(1, 2))]
        return self.text()

    def called(self):
        calls = []
        for k in range(self.random.randint(1, 2)):
            arguments = self.random.choice([{}, {"a": self.value(), "b": self.value()}, json.dumps({"a": 1})])
            calls.append({"id": f"abcDEF12{k}", "type": "function", "function": {"name": "find_it", "arguments": arguments}})
        return assistant(self.random.choice(["", self.text(), None]), tool_calls=calls)

    def turn(self):
        messages = []
        if self.maybe(0.95):
            messages.append(user(self.content()))
        if self.maybe(0.25):
            messages.append(self.called())
            if self.maybe(0.9):
                messages.append(result(self.random.choice([self.text(), "{}"]), "find_it"))
        if self.maybe(0.9):
            more = {"reasoning_content": self.text()} if self.maybe(0.3) else {}
            messages.append(assistant(self.content(), **more))
        return messages

    def chat(self):
        messages = [system(self.text())] if self.maybe(0.5) else []
        for _ in range(self.random.randint(1, 4)):
            messages += self.turn()
        if self.maybe(0.5) or not messages:
            messages.append(user(self.text()))
        chat = {"messages": messages, "prompt": self.maybe(0.5)}
        if self.maybe(0.35):
            chat["tools"] = [self.tool() for _ in range(self.random.randint(1, 2))]
        if not self.controls and self.maybe(0.3):
            chat["extra"] = {"enable_thinking": self.maybe(0.5)}
        return chat
