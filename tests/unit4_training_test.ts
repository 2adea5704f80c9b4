/** Unit 4's trained weights come from recipes: its notebooks must train alike, and take only what fits. */
import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  Checkpointing,
  type EpochReport,
  ImageDataset,
  Random,
  ResidualBlock,
  ResNet,
} from "../lib/mod.ts";
import {
  type Course,
  experimentName,
  namesInCourse,
  scheduleOf,
  type Settings,
  startCourse,
  trainOrLoad,
} from "../notebooks/source/unit4/training.ts";
import { ResidualBlockV2 } from "../recipes/folder_blocks.ts";
import { recipes } from "../recipes/mod.ts";
import { printed } from "./exercises/printed.ts";

const baseline: Settings = {
  batchSize: 128,
  epochs: 20,
  learningRate: 5e-4,
  warmupEpochs: 0,
  decay: "none",
  weightDecay: 0,
};
const tuned: Settings = {
  ...baseline,
  ...{ batchSize: 64, learningRate: 1e-3, warmupEpochs: 2, decay: "cosine", weightDecay: 0.05 },
};
const ofUnit = Object.keys(recipes).filter((name) => recipes[name].unit === "unit4");

Deno.test("unit 4's settings are those of its recipes", () => {
  assertEquals(ofUnit.length, 7);
  for (const name of ofUnit) {
    const { batchSize, epochs, schedule, seed, optimizer, model } = recipes[name];
    const settings = name === "folder-vit-tuned" ? tuned : baseline;
    assertEquals([batchSize, epochs, seed], [settings.batchSize, settings.epochs, 42], name);
    const [own, given] = [scheduleOf(settings, 5), schedule({ epochs, stepsPerEpoch: 5 })];
    for (let step = 0; step < epochs * 5; step++) {
      assertAlmostEquals(own(step), given(step), 1e-12, `${name}, step ${step}`);
    }
    const random = new Random(1);
    const network = model(random);
    const made = optimizer(network);
    const weights = [...made.parameters].filter(([, { rank }]) => rank > 1).map(([path]) => path);
    assertEquals(made.weightDecayOf(weights[0]), settings.weightDecay, name);
    for (const each of [made, network, random]) each.dispose();
  }
});

Deno.test("experimentName names the better settings, whose weights the course has", () => {
  const sizes = {
    ...{ channels: 3, patchSize: 4, positions: 64, width: 96, mlpWidth: 192, heads: 4, depth: 6 },
    ...{ dropout: 0.1, classes: 10 },
  };
  assertEquals(namesInCourse[experimentName({ ...tuned, ...sizes })], "folder-vit-tuned");
  assertEquals(namesInCourse[experimentName({ ...baseline, ...sizes })], undefined);
  assertEquals(experimentName({ a: 1, b: 2 }), experimentName({ b: 2, a: 1 }));
  assertMatch(experimentName({ a: 1, b: 3 }), /^vit-[0-9a-f]{8}$/);
  assert(experimentName({ a: 1, b: 3 }) !== experimentName({ a: 1, b: 2 }));
});

Deno.test({
  name: "startCourse transforms images as the recipes do, and chooses by the same half",
  ignore: tf.getBackend() !== "tensorflow",
  fn: async () => {
    const course = await startCourse({ seed: 42, quick: true, retrain: false, imageSize: 128 });
    if (course.source.kind !== "cifar10") return; // this machine has other pictures
    const { load, transforms } = recipes["folder-vit"];
    const given = await load({ seed: 42, limit: 260 });
    for (const part of ["train", "validation", "test"] as const) {
      assertEquals(course[part].labels, (given[part] as ImageDataset).labels, part);
    }
    const batch = course.validation.batch([0, 5, 11, 3]);
    for (const part of ["train", "evaluation"] as const) {
      const [own, theirs] = [course.transforms, transforms].map((each) =>
        each[part](batch, new Random(3)).images
      );
      assertEquals(tf.max(tf.abs(tf.sub(own, theirs))).dataSync()[0], 0, part);
    }
  },
});

const size = 96;
const labels = Uint8Array.from({ length: size }, (_, index) => index % 2);
/** Images of two classes, brighter and darker, so that a network learns them at once. */
const images = new ImageDataset({
  images: Uint8Array.from(
    { length: size * 8 * 8 * 3 },
    (_, index) => 90 * labels[Math.floor(index / 192)] + index * 7919 % 120,
  ),
  imageShape: [8, 8, 3],
  labels,
  classNames: ["dark", "bright"],
});

