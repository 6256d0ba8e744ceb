#!/usr/bin/env python3
"""One client's figures and its server's books as a Markdown row, and as a line of JSON."""
import argparse
import json
import os
import urllib.request

HEAD = (
    "| server | client | rows | failed | answers | of the request limit | of the token limit | credit | refused | s"
    " | CPU us a row | allocated KB a row | attempts in the outage | s to first answer | s from it to 90 % |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n"
)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in "url name case code figures out".split():
        parser.add_argument("--" + name, required=True)
    return parser.parse_args()


def told(figures, name, form):
    """A figure where there is one."""
    return form.format(figures[name]) if name in figures else ""


def main():
    asked = arguments()
    with urllib.request.urlopen(asked.url) as answer:
        books = json.load(answer)
    with open(asked.figures) as file:
        lines = file.read().strip().splitlines()
    own = json.loads(lines[-1]) if asked.code == "0" else {}
    outage = books.get("outage", {})
    refused = books["refused"] / books["requests"] if books["requests"] else 0.0
    limited = "request_utilisation" in books or "token_utilisation" in books
    credit = max(books.get("request_credit", 0.0), books.get("token_credit", 0.0))
    cells = [
        asked.case,
        asked.name + ("" if own else ", FAILED"),
        told(own, "rows", "{}"),
        told(own, "failed", "{}"),
        str(books["answers"]),
        told(books, "request_utilisation", "{:.3f}"),
        told(books, "token_utilisation", "{:.3f}"),
        f"{credit:.3f}" if limited else "",
        f"{100 * refused:.2f} %" if limited else "",
        told(books, "accepted_seconds", "{:.1f}"),
        told(own, "cpu_us", "{:.0f}"),
        told(own, "allocated_kb", "{:.1f}"),
        told(outage, "attempts", "{}"),
        told(outage, "seconds_to_first_answer", "{:.1f}"),
        told(outage, "seconds_to_90_percent", "{:.1f}"),
    ]
    print(json.dumps({"case": asked.case, **own, "client": asked.name, "refused_share": refused, "books": books}))
    os.makedirs(os.path.dirname(asked.out) or ".", exist_ok=True)
    new = not os.path.exists(asked.out)
    with open(asked.out, "a") as file:
        file.write((HEAD if new else "") + "| " + " | ".join(cells) + " |\n")


if __name__ == "__main__":
    main()
