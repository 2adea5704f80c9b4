"""Whether trainings leave other kernels their turn: fairness.py TRAININGS CELLS.

So many kernels train all the time, each with all cores, while cells run in another one. Says one JSON object: how long
each of these took, from the sending to the reply, and how many steps each training made meanwhile.
"""

import json
import os
import sys
import tempfile
import threading
import time

from costs import SET_UP
from driver import Kernel

CELLS = {"a sum": "1 + 1", "a product of matrices": "tf.tidy(() => tf.matMul(half, half).sum().arraySync())"}


# With twenty trainings on two busy cores a step takes seconds.
BEGIN_S = 600


class Training:
    """A kernel that trains until it is ended, and notes each step in a file."""

    def __init__(self, notes):
        self.notes = notes
        self.kernel = Kernel({"JPY_SESSION_NAME": "trains.ipynb"})
        noted = SET_UP.replace("void times.push(performance.now())", f"Deno.writeTextFileSync({json.dumps(notes)}, '.', {{ append: true }})")
        endless = noted.replace("epochs: 1", "epochs: 1_000_000")
        assert noted != SET_UP and endless != noted
        self.kernel.run([endless], timeout=600)
        self.kernel.client.execute("await trainer.run()")

    def steps(self):
        return os.path.getsize(self.notes) if os.path.exists(self.notes) else 0


def in_parallel(makers):
    made = []
    threads = [threading.Thread(target=lambda make=make: made.append(make())) for make in makers]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return made


def measure(count, cells):
    with tempfile.TemporaryDirectory() as folder:
        other = Kernel({"JPY_SESSION_NAME": "works.ipynb"})
        other.run(['import * as tf from "@tensorflow/tfjs"; const half = tf.fill([256, 256], 0.5);'], timeout=600)
        trainings = in_parallel([lambda at=at: Training(f"{folder}/{at}") for at in range(count)])
        assert len(trainings) == count
        try:
            latest = time.monotonic() + BEGIN_S
            while not all(each.steps() > 2 for each in trainings):
                if time.monotonic() > latest:
                    sys.exit(f"a training made no three steps in {BEGIN_S} s")
                time.sleep(0.2)
            before, begun = [each.steps() for each in trainings], time.monotonic()
            took = {name: [] for name in CELLS}
            for _ in range(cells):
                for name, code in CELLS.items():
                    [cell] = other.run([code])["cells"]
                    assert cell["reply"]["status"] == "ok", cell
                    took[name].append(cell["ms"])
                time.sleep(0.5)
            steps = [each.steps() - least for each, least in zip(trainings, before)]
            return {"cells": took, "steps": steps, "seconds": time.monotonic() - begun}
        finally:
            in_parallel([each.kernel.end for each in trainings] + [other.end])


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