const settings: Settings = { ...baseline, batchSize: 16, epochs: 4, learningRate: 0.01 };
const newModel = (block: typeof ResidualBlock) =>
  new ResNet({
    ...{ classes: 2, stem: "small", widths: [4, 8], blocks: [1, 1], block },
    random: new Random(7),
  });

/** A learner's run of the cell: what it says, and the reports of its training. */
type Run = (block: typeof ResidualBlock, changes?: Partial<Settings>) => Promise<{
  said: string;
  log: readonly EpochReport[];
}>;

/** Runs a test with an empty folder for its runs. */
function testRuns(name: string, test: (run: Run) => Promise<void>): void {
  Deno.test(name, async () => {
    const folder = await Deno.makeTempDir({ prefix: "unit4-training-test-" });
    const normal = recipes["folder-vit"].transforms.evaluation;
    const course = {
      ...{ train: images, validation: images, test: images, seed: 42, retrain: false },
      transforms: { train: normal, evaluation: normal },
      source: { kind: "own" },
      runFolder: folder,
    } as unknown as Course;
    const run: Run = async (block, changes = {}) => {
      const [model, twin] = [newModel(block), newModel(block)];
      const lesson = { name: "net", model, twin, settings: { ...settings, ...changes } };
      let log: readonly EpochReport[] = [];
      const lines = await printed(async () => void ({ log } = await trainOrLoad(lesson, course)));
      return { said: lines.join("\n"), log };
    };
    try {
      await test(run);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** Calls while each training is stopped after so many epochs, as by a learner. */
async function stoppedAfter<T>(epochs: number, call: () => Promise<T>): Promise<T> {
  const { onEpoch } = Checkpointing.prototype;
  Checkpointing.prototype.onEpoch = async function (report, trainer) {
    await onEpoch.call(this, report, trainer);
    if (report.epoch === epochs) trainer.stop("Stopped as you asked");
  };
  try {
    return await call();
  } finally {
    Checkpointing.prototype.onEpoch = onEpoch;
  }
}

/** The numbers that a training gives again. */
const values = (log: readonly EpochReport[]) =>
  log.map(({ epoch, train, validation }) => ({ epoch, train, validation }));

testRuns("trainOrLoad takes weights only for the same order of operations", async (run) => {
  const first = await run(ResidualBlock);
  assertMatch(first.said, /net: validation accuracy \d\.\d{3} in the best epoch/);
  // The same network finds its weights again: the log is that of the first training.
  const again = await run(ResidualBlock);
  assertEquals(again.log[0].seconds, first.log[0].seconds);
  assertMatch(again.said, /weights of your own training in .* the network is not trained again/);
  const other = await run(ResidualBlockV2);
  assertMatch(other.said, /it computes something else. So they are not used/);
  assert(!other.said.includes("not trained again"), other.said);
  assert(other.log[0].seconds !== first.log[0].seconds);
});

testRuns("trainOrLoad trains a changed network from fresh values", async (run) => {
  const fresh = await run(ResidualBlockV2, { epochs: 2 });
  await run(ResidualBlock, { epochs: 2 });
  const changed = await run(ResidualBlockV2, { epochs: 2 });
  assertMatch(changed.said, /it computes something else/);
  assertEquals(values(changed.log), values(fresh.log));
});

testRuns("trainOrLoad goes on with a training that was stopped", async (run) => {
  const stopped = await stoppedAfter(2, () => run(ResidualBlock));
  assertEquals(stopped.log.length, 2);
  assertMatch(stopped.said, /run this cell again, and it goes on/);
  const { said, log } = await run(ResidualBlock);
  assertMatch(said, /Goes on after epoch 2 of 4/);
  assert(!said.includes("not trained again"), said);
  assertEquals(values(log.slice(0, 2)), values(stopped.log));
  assertEquals(log.length, 4);
});

testRuns("trainOrLoad begins anew where the stopped training is another one", async (run) => {
  const fresh = await run(ResidualBlockV2, { epochs: 2 });
  await stoppedAfter(1, () => run(ResidualBlock, { epochs: 2 }));
  const changed = await run(ResidualBlockV2, { epochs: 2 });
  assertMatch(changed.said, /is another one: this one begins anew/);
  assertEquals(values(changed.log), values(fresh.log));
  await stoppedAfter(1, () => run(ResidualBlock, { epochs: 3 }));
  const slower = await run(ResidualBlock, { epochs: 3, learningRate: 0.005 });
  assertMatch(slower.said, /is another one: this one begins anew/);
  assertEquals(slower.log[0].learningRate, 0.005);
});
