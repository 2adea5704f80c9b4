import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  BatchNorm2d,
  CheckError,
  checkTested,
  compose,
  evaluateExamples,
  type ExampleResults,
  Flatten,
  ImageDataset,
  Linear,
  Module,
  normalize,
  Random,
  Sequential,
} from "../../../lib/mod.ts";
import { printed } from "../printed.ts";
import { fails } from "../verdict.ts";

function dataset(size: number, seed: number): ImageDataset {
  const random = new Random(seed);
  const images = Uint8Array.from(random.integers([size * 12], 0, 256).dataSync());
  const labels = random.integers([size], 0, 3).dataSync();
  random.dispose();
  return new ImageDataset({ images, imageShape: [3, 4, 1], labels, classNames: ["a", "b", "c"] });
}

const [validation, test] = [dataset(90, 1), dataset(120, 2)];
const transform = normalize(0.5, 0.1);

/** A model whose batch normalisation has statistics far from any batch's. */
function makeModel(seed: number): Module {
  const norm = new BatchNorm2d(1);
  norm.runningMean.assign(tf.tensor1d([2]));
  norm.runningVariance.assign(tf.tensor1d([30]));
  return new Sequential(norm, new Flatten(), new Linear(12, 3, { random: new Random(seed) }));
}

const best = makeModel(3);
const untrained = makeModel(8);
const expected = { reference: best, untrained, test, others: { validation }, transform, points: 1 };

Deno.test("checkTested accepts the best weights' results on all test images", async () => {
  const results = await evaluateExamples(best, test, { transform });
  const before = tf.memory().numTensors;
  const [line] = await printed(() => checkTested(results, expected));
  assertStringIncludes(
    line,
    "✔ Test: all 120 test images, with the best epoch's weights; accuracy 0.",
  );
  assertEquals(tf.memory().numTensors, before);
});

const wrong: Record<string, [() => Promise<ExampleResults>, string[]]> = {
  "the validation images": [
    () => evaluateExamples(best, validation, { transform }),
    ["results of the validation images, not of the test images"],
  ],
  "a part of the test images": [
    () => evaluateExamples(best, test.subset([0, 1, 2, 3]), { transform }),
    ["results of 4 images that are not the 120 test images"],
  ],
  "other weights": [
    () => evaluateExamples(makeModel(4), test, { transform }),
    ["not those of the best epoch's weights", "those of the last epoch"],
  ],
  "weights that were never loaded": [
    () => evaluateExamples(makeModel(8), test, { transform }),
    ["not those of the best epoch's weights", "as it was given, before any training"],
  ],
  "no normalisation": [
    () => evaluateExamples(best, test),
    ["not those of the best epoch's weights", "the images are not normalised"],
  ],
  "nothing": [
    () => Promise.resolve(undefined as unknown as ExampleResults),
    ["should hold predictions and labels"],
  ],
  "a promise": [
    () => Promise.resolve({ then: undefined } as unknown as ExampleResults),
    ["should hold predictions and labels"],
  ],
};

for (const [mistake, [make, messages]] of Object.entries(wrong)) {
  Deno.test(`checkTested explains ${mistake}`, async () => {
    const results = await make();
    await fails(() => checkTested(results, expected), ...messages);
  });
}

Deno.test("checkTested knows predictions of training mode, and leaves the reference as it was", async () => {
  const statistics = () =>
    [...best.namedVariables().values()].flatMap((variable) => [...variable.dataSync()]);
  const before = statistics();
  const random = new Random(1);
  const batch = test.batch(Array.from({ length: test.size }, (_, index) => index));
  const twin = makeModel(3);
  twin.setTraining(true);
  const logits = twin.forward(compose(transform)(batch, random).images);
  const predictions = tf.argMax(logits, 1).dataSync();
  const results = { predictions, labels: test.labels };
  const { message } = await assertRejects(() => checkTested(results, expected), CheckError);
  assertStringIncludes(message, "the model is in training mode");
  assertEquals(statistics(), before);
  assertEquals(best.training, false);
});
