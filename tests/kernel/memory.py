"""What kernels take of memory: memory.py [--idle SECONDS] [--detail] NOTEBOOK…, one after the other.

Says one JSON object a line for each notebook: what its kernel has after its first cell, at most, after its last cell,
and when it has been idle for so long, each as [private, resident] in MB (Linux). Private is what it alone has and has
written (Private_Dirty); kernels share most of the rest, the files of libraries. With --detail the cells are told too.
"""

import argparse
import json
import os
import re
import sys
import threading
import time
from pathlib import Path

import psutil
from driver import Kernel

# How often to look: a look at a gigabyte takes some milliseconds, in which the kernel waits for memory.
EVERY_S = 0.1
CELL_S = 3600


def memory(pid):
    """[private, resident] of a process and all that it has started, in bytes."""
    found = [0, 0]
    try:
        for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
            for place, bytes in enumerate(of_process(process.pid)):
                found[place] += bytes
    except psutil.Error:
        pass  # it has ended meanwhile
    return found


def of_process(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            told = dict(re.findall(r"^(\w+): +(\d+) kB", file.read(), re.M))
    except OSError:
        return [0, 0]
    return [1024 * int(told.get(name, 0)) for name in ("Private_Dirty", "Rss")]


class Watch:
    """Looks at a process all the time, and keeps the largest values since it was asked last."""

    def __init__(self, pid):
        self.pid, self.largest, self.is_over = pid, [0, 0], threading.Event()
        threading.Thread(target=self.look, daemon=True).start()

    def look(self):
        while not self.is_over.wait(EVERY_S):
            self.largest = [max(pair) for pair in zip(self.largest, memory(self.pid))]

    def take(self):
        largest, self.largest = self.largest, memory(self.pid)
        return [max(pair) for pair in zip(largest, self.largest)]


def megabytes(bytes):
    return [round(each / 1e6) for each in bytes]


def measure(notebook, idle_s, tells):
    folder, name = os.path.split(os.path.abspath(notebook))
    cells = [each for each in json.loads(Path(notebook).read_text())["cells"] if each["cell_type"] == "code"]
    os.chdir(folder)
    # Somebody looks at it, as in JupyterLab: charts grow.
    kernel = Kernel({"JPY_SESSION_NAME": name})
    pid = kernel.manager.provisioner.pid
    watch = Watch(pid)
    try:
        found, peak = {"notebook": notebook, "start": megabytes(memory(pid))}, [0, 0]
        for number, cell in enumerate(cells, 1):
            begun = time.monotonic()
            [ran] = kernel.run(["".join(cell["source"])], timeout=CELL_S)["cells"]
            if ran["reply"]["status"] != "ok":
                sys.exit(f"{notebook}, cell {number}: {ran['reply'].get('evalue')}")
            largest = watch.take()
            peak = [max(pair) for pair in zip(peak, largest)]
            if number == 1:
                found["first cell"] = megabytes(memory(pid))
            if tells:
                took = time.monotonic() - begun
                now = megabytes(memory(pid))
                print(f"cell {number}: {took:.1f} s, {megabytes(largest)} at most, {now} then", file=sys.stderr)
        found |= {"peak": megabytes(peak), "last cell": megabytes(memory(pid))}
        if idle_s:
            time.sleep(idle_s)
            found["idle"] = megabytes(memory(pid))
        return found
    finally:
        watch.is_over.set()
        kernel.end()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("notebooks", nargs="+")
    options.add_argument("--idle", type=float, default=0)
    options.add_argument("--detail", action="store_true")
    asked = options.parse_args()
    here = os.getcwd()
    for notebook in asked.notebooks:
        print(json.dumps(measure(os.path.join(here, notebook), asked.idle, asked.detail)), flush=True)


if __name__ == "__main__":
    main()
