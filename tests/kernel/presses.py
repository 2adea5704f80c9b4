"""Stop at random moments: presses.py COUNT SEED.

In each round a cell runs that ends by itself, or that only Stop ends, or none; Stop is pressed one to three times, too
late and twice among them; and cells follow that were sent after that. Those must run to their end. Says each
failure as a JSON object, and the whole at the end.
"""

import json
import os
import queue
import random
import sys
import time

from driver import Kernel

SET_UP = """
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const work = (ms: number) => { const end = Date.now() + ms; let sum = 0; while (Date.now() < end) sum += Math.sqrt(sum + 1); return sum; };
const ran: number[] = [];
"""

# What ends by itself, after so many milliseconds.
ENDING = [
    "await sleep({ms});",
    "work({ms});",
    "await sleep(1); work({ms});",
    "for (let i = 0; i < {ms}; i++) await sleep(1);",
    "try {{ await sleep({ms}); }} catch {{ work(5); }}",
    "setTimeout(() => work({ms}), 1);",
    "setInterval(() => work(2), {ms});",
]
ENDLESS = [
    "for (;;);",
    "while (true) await Promise.resolve();",
    "while (true) work(5), await sleep(1);",
    "await new Promise(() => {});",
    "setTimeout(() => { for (;;); }, 3); await sleep(1e7);",
    "try { await sleep(1e7); } finally { await sleep(20); }",
]
INNOCENT = [
    "await sleep(30);",
    "work(30);",
    "await new Promise((resolve) => setTimeout(resolve, 2));",
    "for (let i = 0; i < 20; i++) await Promise.resolve(work(1));",
    "await Deno.stat('.');",
]


def pause(choose):
    time.sleep(choose.choice([0, 0.002, 0.01, 0.04, choose.uniform(0, 0.2)]))


def innocents(kernel, choose, numbers):
    """Sends cells that nobody stops; what came of each."""
    codes = [f"{choose.choice(INNOCENT)} ran.push({number}); await sleep(1);" for number in numbers]
    # In turn or at once, as "Run All" does.
    if choose.random() < 0.5:
        return codes, [kernel.reply_to(kernel.client.execute(code)) for code in codes]
    return codes, [kernel.reply_to(id) for id in [kernel.client.execute(code) for code in codes]]


def run_round(kernel, choose, number):
    """What was wrong, if anything was."""
    kind = choose.choice(["ending", "ending", "endless", "none"])
    code, ms = "", choose.randrange(1, 60)
    if kind == "ending":
        code = choose.choice(ENDING).format(ms=ms)
    elif kind == "endless":
        code = choose.choice(ENDLESS)
    # Some of the cells behind it are sent before Stop, and end with it, or run.
    victims = [kernel.client.execute(each) for each in [code, *choose.choice([[], ["await sleep(5);"]])] if code]
    time.sleep(0.1 if kind == "endless" else choose.choice([0, ms / 1000, choose.uniform(0, 0.1)]))
    for _ in range(choose.randrange(1, 4)):
        kernel.interrupt()
        pause(choose)
    # Stop that came before its cell began does not reach it.
    if kind == "endless":
        while not kernel.has_reply(victims[0], 1):
            kernel.interrupt()
    numbers = [10 * number, 10 * number + 1]
    codes, replies = innocents(kernel, choose, numbers)
    for each, reply in zip(codes, replies):
        if reply["status"] != "ok":
            return {"round": number, "before": code, "code": each, "reply": reply}
    return None


def main(count, seed):
    kernel = Kernel({"JPY_SESSION_NAME": "presses.ipynb"})
    failures, expected = 0, []
    try:
        kernel.run([SET_UP])
        for number in range(1, count + 1):
            try:
                wrong = run_round(kernel, random.Random(f"{seed}/{number}"), number)
            except queue.Empty:
                wrong = {"round": number, "reply": None, "waited for": kernel.waited_for}
            expected += [10 * number, 10 * number + 1]
            if wrong:
                failures += 1
                print(json.dumps(wrong, default=str), flush=True)
        ran = kernel.run([f"JSON.stringify(ran) === '{json.dumps(expected, separators=(',', ':'))}'"])["cells"][0]
        if "true" not in json.dumps(ran["outputs"]):
            failures += 1
            print(json.dumps({"ran": ran["outputs"]}))
    finally:
        kernel.end()
    print(f"{count:,} rounds, {failures} failures")
    return min(failures, 1)


if __name__ == "__main__":
    os.environ.setdefault("TESSERA_HEADLESS", "0")
    sys.exit(main(int(sys.argv[1]), sys.argv[2]))
