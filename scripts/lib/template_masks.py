"""What of a chat is learnt, by the rules in plain words, for scripts/check-export templates to hold Cria's against.

Everything is a text of jinja2's with a mark inside each control text that somebody has written. P is the chat before a turn
of the assistant with the generation prompt, F the chat up to the turn, Full the whole.

- P begins F: what follows it in F, up to the token that ends the turn, is learnt. Else the chat is refused.
- Every F begins Full: one sequence. Else one sequence a turn, its F.
- Where P is the same without the generation prompt, what F has behind its end is a prompt for the next turn: it counts for nothing.
- generation blocks, where the template made some, say what of that is learnt; the token that ends the turn is learnt with it.
- What is learnt holds the answer; something stands before it; a token ends it.
"""

import re

MARK = "\U000f00ff"


def control_pattern(controls):
    return "|".join(map(re.escape, sorted(controls, key=len, reverse=True))) or "(?!)"


def mark(value, pattern):
    """The value with a mark behind the first character of each control text in it."""
    if isinstance(value, str):
        return re.sub(f"(?=({pattern}))(.)", rf"\2{MARK}", value, flags=re.DOTALL)
    if isinstance(value, list):
        return [mark(one, pattern) for one in value]
    if isinstance(value, dict):
        return {mark(key, pattern): mark(one, pattern) for key, one in value.items()}
    return value


def plain(text):
    return text.replace(MARK, "")


class Refused(Exception):
    pass


class Rules:
    """Of one template.

    render(messages, tools, prompt) gives a text and the ranges of generation blocks, or raises."""

    def __init__(self, render, controls):
        self.render = render
        self.pattern = control_pattern(controls)
        text, _ = render([{"role": "user", "content": "question"}, {"role": "assistant", "content": "answer"}], None, False)
        answer = [found.end() for found in re.finditer("answer", self.letters(text))]
        behind = re.search(self.pattern, text[answer[-1] :]) if answer else None
        self.usual = behind.group() if behind else None

    def letters(self, text):
        """The text with its control tokens blackened: they spell no answer."""
        return re.sub(self.pattern, lambda found: "\0" * len(found.group()), text)

    def both(self, messages, tools, prompt):
        """The marked text and its ranges; refused where the mark changes more than the written control text."""
        try:
            expected, ranges = self.render(messages, tools, prompt)
            marked_messages, marked_tools = mark(messages, self.pattern), mark(tools, self.pattern)
            if (marked_messages, marked_tools) == (messages, tools):
                return expected, ranges
            text, ranges = self.render(marked_messages, marked_tools, prompt)
        except Exception as problem:  # whatever a template raises, it refuses the chat
            raise Refused("TEMPLATE") from problem
        if plain(text) != expected:
            raise Refused("TEMPLATE")
        return text, ranges

    def mask(self, messages, tools):
        """("learnt", [(text, [(start, end)])]) in code points of the plain text, or ("refused", the reasons that hold)."""
        turns = [i for i, message in enumerate(messages) if message["role"] == "assistant"]
        if not turns:
            return "refused", ["NO_ANSWER"]
        messages = messages[: turns[-1] + 1]
        reasons, found = [], []
        for attempt in [lambda: self.both(messages, tools, False), *(lambda i=i: self.turn(messages, tools, i) for i in turns)]:
            try:
                found.append(attempt())
            except Refused as refused:
                reasons.append(str(refused))
        if reasons:
            return "refused", reasons
        full, *learned = found
        try:
            if all(full[0].startswith(turn["begins"]) for turn in learned):
                wanted = [(full, learned)]
            else:
                wanted = [(turn["F"], [turn]) for turn in learned]
            sequences = [one for one in (self.sequence(*each) for each in wanted) if one]
        except Refused as refused:
            return "refused", [str(refused)]
        return ("learnt", sequences) if sequences else ("refused", ["NOTHING_LEARNT"])

    def turn(self, messages, tools, i):
        message = messages[i]
        P, _ = self.both(messages[:i], tools, True)
        without, _ = self.both(messages[:i], tools, False)
        F, ranges = self.both(messages[: i + 1], tools, False)
        if not F.startswith(P):
            raise Refused("PROMPT_DIFFERS")
        if not P:
            raise Refused("ALL_LEARNT")
        calls = bool(message.get("tool_calls"))
        answer = "" if calls else mark(said(message), self.pattern)
        said_to = len(P) + self.said_to(F[len(P) :], answer, calls)
        end = self.end(F, said_to, calls)
        return {
            "F": (F, ranges),
            "begins": F[: end[1]] if P == without else F,
            "part": (len(P), end[1]),
            "end": end,
            "answer": answer,
        }

    def said_to(self, tail, answer, calls):
        letters = self.letters(tail)
        if calls:  # the last letters are the call's
            shown = re.sub(r"\0+", lambda found: " " * len(found.group()), letters).rstrip()
            return letters.find("\0", len(shown)) % (len(letters) + 1) if shown else 0
        if not answer:
            return 0
        at = letters.rfind(answer)
        if at < 0:
            raise Refused("ANSWER_CHANGED")
        return at + len(answer)

    def end(self, text, said_to, calls):
        behind = [found.span() for found in re.finditer(self.pattern, text) if found.start() >= said_to]
        usual = [span for span in behind if text[slice(*span)] == self.usual]
        if usual:
            return usual[0]
        if not behind:
            raise Refused("NO_END")
        return behind[-1 if calls else 0]

    def sequence(self, rendered, turns):
        text, ranges = rendered
        learnt = [False] * len(text)
        for turn in turns:
            start, end = turn["part"]
            inside = [at for at in range(start, end) if not ranges or any(a <= at < b for a, b in ranges)]
            if not inside:
                continue
            if turn["answer"] not in "".join(text[at] for at in inside):
                raise Refused("ANSWER_CHANGED")
            for at in [*inside, *range(*turn["end"])]:
                learnt[at] = True
        length = max((at + 1 for at, yes in enumerate(learnt) if yes), default=0)
        if not length:
            return None
        # as ranges of the plain text
        flags = [yes for yes, letter in zip(learnt[:length], text) if letter != MARK]
        edges = [at for at in range(len(flags) + 1) if (at > 0 and flags[at - 1]) != (at < len(flags) and flags[at])]
        return plain(text[:length]), list(zip(edges[::2], edges[1::2]))


def said(message):
    """What the assistant says, without thinking and the white space around."""
    content = message.get("content") or ""
    if isinstance(content, list):
        content = "".join(part["text"] for part in content if isinstance(part.get("text"), str))
    return content.rpartition("</think>")[2].strip()
