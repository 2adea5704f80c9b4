/** What a cell shows that ends with an object of the library, in a real kernel and printed. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  AdamW,
  constant,
  cosine,
  ImageDataset,
  linearWarmup,
  multiStep,
  oneCycle,
  perEpoch,
  Random,
  resNet18,
  type Schedule,
  show,
  Trainer,
  VisionTransformer,
  warmupCosine,
} from "../lib/mod.ts";
import { nativeBackend } from "../lib/tensor/native.ts";
import * as tf from "../lib/tensor/tf.ts";
import { displayed, printed, runCells } from "./display/kernel.ts";

type Bundle = Record<string, string>;
const display = Symbol.for("Jupyter.display");
// deno-lint-ignore no-explicit-any -- a method that is given to classes from outside
const shown = (value: any): Bundle => value[display]();

const random = new Random(1);
const small = {
  ...{ imageSize: 8, channels: 1, classes: 3, patchSize: 4, width: 12, mlpWidth: 20 },
  ...{ heads: 3, depth: 2, random },
};
const images = () =>
  new ImageDataset({
    images: Uint8Array.from({ length: 40 * 64 }, (_, at) => at % 251),
    imageShape: [8, 8, 1],
    labels: Array.from({ length: 40 }, (_, at) => at < 25 ? 0 : 1 + at % 2),
    classNames: ["zero", "<one>", "two"],
  });

Deno.test("a model shows its modules and their parameters", () => {
  const model = new VisionTransformer(small);
  const bundle = shown(model);
  assertMatch(bundle["text/plain"], /^name +type +parameters\n/);
  assertMatch(bundle["text/plain"], /blocks\.1\.attention +MultiHeadAttention +\d+/);
  assertMatch(bundle["text/plain"], /[\d,]+ trainable parameters, /);
  assertStringIncludes(bundle["text/html"], "<table>");
  assertEquals(Deno.inspect(model), bundle["text/plain"]);
  assertMatch(Deno.inspect({ model }), /^{ model: VisionTransformer\([\d,]+ parameters\) }$/);
  model.dispose();
  assertStringIncludes(shown(model)["text/plain"], "Its weights are disposed of.");
});

Deno.test("a large model shows as many levels as fit", () => {
  const model = resNet18({ classes: 10, random });
  const text = shown(model)["text/plain"];
  assert(text.split("\n").length <= 45, text);
  assertStringIncludes(text, "Modules inside of these are not shown.");
  model.dispose();
});

Deno.test("a data set shows its classes and sizes", () => {
  const dataset = images();
  const { "text/plain": text, "text/html": html } = shown(dataset);
  assertMatch(text, /^label +class +images\n/);
  assertMatch(text, /0 +zero +25\n/);
  assertStringIncludes(text, "40 images of 8×8×1, 3 classes.");
  assertStringIncludes(html, "&lt;one&gt;");
  assertEquals(
    Deno.inspect({ train: dataset }),
    "{ train: ImageDataset(40 images of 8×8×1, 3 classes) }",
  );
  dataset.dispose();
  assertStringIncludes(shown(dataset)["text/plain"], "40 images of 8×8×1, disposed, 3 classes.");
});

Deno.test("a trainer shows where it stands, before, between and after its epochs", async () => {
  const train = images(), model = new VisionTransformer(small);
  const trainer = new Trainer({
    ...{ model, train, validation: train, epochs: 2, batchSize: 10, progress: false },
    optimizer: new AdamW(model),
    schedule: constant(1e-3),
  });
  assertMatch(shown(trainer)["text/plain"], /^Trainer: epoch 0 of 2, 0 of 8 steps\n/);
  assertStringIncludes(shown(trainer)["text/plain"], "learning rate  0.00100 at the next step");
  for await (const _ of trainer.fit()) break;
  const { "text/plain": text, "text/html": html } = shown(trainer);
  assertMatch(text, /^Trainer: epoch 1 of 2, 4 of 8 steps\n/);
  assertMatch(text, /model +VisionTransformer, [\d,]+ parameters/);
  assertMatch(text, /data +40 examples in batches of 10, 40 for validation/);
  assertMatch(text, /last epoch +loss .*; validation loss /);
  assertEquals(html.match(/<svg .*?role="img" aria-label="(loss|accuracy) after/g)!.length, 2);
  await trainer.run();
  assertMatch(shown(trainer)["text/plain"], /^Trainer: epoch 2 of 2, done\n/);
  assertEquals(Deno.inspect([trainer]), "[ Trainer(epoch 2 of 2) ]");
  trainer.dispose();
  assertMatch(shown(trainer)["text/plain"], /^Trainer: epoch 2 of 2, done, disposed\n/);
  assertEquals(Deno.inspect([trainer]), "[ Trainer(epoch 2 of 2, disposed) ]");
});

Deno.test("every schedule shows its curve over its steps", () => {
  const schedules: [Schedule, string][] = [
    [constant(0.1), "constant: learning rate 0.100 at every step"],
    [cosine({ learningRate: 0.1, steps: 101 }), "cosine: learning rate from 0.100 at step 0 to"],
    [multiStep({ learningRate: 0.1, milestones: [80, 100] }), "to 0.00100 at step 124"],
    [oneCycle({ peak: 0.1, steps: 1000 }), "highest 0.100 at step 29"],
    [
      linearWarmup({ steps: 10, then: cosine({ learningRate: 1, steps: 90 }) }),
      "at step 99, highest",
    ],
    [
      warmupCosine({ learningRate: 1, warmupEpochs: 1, epochs: 10, stepsPerEpoch: 20 }),
      "warmupCosine: learning rate from 0.0500 at step 0 to 7.62e-5 at step 199, highest 1.00 at step 20",
    ],
    [
      perEpoch(multiStep({ learningRate: 1, milestones: [8] }), 50),
      "at step 499, highest 1.00 at step 0",
    ],
  ];
  for (const [schedule, words] of schedules) {
    const bundle = shown(schedule);
    assertStringIncludes(bundle["text/plain"], words);
    assertEquals(bundle["text/html"].includes("<svg"), !words.includes("every step"));
  }
});

Deno.test("what cannot be shown does not fail where it is printed", () => {
  class Broken extends VisionTransformer {
    override namedVariables(): never {
      throw new Error("half built");
    }
  }
  assertEquals(Deno.inspect(new Broken(small)), "Broken (it cannot be shown: half built)");
});

Deno.test("show says where it got nothing to show, waits for a promise, and prints what is text", async () => {
  for (const nothing of [undefined, null]) {
    // deno-lint-ignore no-explicit-any -- as in a notebook, where no types are checked
    await assertRejects(() => show(nothing as any), TypeError, `show: it was given ${nothing}`);
  }
  const lines: unknown[] = [];
  const { log } = console;
  console.log = (line) => lines.push(line);
  try {
    await show(Promise.resolve(tf.ones([2])));
    await show("words" as unknown as object);
  } finally {
    console.log = log;
  }
  assertEquals(lines, ["tensor([1., 1.], shape=[2], dtype=float32)", "words"]);
});

Deno.test("cells end with a tensor, a schedule, a model; show(tensor) shows images", async () => {
  const [, tensor, model, schedule, picture, values, other] = await runCells([
    `import * as tf from "@tensorflow/tfjs";
     import { cosine, Linear, Random, show } from "tessera"; undefined;`,
    "tf.tensor2d([[1, 2], [3, 4]])",
    "new Linear(3, 4, { random: new Random(1) })",
    "cosine({ learningRate: 0.1, steps: 100 })",
    "await show(tf.range(-50, 50).reshape([10, 10, 1]));",
    "await show(tf.tensor1d([1, 2])); console.log(tf.scalar(3), { x: tf.scalar(1) });",
    "await show(cosine({ learningRate: 0.1, steps: 100 })); (step: number) => step",
  ], { TESSERA_HEADLESS: "1" });
  const only = (outputs: typeof tensor) => displayed(outputs)[0] as Bundle;
  const text = "tensor([[1., 2.],\n        [3., 4.]], shape=[2, 2], dtype=float32)";
  assertEquals([only(tensor)["text/plain"]].flat().join(""), text);
  assertStringIncludes([only(tensor)["text/html"]].flat().join(""), "<pre>");
  assertMatch([only(model)["text/plain"]].flat().join(""), /Linear +16\n/);
  assertMatch([only(schedule)["text/html"]].flat().join(""), /<svg .*role="img"/);
  const drawn = only(picture);
  assertStringIncludes([drawn["image/svg+xml"]].flat().join(""), "<image");
  assertStringIncludes([drawn["text/plain"]].flat().join(""), "Black is -50, white is 49.");
  assertStringIncludes([only(values)["text/plain"]].flat().join(""), "tensor([1., 2.]");
  assertEquals(
    printed(values),
    "tensor(3., shape=[], dtype=float32) { x: tensor(shape=[], dtype=float32) }\n",
  );
  assertEquals(displayed(other).length, 2);
  assertStringIncludes(
    [(displayed(other)[1] as Bundle)["text/plain"]].flat().join(""),
    "[Function",
  );
});

Deno.test("showing a model, a trainer's data and a schedule computes and reads little", () => {
  const dataset = images(), model = resNet18({ classes: 10, random });
  const schedule = oneCycle({ peak: 0.1, steps: 1e6 });
  const large = tf.randomUniform([512, 512]);
  const { binding } = nativeBackend()!;
  const read: number[] = [], { tensorDataSync } = binding;
  let executed = 0;
  binding.tensorDataSync = (id) => {
    const values = tensorDataSync.call(binding, id);
    read.push(values.length);
    return values;
  };
  const { executeOp } = binding;
  binding.executeOp = (...call) => {
    executed++;
    return executeOp.call(binding, ...call);
  };
  try {
    for (const value of [dataset, model, schedule, large]) shown(value);
  } finally {
    Object.assign(binding, { tensorDataSync, executeOp });
  }
  // Where a tenth of a second goes: to values that come back, and to a network that computes.
  assert(read.reduce((sum, count) => sum + count, 0) < 2_000, `${read}`);
  assert(executed < 20, `${executed} ops`);
  model.dispose();
});
