"""Random sequences of cells with Stop at random moments: sequences.py COUNT SEED FIRST.

All run in one kernel. After each cell the kernel's state must be that of its statements, up to the one that
failed or was stopped; and the library must compute as before. A sequence follows from the seed and its number
alone: what failed can be run again, and what was interrupted goes on, from the number FIRST. Says a JSON
object a line of each failure, and a line of the whole at the end.
"""

import json
import os
import queue
import random
import statistics
import sys
import time

from driver import Kernel

SET_UP = """
import * as tf from "@tensorflow/tfjs";
import { AdamW, compile, constant, Trainer } from "tessera";
import { columns, scale, SmallNet } from "./tests/training/small.ts";
import { everySecond, readAgain, turn } from "./tests/kernel/endless.ts";
const list: number[] = [], map = new Map<number, number>();
const variable = tf.variable(tf.scalar(0));
const ones = tf.ones([4, 4]);
const square = compile((a: tf.Tensor) => tf.matMul(a, a));
tf.dispose(await square(ones));
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const model = new SmallNet();
const trainer = new Trainer({
  model, train: columns(160), validation: columns(40, 2), optimizer: new AdamW(model), schedule: constant(0.01),
  batchSize: 16, transforms: { train: scale, evaluation: scale }, epochs: 100_000, progress: false,
  callbacks: [{ onStep: () => sleep(5) }],
});
"""

PROBE = """(await (async () => {
  const product = await square(ones);
  const sum = tf.tidy(() => product.sum().dataSync()[0]);
  product.dispose();
  const { scopeStack, gradientDepth } = tf.engine().state as any;
  const intact = sum === 64 && scopeStack.length === 0 && gradientDepth === 0 && !model.training;
  return JSON.stringify({ list, map: [...map], variable: variable.dataSync()[0], intact });
})())"""

# What a cell does with nothing to show for it, and that only Stop ends.
ENDLESS = [
    "while (true) {}",
    "[0].forEach(() => { for (;;) {} });",
    "await new Promise(() => {});",
    "while (true) await sleep(2);",
    "while (true) console.log('again');",
    "tf.tidy(() => { while (true) tf.tidy(() => tf.matMul(ones, ones)); });",
    "while (true) tf.dispose(await square(ones));",
    "await trainer.run();",
    "while (true) { try { await sleep(1e7); } catch { /* goes on */ } }",
    "try { await sleep(1e7); } finally { while (true) {} }",
    "await Promise.all([1, 2].map(async () => { while (true) await sleep(1); }));",
    "for await (const each of everySecond()) tf.dispose(tf.add(ones, each));",
    "await readAgain();",
    "await turn();",
    "while (true) await Deno.jupyter.display({ 'text/plain': 'x' }, { raw: true, display_id: 'x', update: true });",
    "tf.grad((x) => { while (true) {} return x.sum(); })(ones);",
    "const again = () => queueMicrotask(again); again(); await sleep(1e7);",
]
PASSING = ["await sleep(3);", "console.log('some words');", "tf.dispose(tf.add(ones, 1));"]


class State:
    def __init__(self):
        self.list, self.map, self.variable = [], {}, 0

    def copy(self):
        other = State()
        other.list, other.map, other.variable = [*self.list], dict(self.map), self.variable
        return other

    def told(self):
        return {
            "list": self.list,
            "map": [list(each) for each in self.map.items()],
            "variable": self.variable,
            "intact": True,
        }


def statement(choose):
    """A statement's code, and what it does to a state."""
    number = choose.randrange(1000)
    kind = choose.randrange(4)
    if kind == 0:
        return f"list.push({number});", lambda state: state.list.append(number)
    if kind == 1:
        return f"map.set({number}, list.length);", lambda state: state.map.update({number: len(state.list)})
    if kind == 2:
        return (
            f"tf.tidy(() => variable.assign(tf.scalar({number})));",
            lambda state: setattr(state, "variable", number),
        )
    return choose.choice(PASSING), lambda state: None


def after(state, statements, count):
    state = state.copy()
    for _, change in statements[:count]:
        change(state)
    return state


