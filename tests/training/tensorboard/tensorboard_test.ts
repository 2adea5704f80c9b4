import { assert, assertEquals } from "@std/assert";
import { nativeBackend } from "../../../lib/tensor/native.ts";
import { AdamW } from "../../../lib/training/optimizers.ts";
import { constant } from "../../../lib/training/schedules.ts";
import { crc32c } from "../../../lib/training/tensorboard/event_file.ts";
import { TensorBoard } from "../../../lib/training/tensorboard/tensorboard.ts";
import { Trainer } from "../../../lib/training/trainer.ts";
import { columns, inFolder, scale, SmallNet } from "../small.ts";

/** What TensorBoard itself reads in a folder: scalars, images and the graph of each run. */
const reader = `
import json, sys, types
# TensorBoard reads events without TensorFlow, whose import takes long, when it finds this module.
sys.modules["tensorboard.compat.notf"] = types.ModuleType("notf")
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
runs = {}
for run in ["train", "validation"]:
    events = EventAccumulator(sys.argv[1] + "/" + run, size_guidance={"images": 0})
    events.Reload()
    tags = events.Tags()
    runs[run] = {
        "scalars": {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in tags["scalars"]},
        "images": {tag: [[e.width, e.height] for e in events.Images(tag)] for tag in tags["images"]},
        "graph": [[n.name, n.op, list(n.input)] for n in events.Graph().node] if tags["graph"] else None,
    }
print(json.dumps(runs))
`;

interface Run {
  scalars: Record<string, [number, number][]>;
  images: Record<string, [number, number][]>;
  graph: [string, string, string[]][] | null;
}

async function read(folder: string): Promise<Record<"train" | "validation", Run>> {
  const python = new URL("../../../.venv/bin/python", import.meta.url).pathname;
  const { stdout, stderr, success } = await new Deno.Command(python, {
    args: ["-c", reader, folder],
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stderr));
  return JSON.parse(decoder.decode(stdout));
}

function makeTrainer(epochs: number, folder: string): Trainer {
  const model = new SmallNet();
  return new Trainer({
    model,
    train: columns(64, 1),
    validation: columns(40, 2),
    optimizer: new AdamW(model),
    schedule: constant(0.02),
    batchSize: 16,
    epochs,
    transforms: { train: scale, evaluation: scale },
    callbacks: [new TensorBoard(folder, { sampleImages: 5 })],
    progress: false,
  });
}

Deno.test("crc32c gives the check value of the algorithm", () => {
  assertEquals(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
});

Deno.test("TensorBoard reads the scalars, the images and the graph of a training", async () => {
  await inFolder(async (folder) => {
    const trainer = makeTrainer(2, folder);
    await trainer.run();
    const runs = await read(folder);
    const curve = (value: (index: number) => number) =>
      [0, 1].map((index) => [index + 1, Math.fround(value(index))]);
    const { log } = trainer;
    assertEquals(Object.keys(runs.train.scalars).sort(), [
      "accuracy",
      "images per second",
      "learning rate",
      "loss",
    ]);
    assertEquals(runs.train.scalars.loss, curve((index) => log[index].train.loss) as never);
    assertEquals(runs.train.scalars["learning rate"], curve(() => 0.02) as never);
    assertEquals(
      runs.validation.scalars.accuracy,
      curve((index) => log[index].validation!.accuracy) as never,
    );
    assertEquals(runs.train.images, {
      "images/as they are": [[15, 2]],
      "images/as trained on": [[15, 2]],
    });
    assert(nativeBackend(), "the graph is that of native TensorFlow");
    const graph = new Map(runs.train.graph!.map(([name, operation, inputs]) => [
      name,
      { operation, inputs },
    ]));
    for (const { inputs } of graph.values()) {
      for (const input of inputs) assert(graph.has(input.replace(/:\d+$/, "")), input);
    }
    assertEquals(graph.get("images")!.operation, "Placeholder");
    assertEquals(graph.get("first/weight")!.operation, "VariableV2");
    const product = graph.get("last/MatMul")!;
    assertEquals(product.operation, "MatMul");
    assert(product.inputs.includes("last/weight"));
  });
});

Deno.test("TensorBoard: a training that begins again replaces what its folder showed", async () => {
  await inFolder(async (folder) => {
    await makeTrainer(3, folder).run();
    const second = makeTrainer(2, folder);
    await second.run();
    const { train } = await read(folder);
    assertEquals(
      train.scalars.loss.map(([step, value]) => [step, value]),
      second.log.map((report) => [report.epoch, Math.fround(report.train.loss)]) as never,
    );
  });
});
