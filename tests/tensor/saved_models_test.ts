/** Models in files: TensorFlow's own (written by tests/reference/saved_model.py) and tfjs's. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { fileURLToPath } from "node:url";
import { compile } from "../../lib/tensor/compile.ts";
import { nativeBackend } from "../../lib/tensor/native.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { flatValues, withWarnings } from "./compiled.ts";

const { binding } = nativeBackend()!;
const folder = fileURLToPath(new URL("../reference/saved_model", import.meta.url));
const expected = JSON.parse(await Deno.readTextFile(`${folder}/expected.json`));
const images = () => tf.tensor4d(expected.images, [2, 4, 4, 1]);

function assertNear(actual: tf.Tensor, values: readonly number[]): void {
  const found = flatValues(actual);
  assertEquals(found.length, values.length);
  found.forEach((value, at) =>
    assert(Math.abs(value - values[at]) < 1e-5, `${value} ${values[at]}`)
  );
}

Deno.test("tf.node.loadSavedModel runs what TensorFlow saved, as it did there", async () => {
  const tensors = tf.memory().numTensors;
  const model = await tf.node.loadSavedModel(`${folder}/classifier`);
  assertEquals(tf.node.getNumOfSavedModels(), 1);
  assertEquals(model.inputs.map(({ name, shape }) => [name, shape?.length]), [
    ["serving_default_images", 4],
  ]);
  for (let call = 0; call < 2; call++) {
    const x = images();
    const { probabilities, best } = model.predict({ images: x }) as Record<string, tf.Tensor>;
    assertEquals([probabilities.shape, probabilities.dtype], [[2, 3], "float32"]);
    assertNear(probabilities, expected.probabilities);
    assertEquals([best.dtype, flatValues(best)], ["int32", expected.best]);
    tf.dispose([x, probabilities, best]);
  }
  model.dispose();
  assertEquals([tf.node.getNumOfSavedModels(), tf.memory().numTensors], [0, tensors]);
  assertThrows(() => model.predict(images()), Error, "already been deleted");
});

Deno.test("tf.node.loadSavedModel takes another signature, with text and whole numbers", async () => {
  const model = await tf.node.loadSavedModel(`${folder}/classifier`, ["serve"], "describe");
  const { texts, halves } = model.predict({
    numbers: tf.tensor1d([3, -4], "int32"),
    unit: tf.scalar("px"),
  }) as Record<string, tf.Tensor>;
  assertEquals(await texts.data() as unknown as string[], ["3 px", "-4 px"]);
  assertEquals([halves.dtype, flatValues(halves)], ["float32", [1.5, -2]]);
  model.dispose();
});

Deno.test("tf.node.loadSavedModel says what it does not find", async () => {
  const load = (path: string, tags = ["serve"], signature = "serving_default") =>
    tf.node.loadSavedModel(path, tags, signature);
  await assertRejects(() => load(folder), Error, "There is no saved_model.pb file");
  await assertRejects(() => load(`${folder}/classifier`, ["train"]), Error, "train");
  await assertRejects(() => load(`${folder}/classifier`, ["serve"], "other"), Error, "other");
  const broken = await Deno.makeTempDir();
  await Deno.mkdir(`${broken}/variables`);
  for (const file of ["saved_model.pb", "variables/variables.index"]) {
    await Deno.copyFile(`${folder}/classifier/${file}`, `${broken}/${file}`);
  }
  await assertRejects(() => load(broken), Error, "loading the SavedModel in");
  await Deno.remove(broken, { recursive: true });
  assertThrows(() => binding.deleteSavedModel(99), Error, "there is no SavedModel 99");
});

Deno.test("a compiled step that runs a SavedModel stays eager and says so", async () => {
  const model = await tf.node.loadSavedModel(`${folder}/classifier`);
  const step = compile((x: tf.Tensor) =>
    tf.mul((model.predict({ images: x }) as Record<string, tf.Tensor>).probabilities, 2)
  );
  const [first, second] = [images(), tf.zeros([2, 4, 4, 1])];
  const warnings = await withWarnings(async () => {
    const [a, b] = [await step(first), await step(second)];
    assertNear(a, expected.probabilities.map((value: number) => 2 * value));
    assert(Math.abs(flatValues(a)[0] - flatValues(b)[0]) > 1e-3, "the model runs each time");
  });
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0], "it runs a SavedModel");
  model.dispose();
});

Deno.test("tf.loadGraphModel runs a graph that TensorFlow wrote, natively and in a compiled step", async () => {
  const model = await tf.loadGraphModel(`file://${folder}/graph_model/model.json`);
  const [probabilities, best] = model.execute(
    { images: images() },
    expected.outputs,
  ) as tf.Tensor[];
  const byWidth = [probabilities, best].toSorted((a, b) => b.size - a.size);
  assertNear(byWidth[0], expected.probabilities);
  assertEquals(flatValues(byWidth[1]), expected.best);
  const name = expected.outputs[probabilities.size > best.size ? 0 : 1];
  const step = compile((x: tf.Tensor) => model.execute({ images: x }, name) as tf.Tensor);
  for (let call = 0; call < 2; call++) assertNear(await step(images()), expected.probabilities);
  assertEquals(step.reports()[0].mode, "compiled");
  model.dispose();
});

Deno.test("a layers model that was saved with its optimizer trains on as if it had never stopped", async () => {
  const path = await Deno.makeTempDir();
  const x = tf.tensor2d([[0.1, 0.9], [0.8, -0.3], [-0.5, 0.4]]), y = tf.tensor2d([[1], [0], [1]]);
  const layers = [
    tf.layers.dense({ units: 4, activation: "relu", inputShape: [2] }),
    tf.layers.batchNormalization(),
    tf.layers.dense({ units: 1, activation: "sigmoid" }),
  ];
  const model = tf.sequential({ layers });
  const settings = { loss: "binaryCrossentropy" };
  model.compile({ ...settings, optimizer: tf.train.momentum(0.1, 0.9) });
  const fit = (each: tf.LayersModel) =>
    each.fit(x, y, { epochs: 3, batchSize: 3, shuffle: false, verbose: 0 });
  await fit(model);
  await model.save(`file://${path}/model`, { includeOptimizer: true });
  const loaded = await tf.loadLayersModel(`file://${path}/model/model.json`);
  loaded.compile({ ...settings, optimizer: loaded.optimizer });
  const given = model.getWeights().map(flatValues);
  assertEquals(loaded.getWeights().map(flatValues), given);
  for (const each of [model, loaded]) await fit(each);
  const [after, again] = [model, loaded].map((each) => each.getWeights().flatMap(flatValues));
  after.forEach((value, at) => assert(Math.abs(value - again[at]) < 1e-6, `${value} ${again[at]}`));
  assert(after.some((value, at) => Math.abs(value - given.flat()[at]) > 1e-3), "it trained");
  await Deno.remove(path, { recursive: true });
});

Deno.test("saving and loading say where there is nothing to read or no such place", async () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  await assertRejects(
    () => tf.loadLayersModel("file:///nowhere/model.json"),
    Error,
    "/nowhere/model.json",
  );
  await assertRejects(() => model.save("localstorage://model"), Error, "save handlers");
});
