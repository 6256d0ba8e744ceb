"""The books of the scripted model server, for scripts/test-storage.

    storage-books.py get URL FIELD          one figure of all stages: answers, lost, bought_again …
    storage-books.py await URL STAGE N PID  until the stage has N answers; fails when the process has ended before
"""

import json
import os
import sys
import time
import urllib.request


def books(url):
    with urllib.request.urlopen(url.removesuffix("/v1") + "/stats") as answer:
        return json.load(answer)


def await_answers(url, stage, least, pid):
    while books(url)["stages"].get(stage, {}).get("answers", 0) < least:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            sys.exit(f"the driver ended before {stage} had {least} answers")
        time.sleep(0.02)


def main():
    what, url, *rest = sys.argv[1:]
    if what == "get":
        print(books(url)[rest[0]])
    else:
        await_answers(url, rest[0], int(rest[1]), int(rest[2]))


main()
