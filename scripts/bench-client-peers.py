#!/usr/bin/env python3
"""Asks a server as Python programs do: a line of JSON with rows, failed rows, seconds and CPU time.

    bench-client-peers.py openai|aiohttp URL WINDOW ROWS

openai   AsyncOpenAI on its aiohttp transport, with the retries it comes with
aiohttp  aiohttp by itself: twice again after a 429, a server's error or a broken connection, after as many seconds as
         retry-after says, else after a doubling half second

WINDOW coroutines each ask one row after the other. Run by scripts/bench in a virtual environment.
"""

import asyncio
import json
import random
import sys
import time

RETRIES = 2
MAX_TOKENS = 2000
SEEDS = "Words of a seed task. " * 136


def question(row):
    """As io.cria.bench.PeerQuestion."""
    text = f"Tasks, set {row}:\n1. Instruction: {SEEDS}\n###\n4. Instruction:"
    return {"model": "scripted", "max_tokens": MAX_TOKENS, "messages": [{"role": "user", "content": text}]}


async def all_rows(window, rows, ask):
    """How many failed."""
    left = iter(range(rows))
    failed = 0

    async def worker():
        nonlocal failed
        for row in left:
            if not await ask(row):
                failed += 1

    await asyncio.gather(*(worker() for _ in range(window)))
    return failed


async def with_openai(url, window, rows):
    import openai

    client = openai.AsyncOpenAI(base_url=url, api_key="none", http_client=openai.DefaultAioHttpClient())

    async def ask(row):
        try:
            answer = await client.chat.completions.create(**question(row))
        except openai.OpenAIError:
            return False
        return answer.choices[0].message.content is not None

    async with client:
        return await all_rows(window, rows, ask)


async def with_aiohttp(url, window, rows):
    import aiohttp

    connector = aiohttp.TCPConnector(limit=window)
    timeout = aiohttp.ClientTimeout(total=600)

    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:

        async def ask(row):
            body = question(row)
            for attempt in range(RETRIES + 1):
                wait = 0.5 * 2**attempt * (1 - random.random() / 4)
                try:
                    async with session.post(url + "/chat/completions", json=body) as answer:
                        if answer.status == 200:
                            return (await answer.json())["choices"][0]["message"]["content"] is not None
                        if answer.status != 429 and answer.status < 500:
                            return False
                        wait = float(answer.headers.get("retry-after", wait))
                        await answer.read()
                except aiohttp.ClientError:
                    pass
                if attempt < RETRIES:
                    await asyncio.sleep(wait)
            return False

        return await all_rows(window, rows, ask)


CLIENTS = {"openai": with_openai, "aiohttp": with_aiohttp}


def main():
    if len(sys.argv) != 5 or sys.argv[1] not in CLIENTS:
        raise SystemExit(__doc__)
    name, url, window, rows = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    wall, cpu = time.perf_counter(), time.process_time()
    failed = asyncio.run(CLIENTS[name](url, window, rows))
    figures = {
        "client": name,
        "rows": rows,
        "failed": failed,
        "seconds": time.perf_counter() - wall,
        "cpu_us": (time.process_time() - cpu) / rows * 1e6,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
