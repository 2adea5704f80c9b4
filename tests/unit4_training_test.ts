/** Unit 4's trained weights come from recipes: its notebooks must train alike, and take only what fits. */
import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { ImageDataset, Random, ResidualBlock, ResNet } from "../lib/mod.ts";
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

Deno.test("trainOrLoad takes weights only for the same order of operations", async () => {
  const folder = await Deno.makeTempDir({ prefix: "unit4-training-test-" });
  const normal = recipes["folder-vit"].transforms.evaluation;
  const course = {
    ...{ train: images, validation: images, test: images, seed: 42, retrain: false },
    transforms: { train: normal, evaluation: normal },
    source: { kind: "own" },
    runFolder: folder,
  } as unknown as Course;
  const settings: Settings = { ...baseline, batchSize: 16, epochs: 4, learningRate: 0.01 };
  const newModel = (block: typeof ResidualBlock) =>
    new ResNet({
      ...{ classes: 2, stem: "small", widths: [4, 8], blocks: [1, 1], block },
      random: new Random(7),
    });
  const run = async (block: typeof ResidualBlock) => {
    const lesson = { name: "net", model: newModel(block), twin: newModel(block), settings };
    let seconds = 0;
    const lines = await printed(async () => {
      const { log } = await trainOrLoad(lesson, course);
      seconds = log[0].seconds;
    });
    return { said: lines.join("\n"), seconds };
  };
  try {
    const first = await run(ResidualBlock);
    assertMatch(first.said, /net: validation accuracy \d\.\d{3} in the best epoch/);
    // The same network finds its weights again: the log is that of the first training.
    assertEquals((await run(ResidualBlock)).seconds, first.seconds);
    const other = await run(ResidualBlockV2);
    assertMatch(other.said, /it computes something else. So it is trained anew/);
    assert(other.seconds !== first.seconds);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
