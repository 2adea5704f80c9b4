"""A kernel runs on while the link to its installation comes to lead to another: upgrade.py LINK OLD NEW.

The working directory is in a home that knows the installation by the link.
"""

import os
import sys
import threading
import time
from pathlib import Path

LINK, OLD, NEW = sys.argv[1:]
sys.path.insert(0, f"{OLD}/tests/kernel")

from driver import Kernel  # noqa: E402

# It waits after its first epoch until the link leads elsewhere.
TRAINING = """
import * as tf from "@tensorflow/tfjs";
import { AdamW, constant, ImageDataset, Linear, Module, Random, TensorBoard, Trainer } from "tessera";
class SmallNet extends Module {
  linear = new Linear(6, 2, { random: new Random(1) });
  forward(images: tf.Tensor): tf.Tensor {
    return this.linear.forward(tf.reshape(tf.div(tf.cast(images, "float32"), 255), [-1, 6]));
  }
}
const labels = Int32Array.from({ length: 40 }, (_, index) => index % 2);
const images = Uint8Array.from({ length: 240 }, (_, index) => labels[Math.floor(index / 6)] * 200);
const data = new ImageDataset({ images, imageShape: [2, 3, 1], labels, classNames: ["dark", "light"] });
const model = new SmallNet();
const trainer = new Trainer({
  model, train: data, validation: data, optimizer: new AdamW(model),
  schedule: constant(0.01), batchSize: 16, epochs: 3, progress: false,
  callbacks: [{
    async onEpoch({ epoch }) {
      if (epoch > 1) return;
      Deno.writeTextFileSync("begun", "");
      while (true) {
        try { Deno.statSync("moved"); break; } catch { await new Promise((go) => setTimeout(go, 50)); }
      }
    },
  }],
});
await trainer.run();
trainer.epoch"""
PICTURES = """
const again = new SmallNet();
await new Trainer({
  ...trainer.options, model: again, optimizer: new AdamW(again), epochs: 1,
  callbacks: [new TensorBoard("logs")],
}).run();
[...Deno.readDirSync("logs")].length"""
CHART = """
import { curves } from "tessera";
curves({ loss: [3, 2, 1] })"""
PLACE = """
import * as course from "tessera";
[Deno.execPath(), course.projectPath("x"), "edition" in course].join("|")"""


def move_link():
    """As `ln -sfn` does, once the training has begun."""
    while not Path("begun").exists():
        time.sleep(0.05)
    os.symlink(NEW, f"{LINK}.new")
    os.replace(f"{LINK}.new", LINK)
    Path("moved").touch()


def value(kernel, code, **more):
    cell = kernel.run([code], **more)["cells"][0]
    assert cell["reply"]["status"] == "ok", cell
    return cell["outputs"][-1]["data"]


def place(kernel):
    return value(kernel, PLACE)["text/plain"]


def main():
    kernel, late = Kernel({}), Kernel({})
    try:
        moving = threading.Thread(target=move_link, daemon=True)
        moving.start()
        assert "3" in value(kernel, TRAINING)["text/plain"]
        moving.join()
        # What is loaded when it is needed first: for a log's pictures, for charts, by another name.
        assert "2" in value(kernel, PICTURES)["text/plain"]
        assert "image/svg+xml" in value(kernel, CHART)
        assert "object" in value(kernel, 'typeof (await import("tessera/playground"))')["text/plain"]
        stopped = kernel.run(["let kept = 1;\nwhile (true) kept++;"], stops=[1], again_s=2)["cells"][0]
        assert stopped["reply"]["ename"] == "Stopped", stopped
        # One that has been started and has loaded nothing yet is as old.
        for each in kernel, late:
            assert f"{OLD}/.venv/bin/deno|{OLD}/x|false" in place(each), place(each)
        # Restarted by a server that knows it from before, it is the next one's, whole.
        kernel.manager.restart_kernel(now=True)
        kernel.client.wait_for_ready(timeout=120)
        assert f"{NEW}/.venv/bin/deno|{NEW}/x|true" in place(kernel), place(kernel)
    finally:
        kernel.end()
        late.end()
    kernel = Kernel({})
    try:
        assert f"{NEW}/.venv/bin/deno|{NEW}/x|true" in place(kernel), place(kernel)
    finally:
        kernel.end()


if __name__ == "__main__":
    main()