def read(kernel):
    [cell] = kernel.run([PROBE])["cells"]
    [shown] = [each for each in cell["outputs"] if each["type"] == "execute_result"]
    text = shown["data"]["text/plain"].removeprefix("\x1b[32m").removesuffix("\x1b[39m")
    return json.loads(text[1:-1])


def run_cell(kernel, state, choose):
    """Returns the state afterwards, how long Stop took (ms) and what is wrong, if anything is."""
    statements = [statement(choose) for _ in range(choose.randrange(1, 6))]
    at = choose.randrange(len(statements) + 1)
    kind = choose.choice(["right", "failing", "endless", "endless"])
    if kind == "failing":
        statements.insert(at, ("throw new Error('on purpose');", lambda state: None))
    elif kind == "endless":
        statements.insert(at, (choose.choice(ENDLESS), lambda state: None))
    code = "\n".join(each for each, _ in statements)
    stops = [choose.uniform(0.05, 0.5)] if kind == "endless" or choose.random() < 0.2 else []
    [cell] = kernel.run([code], stops=stops, again_s=3 if kind == "endless" else None)["cells"]
    time.sleep(0.05)  # a Stop that came too late for this cell is not the next one's
    reply, found = cell["reply"], read(kernel)
    name = reply.get("ename")
    if reply["status"] == "ok":
        places = [len(statements)]
    elif name == "Error" and kind == "failing":
        places = [at]
    elif name == "Stopped":
        places = range(len(statements) + 1)
    else:
        return state, None, {"code": code, "reply": reply}
    for place in places:
        expected = after(state, statements, place)
        if expected.told() == found:
            return expected, cell.get("stop_ms") if name == "Stopped" else None, None
    return state, None, {"code": code, "reply": reply, "before": state.told(), "found": found, "stops": stops}


class Shared:
    """A kernel that all sequences share; one that hangs or has ended is replaced by another."""

    def __init__(self):
        self.kernel = None

    def open(self):
        if self.kernel is None:
            self.kernel = Kernel({"JPY_SESSION_NAME": "sequences.ipynb", "TESSERA_THREADS": "1"})
            self.kernel.run([SET_UP])
        return self.kernel

    def end(self):
        if self.kernel:
            self.kernel.end()
        self.kernel = None


def run_sequence(kernel, choose):
    """Returns how many cells ran, how long each Stop took (ms), and what is wrong, if anything is."""
    kernel.run(["list.length = 0; map.clear(); tf.tidy(() => variable.assign(tf.scalar(0)));"])
    state, stops = State(), []
    for count in range(1, choose.randrange(3, 6) + 1):
        state, stop_ms, wrong = run_cell(kernel, state, choose)
        if stop_ms is not None:
            stops.append(stop_ms)
        if wrong:
            break
    return count, stops, wrong


def main(count, seed, first):
    shared, begun = Shared(), time.monotonic()
    failures, cells, stops = 0, 0, []

    def told():
        median = f", Stop {statistics.median(stops):.0f} ms in the median, {max(stops)} at most" if stops else ""
        return f"{cells:,} cells, {len(stops):,} stopped{median}; {failures} failures"

    number = first - 1
    try:
        for number in range(first, first + count):
            try:
                more, stop_ms, wrong = run_sequence(shared.open(), random.Random(f"{seed}/{number}"))
            except (queue.Empty, RuntimeError, ValueError) as error:
                more, stop_ms, wrong = 0, [], {"kernel": f"{type(error).__name__}: {error}"}
                shared.end()
            cells += more
            stops += stop_ms
            if wrong:
                failures += 1
                print(json.dumps({"sequence": number, "seed": seed, **wrong}, default=str), flush=True)
            done = number + 1 - first
            if done % 25 == 0 and done < count:
                left = (time.monotonic() - begun) / done * (count - done)
                print(f"{done:,} of {count:,} sequences: {told()}; {left / 60:.0f} minutes left", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"Stopped; to go on: --seed {seed} --from {number} --sequences {first + count - number}", file=sys.stderr)
        count = number - first
    finally:
        shared.end()
    print(f"{count:,} sequences: {told()}")
    return min(failures, 1)


if __name__ == "__main__":
    os.environ.setdefault("TESSERA_HEADLESS", "0")
    sys.exit(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
