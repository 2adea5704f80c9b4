"""What the door costs: costs.py REPEATS. Kernels with and without it take turns.

Says one JSON object: what was measured → [without the door, with it], medians in milliseconds, memory in MB.
"""

import json
import os
import re
import statistics
import sys

from driver import Kernel
from jupyter_client.kernelspec import KernelSpec

LOOP = "let sum = 0; for (let i = 0; i < 3e8; i++) sum += i & 7;"
AWAITS = "for (let i = 0; i < 1e6; i++) await Promise.resolve(i);"
SET_UP = """import * as tf from "@tensorflow/tfjs";
import { AdamW, constant, ImageDataset, Random, Trainer, VisionTransformer } from "tessera";
const images = (size: number) => new ImageDataset({
  images: Uint8Array.from({ length: size * 784 }, (_, at) => (at * 2654435761) >>> 24), imageShape: [28, 28, 1],
  labels: Int32Array.from({ length: size }, (_, at) => at % 10), classNames: [..."0123456789"],
});
const scale = ({ images, labels }) => ({ images: tf.div(images, 255), labels });
const model = new VisionTransformer({
  imageSize: 28, channels: 1, classes: 10, patchSize: 7, width: 64, mlpWidth: 128, heads: 4, depth: 4,
  random: new Random(1),
});
const times: number[] = [];
const trainer = new Trainer({
  model, train: images(128 * 40), validation: images(128), optimizer: new AdamW(model), schedule: constant(1e-3),
  batchSize: 128, transforms: { train: scale, evaluation: scale }, epochs: 1, progress: false,
  callbacks: [{ onStep: () => void times.push(performance.now()) }],
});"""
TRAINING = """await trainer.run();
const steps = times.slice(1).map((time, at) => time - times[at]).slice(5).sort((a, b) => a - b);
console.log("took", steps[steps.length >> 1]);"""


def timed(code):
    return f'const begun = performance.now();\n{code}\nconsole.log("took", performance.now() - begun);'


def took(kernel, code):
    """The milliseconds that a cell says it took."""
    [cell] = kernel.run([code])["cells"]
    text = "".join(each.get("text", "") for each in cell["outputs"])
    found = re.search(r"took ([\d.]+)", text)
    assert found, (text, cell["reply"])
    return float(found[1])


def memory(pid):
    """Of a process and its children, in MB; what processes share counts in parts (Linux)."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            own = int(re.search(r"^Pss: +(\d+)", file.read(), re.M)[1]) / 1000
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return own + sum(memory(int(child)) for child in file.read().split())
    except OSError:
        return 0


def plain_spec():
    """Deno's kernel as it comes, in the same environment."""
    spec = KernelSpec(display_name="Deno", language="typescript")
    program = os.path.join(os.path.dirname(sys.executable), "deno")
    script = f'. "{os.getcwd()}/tools/environment.sh"; exec "$0" jupyter --kernel --conn "$1"'
    spec.argv = ["/bin/sh", "-c", f'root="{os.getcwd()}"; {script}', program, "{connection_file}"]
    return spec


def measure_one(spec):
    kernel = Kernel({"JPY_SESSION_NAME": "costs.ipynb"}, spec)
    try:
        kernel.run(["1"])
        found = {
            "start": kernel.start_ms,
            "memory": memory(kernel.manager.provisioner.pid),
            "loop": took(kernel, timed(LOOP)),
            "awaits": took(kernel, timed(AWAITS)),
        }
        kernel.run([SET_UP])
        found["training"] = took(kernel, TRAINING)
        return found
    finally:
        kernel.end()


def measure(repeats):
    found = [[measure_one(spec) for spec in (plain_spec(), None)] for _ in range(repeats)]
    return {
        name: [statistics.median(pair[side][name] for pair in found) for side in (0, 1)]
        for name in found[0][0]
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
