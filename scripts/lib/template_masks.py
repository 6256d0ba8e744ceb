"""What of a chat is learnt, by the rules in plain words, for scripts/check-export templates to hold Cria's against.

Everything is a text of jinja2's with a mark inside each control text that somebody has written. P is the chat before a turn
of the assistant with the generation prompt, F the chat up to the turn, Full the whole.

- P begins F: what follows it in F, up to the token that ends the turn, is learnt. Else the chat is refused.
- Every F begins Full: one sequence. Else one sequence a turn, its F.
- Where P is the same without the generation prompt, what F has behind its end is a prompt for the next turn: it counts for nothing.
- generation blocks, where the template has some, say what of that is learnt; the token that ends the turn is learnt with it.
- What is learnt holds the answer and the names of the tools called; more than the begin token stands before it; a token ends
  it: the first control token behind an answer, or the end of text where it follows that one directly, within a chat as at its
  end. The answer is sought before the first such token that has it before it.
- No text of a message takes part in a control token: with a mark behind everything one may begin with, the same control
  tokens stand in the text.
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


def guard(value, beginning, pattern):
    """The value with a mark behind each character that control texts begin with; names of roles and types as mark has them."""
    if isinstance(value, str):
        return re.sub(f"({beginning})", rf"\1{MARK}", value)
    if isinstance(value, list):
        return [guard(one, beginning, pattern) for one in value]
    if isinstance(value, dict):
        return {
            guard(key, beginning, pattern): mark(one, pattern)
            if key in ("role", "type") and isinstance(one, str)
            else guard(one, beginning, pattern)
            for key, one in value.items()
        }
    return value


def plain(text):
    return text.replace(MARK, "")


class Refused(Exception):
    pass


class Rules:
    """Of one template.

    render(messages, tools, prompt) gives a text and the ranges of generation blocks, or raises."""

    def __init__(self, render, controls, eos, bos, narrows):
        self.render = render
        self.eos = eos
        self.bos = bos or ""
        self.narrows = narrows
        self.pattern = control_pattern(controls)
        self.beginning = "|".join(sorted({re.escape(control[0]) for control in controls})) or "(?!)"
        self.usual = self.end_of_turn(render)

    def end_of_turn(self, render):
        asked, said = {"role": "user", "content": "question"}, {"role": "assistant", "content": "answer"}
        for begin in ([asked], [{"role": "system", "content": "rules"}, asked]):
            last = self.shown(render, [*begin, said])
            if not last:
                continue
            if self.eos in last[1:]:
                within = self.shown(render, [*begin, said, asked])
                end = last.index(self.eos) + 1
                if last[:end] == within[:end]:
                    return self.eos
            return last[0]
        return None

    def shown(self, render, messages):
        try:
            return self.behind_answer(render(messages, None, False)[0])
        except Exception:  # a template that refuses the chat shows nothing
            return []

    def behind_answer(self, text):
        """The first control token behind the last answer, and those without anything between."""
        answer = self.letters(text).rfind("answer")
        run = re.search(f"(?:{self.pattern})+", text[answer:]) if answer >= 0 else None
        return re.findall(self.pattern, run.group()) if run else []

    def letters(self, text):
        """The text with its control tokens blackened: they spell no answer."""
        return re.sub(self.pattern, lambda found: "\0" * len(found.group()), text)

    def both(self, messages, tools, prompt):
        """The marked text and its ranges; refused where the mark changes more than the written control text."""
        try:
            expected, _ = self.render(messages, tools, prompt)
            text, ranges = self.render(mark(messages, self.pattern), mark(tools, self.pattern), prompt)
            guarded, _ = self.render(*(guard(one, self.beginning, self.pattern) for one in (messages, tools)), prompt)
        except Exception as problem:  # whatever a template raises, it refuses the chat
            raise Refused("TEMPLATE") from problem
        if plain(text) != expected or re.findall(self.pattern, text) != re.findall(self.pattern, guarded):
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
        F, ranges = self.both(messages[: i + 1], tools, False)
        if not F.startswith(P):
            raise Refused("PROMPT_DIFFERS")
        if not P.removeprefix(self.bos).strip():
            raise Refused("ALL_LEARNT")
        calls = message.get("tool_calls") or []
        answers = [mark(text, self.pattern) for text in [said(message), *(call["function"]["name"] for call in calls)]]
        said_to = len(P) + self.said_to(F[len(P) :], answers, calls)
        end = self.end(F, said_to, calls)
        without, _ = self.both(messages[:i], tools, False)
        return {
            "F": (F, ranges),
            "begins": F[: end[1]] if P == without else F,
            "part": (len(P), end[1]),
            "end": end,
            "answers": answers,
        }

    def said_to(self, tail, answers, calls):
        """Where what the assistant says ends, behind P."""
        letters = self.letters(tail)
        if calls:
            # wherever the last letters stand; the control token behind them ends them
            told = re.match(r"(.*[^\0\s][^\0]*)?", letters, re.DOTALL).group()
            if all(told_one in tail[: len(told)] for told_one in answers):
                return len(told)
            raise Refused("ANSWER_CHANGED")
        if not answers[0]:
            return 0
        ends = [found.start() for found in re.finditer(self.pattern, tail) if found.group() == self.usual]
        for limit in [*ends, len(letters)]:
            at = letters[:limit].rfind(answers[0])
            if at >= 0:
                return at + len(answers[0])
        raise Refused("ANSWER_CHANGED")

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
            inside = [at for at in range(start, end) if not self.narrows or any(a <= at < b for a, b in ranges)]
            if not inside:
                continue
            shown = "".join(text[at] for at in inside)
            if not all(answer in shown for answer in turn["answers"]):
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
