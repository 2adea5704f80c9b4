"""Asks for the end of a kernel that trains, and presses Stop while it saves: end_while_saving.py FOLDER.

Jupyter sends both at once, and a busy kernel may hear them in this order. The training saves into the folder.
"""

import os
import signal
import sys
import time

from driver import Kernel

CODE = """import { AdamW, constant, Trainer } from "tessera";
import { columns, scale, SmallNet } from "./tests/training/small.ts";
const model = new SmallNet();
const begun = { onStep: () => Deno.writeTextFileSync("FOLDER/begun", "") };
const trainer = new Trainer({
  model, train: columns(160), validation: columns(40, 2), optimizer: new AdamW(model), schedule: constant(0.01),
  batchSize: 16, transforms: { train: scale, evaluation: scale }, epochs: 1_000_000, progress: false,
  callbacks: [begun],
});
await trainer.run();
await new Promise((resolve) => setTimeout(resolve, 1000));
await trainer.save("FOLDER/saved.safetensors");"""


def main(folder):
    kernel = Kernel({"JPY_SESSION_NAME": "end.ipynb"})
    kernel.client.execute(CODE.replace("FOLDER", folder))
    while not os.path.exists(f"{folder}/begun"):
        time.sleep(0.05)
    door = kernel.manager.provisioner.process
    kernel.client.shutdown()
    time.sleep(0.5)
    door.send_signal(signal.SIGINT)
    door.wait(60)
    kernel.client.stop_channels()
    kernel.manager.cleanup_resources()


if __name__ == "__main__":
    main(sys.argv[1])
