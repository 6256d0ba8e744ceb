"""A judge with a known rule, behind the API of chat models, on this machine: for rehearsals.

Of two answers it takes the one with more words, and neither where they have as many; by itself an answer reaches level A
from thirty words on, B from ten, C from three. An instruction is a valid task from
four words on, an input always fits, an output is acceptable from three words on. One question in seventeen it answers off
the form, until it is asked again.
"""

import json
import re
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TEXT = re.compile(r"^----- (?!end of )(\w+) (\w+) -----\n(.*?)^----- end of \1 \2 -----$", re.S | re.M)
AGAIN = "An earlier answer to this could not be read"
OFF_FORM = 17


def words(text):
    return len(text.split())


def texts(question):
    """The texts that a question shows, by their names."""
    return {name: text.rstrip("\n") for name, _, text in TEXT.findall(question)}


def better(left, right):
    """The rule for pairs: left, right or neither."""
    a, b = words(left), words(right)
    return "neither" if a == b else ("left" if a > b else "right")


def level(answer):
    """The rule for single answers: A to D."""
    return next((name for name, least in (("A", 30), ("B", 10), ("C", 3)) if words(answer) >= least), "D")


def review(instruction, output):
    """The rule for examples: valid task, fitting input, acceptable output."""
    return words(instruction) >= 4, True, words(output) >= 3


def is_off_form(question):
    return zlib.crc32(question.encode()) % OFF_FORM == 0


def answer(question):
    if AGAIN not in question and is_off_form(question):
        return "I would rather not say."
    shown = texts(question)
    if "left" in shown:
        return "Counted words.\nBetter: " + better(shown["left"], shown["right"])
    if "answer" in shown:
        return "Counted words.\nLevel: " + level(shown["answer"])
    valid, fits, acceptable = review(shown["instruction"], shown["output"])
    said = ["yes" if each else "no" for each in (valid, fits, acceptable)]
    return "Counted words.\nValid task: {}\nFitting input: {}\nAcceptable output: {}".format(*said)


class Judge(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = answer(asked["messages"][-1]["content"])
        self.server.asked += 1
        body = json.dumps({
            "id": "judged-%d" % self.server.asked, "object": "chat.completion", "model": asked["model"],
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
            "usage": {"prompt_tokens": words(asked["messages"][-1]["content"]), "completion_tokens": words(text),
                      "total_tokens": words(asked["messages"][-1]["content"]) + words(text)},
        }).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Says nothing."""


def start():
    """A judge on a free port; `asked` counts its questions, `server_address` tells the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Judge)
    server.asked = 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
