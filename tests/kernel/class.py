"""What a class takes of memory: class.py [--spared BYTES] NOTEBOOK HOME…. A learner for each home, all at once.

Each has a server of JupyterLab, whose language service nobody asks, and a kernel beside it that runs the notebook
from first to last cell; all stay until the last has ended. Where the machine has less than 4 GB left, no more
learners come, and who is there ends: nothing of others is to suffer. Says one JSON object, in MB: what the machine
had free, and has at least, the largest sums of private memory (Private_Dirty), and a learner's largest.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
from driver import Kernel
from memory import memory

EVERY_S = 1
CELL_S = 3600


def available():
    return psutil.virtual_memory().available


class Learner:
    """A server, and a kernel that runs a notebook in a thread of its own."""

    def __init__(self, home, notebook, tight):
        self.tight, self.problem, self.largest = tight, None, [0, 0]
        self.environment = {"TESSERA_HOME": home, "JPY_SESSION_NAME": Path(notebook).name}
        cells = json.loads(Path(notebook).read_text())["cells"]
        self.cells = ["".join(each["source"]) for each in cells if each["cell_type"] == "code"]
        command = [os.environ["TESSERA"], "lab", "--no-browser", "--port=0"]
        environment = {**os.environ, "TESSERA_HOME": home}
        silent = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.server = subprocess.Popen(command, env=environment, cwd=home, **silent)
        try:
            self.kernel = Kernel(self.environment)
        except BaseException:
            self.server.terminate()
            raise
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        try:
            for number, cell in enumerate(self.cells, 1):
                if self.tight.is_set():
                    return
                [ran] = self.kernel.run([cell], timeout=CELL_S)["cells"]
                if ran["reply"]["status"] != "ok":
                    self.problem = f"cell {number}: {ran['reply'].get('evalue')}"
                    return
        except Exception as error:
            self.problem = repr(error)

    def look(self):
        """Private memory now, of the server and of the kernel."""
        now = [memory(self.server.pid)[0], memory(self.kernel.manager.provisioner.pid)[0]]
        self.largest = [max(pair) for pair in zip(self.largest, now)]
        return now

    def end(self):
        self.server.terminate()
        self.kernel.end()
        self.server.wait()


def measure(notebook, homes, spared):
    tight, learners = threading.Event(), []
    free = least = available()
    sums = [0, 0, 0]

    def look():
        nonlocal least, sums
        least = min(least, available())
        if least < spared:
            tight.set()
        servers, kernels = (sum(each) for each in zip(*[learner.look() for learner in learners]))
        sums = [max(pair) for pair in zip(sums, [servers, kernels, servers + kernels])]

    try:
        for home in homes:
            if available() < spared:
                tight.set()
            if tight.is_set():
                break
            # One after the other, as they come in; who came first works meanwhile.
            learners.append(Learner(home, notebook, tight))
            look()
        while any(learner.thread.is_alive() for learner in learners):
            look()
            time.sleep(EVERY_S)
        if learners:
            look()  # what is kept is there now, however quickly it came
        problems = [learner.problem for learner in learners if learner.problem]
        if problems:
            sys.exit(problems[0])
        largest = [max((learner.largest[place] for learner in learners), default=0) for place in (0, 1)]
        return {
            "learners": len(learners),
            "tight": tight.is_set(),
            **{name: round(bytes / 1e6) for name, bytes in zip(("servers", "kernels", "all"), sums)},
            **{name: round(bytes / 1e6) for name, bytes in zip(("server", "kernel"), largest)},
            "free": round(free / 1e6),
            "least": round(least / 1e6),
        }
    finally:
        threads = [threading.Thread(target=learner.end) for learner in learners]
        for each in threads:
            each.start()
        for each in threads:
            each.join()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--spared", type=float, default=4e9)
    options.add_argument("notebook")
    options.add_argument("homes", nargs="+")
    asked = options.parse_args()
    print(json.dumps(measure(os.path.abspath(asked.notebook), asked.homes, asked.spared)))


if __name__ == "__main__":
    main()
