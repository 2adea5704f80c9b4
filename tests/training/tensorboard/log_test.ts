import { assertEquals } from "@std/assert";
import type { EpochReport } from "../../../lib/training/report.ts";
import { writeTensorBoardLog } from "../../../lib/training/tensorboard/log.ts";
import { inFolder } from "../small.ts";

/** What TensorBoard itself reads in a folder's runs. */
const reader = `
import json, sys, types
sys.modules["tensorboard.compat.notf"] = types.ModuleType("notf")
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
runs = {}
for run in sys.argv[2:]:
    events = EventAccumulator(sys.argv[1] + "/" + run)
    events.Reload()
    runs[run] = {
        tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]
    }
print(json.dumps(runs))
`;

async function read(folder: string, runs: string[]): Promise<Record<string, unknown>> {
  const python = new URL("../../../.venv/bin/python", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(python, { args: ["-c", reader, folder, ...runs] })
    .output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** A report whose values are halves, which float32 holds exactly. */
function reportOf(epoch: number, withValidation: boolean): EpochReport {
  return {
    epoch,
    step: 10 * epoch,
    train: { loss: 4.5 - epoch, accuracy: epoch / 8, examples: 100 },
    validation: withValidation
      ? { loss: 5 - epoch, accuracy: epoch / 16, examples: 50 }
      : undefined,
    learningRate: 0.25,
    seconds: 1,
    imagesPerSecond: 100,
    isBest: true,
  };
}

Deno.test("writeTensorBoardLog: TensorBoard reads a finished training's curves, the newest only", async () => {
  await inFolder(async (folder) => {
    writeTensorBoardLog(folder, [1, 2, 3].map((epoch) => reportOf(epoch, true)));
    writeTensorBoardLog(folder, [1, 2].map((epoch) => reportOf(epoch, true)));
    assertEquals(await read(folder, ["train", "validation"]), {
      train: {
        loss: [[1, 3.5], [2, 2.5]],
        accuracy: [[1, 0.125], [2, 0.25]],
        "learning rate": [[1, 0.25], [2, 0.25]],
      },
      validation: { loss: [[1, 4], [2, 3]], accuracy: [[1, 0.0625], [2, 0.125]] },
    });
  });
});

Deno.test("writeTensorBoardLog: a log without validation makes one run", async () => {
  await inFolder(async (folder) => {
    writeTensorBoardLog(folder, [reportOf(1, false)]);
    const { train } = await read(folder, ["train"]);
    assertEquals(Object.keys(train as object).sort(), ["accuracy", "learning rate", "loss"]);
    assertEquals([...Deno.readDirSync(folder)].length, 1);
  });
});
