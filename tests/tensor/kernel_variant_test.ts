/** Compiled steps on tfjs's WASM backend: the kernels of a recorded step, run again. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { warningsOf } from "../warnings.ts";

const backend = Deno.env.get("TESSERA_BACKEND");
Deno.env.set("TESSERA_BACKEND", "wasm");
const tf = await import("../../lib/tensor/tf.ts");
if (backend === undefined) Deno.env.delete("TESSERA_BACKEND");
else Deno.env.set("TESSERA_BACKEND", backend);
const { compile } = await import("../../lib/tensor/compile.ts");
const { checkedIndices } = await import("../../lib/tensor/checked_indices.ts");
const lib = await import("../../lib/mod.ts");
const { TrainingStep } = await import("../../lib/training/training_step.ts");

type Tensor = import("../../lib/tensor/tf.ts").Tensor;
type Variable = import("../../lib/tensor/tf.ts").Variable;

/** Calls with `console.warn` kept quiet; gives what it was told. */
async function warnings(call: () => Promise<void>): Promise<string> {
  return (await warningsOf(call)).join("\n");
}

const valuesOf = (tensors: Iterable<Tensor>) =>
  [...tensors].map((tensor) => [...tensor.dataSync()]);

/** A few steps of training; gives what they lost, and the weights at the end. */
async function train(compiles: boolean, make: "transformer" | "convolutions") {
  const random = new lib.Random(3);
  const model = make === "transformer"
    ? new lib.VisionTransformer({
      ...{ imageSize: 8, channels: 1, patchSize: 4, classes: 3, width: 12, heads: 2, depth: 2 },
      random,
    })
    : new lib.PlainCnn({
      imageSize: 8,
      channels: 1,
      width: 5,
      classes: 3,
      normalised: true,
      random,
    });
  model.setTraining(true);
  const images = Uint8Array.from({ length: 20 * 64 }, (_, at) => at * 37 % 251);
  const labels = Array.from({ length: 20 }, (_, at) => at % 3);
  const dataset = new lib.ImageDataset({
    ...{ images, labels, imageShape: [8, 8, 1], classNames: ["a", "b", "c"] },
  });
  const step = new TrainingStep({
    ...{ model, dataset, optimizer: new lib.AdamW(model), loss: lib.crossEntropyOfEach },
    ...{ random: new lib.Random(4), compile: compiles, maximumGradientNorm: 1 },
    transform: lib.compose(lib.randomHorizontalFlip(), lib.normalize(0.5, 0.5)),
  });
  const losses: number[] = [], kept: number[] = [];
  for (let at = 0; at < 6; at++) {
    const { loss } = await step.run(
      Int32Array.from({ length: 4 }, (_, each) => 3 * at + each),
      0.01,
    );
    losses.push(loss);
    kept.push(tf.memory().numTensors);
  }
  const weights = valuesOf(model.namedParameters().values());
  return { losses, weights, kept, report: step.report };
}

for (const make of ["transformer", "convolutions"] as const) {
  Deno.test(`a recorded step trains ${make} as the step itself, bit for bit`, async () => {
    const [eager, compiled] = [await train(false, make), await train(true, make)];
    assertEquals([compiled.report?.mode, compiled.report?.reason], ["compiled", ""]);
    assertEquals(compiled.losses, eager.losses);
    assertEquals(compiled.weights, eager.weights);
    assertEquals(new Set(compiled.losses).size, 6);
    // Nothing more is kept from the second replay on.
    assertEquals(new Set(compiled.kept.slice(2)).size, 1);
  });
}

Deno.test("a recorded step takes new inputs, and reads and changes variables", async () => {
  const count = tf.variable(tf.scalar(0)), other = tf.variable(tf.scalar(10));
  const step = compile((x: Tensor) => {
    count.assign(tf.add(count, 1));
    const sum = tf.add(tf.mul(x, count), other);
    // Each ends with what the other one had.
    const [first, second] = [tf.clone(count), tf.clone(other)];
    count.assign(second);
    other.assign(first);
    return { sum, x, count: count as Tensor };
  });
  const found: number[][] = [];
  for (const value of [2, 3, 4, 5]) {
    const { sum, x, count } = await step(tf.scalar(value));
    found.push([sum, x, count].map((each) => each.dataSync()[0]));
    tf.dispose([sum, x, count]);
    other.assign(tf.add(other, 100));
  }
  const expected: number[][] = [];
  let [a, b] = [0, 10];
  for (const value of [2, 3, 4, 5]) {
    a++;
    expected.push([value * a + b, value, b]);
    [a, b] = [b, a + 100];
  }
  assertEquals(found, expected);
  assertEquals(step.reports()[0].mode, "compiled");
  tf.dispose([count, other]);
});

const notToRecord: [what: string, step: (x: Tensor) => Tensor, reason: string][] = [
  ["reads a value", (x) => tf.mul(x, x.dataSync()[0]), "it reads a tensor's value"],
  ["draws on the host", (x) => tf.add(x, Math.random() * 0), "random numbers on the host"],
  ["makes a variable", (x) => tf.add(x, tf.variable(x, false)), "it makes a tf.variable"],
  [
    "gives a shape that depends on data",
    (x) => tf.sum(tf.unique(tf.reshape(x, [1])).values),
    "the shape of Unique's output depends on data",
  ],
];
for (const [what, write, reason] of notToRecord) {
  Deno.test(`a step that ${what} stays eager, and says so once`, async () => {
    const step = compile(write, { name: "my step" });
    const said = await warnings(async () => {
      for (const value of [2, 3, 4]) {
        const result = await step(tf.scalar(value));
        assertEquals(result.dataSync()[0], write(tf.scalar(value)).dataSync()[0]);
      }
    });
    assertStringIncludes(said, reason);
    assertEquals(said.match(/my step runs eagerly/g)?.length, 1);
    assertEquals(step.reports()[0].mode, "eager");
  });
}

Deno.test("a step that counts in JavaScript is found out, and gives right values", async () => {
  let calls = 0;
  const weight = tf.variable(tf.scalar(1));
  const step = compile((x: Tensor) => {
    calls++;
    weight.assign(tf.add(weight, calls));
    return tf.mul(x, calls);
  });
  const results: number[] = [];
  const said = await warnings(async () => {
    for (let at = 0; at < 4; at++) results.push((await step(tf.scalar(1))).dataSync()[0]);
  });
  assertStringIncludes(said, "gives other values than the step itself");
  assertEquals(results, [1, 2, 3, 4]);
  assertEquals(weight.dataSync()[0], 1 + 1 + 2 + 3 + 4);
  weight.dispose();
});

Deno.test("an error in a recorded step leaves variables as they were", async () => {
  const seen = tf.variable(tf.scalar(0));
  const step = compile((labels: Tensor) => {
    seen.assign(tf.add(seen, 1));
    return tf.sum(checkedIndices(labels, 3, "label"));
  });
  const sumOf = async (labels: number[]) =>
    (await step(tf.tensor1d(labels, "int32"))).dataSync()[0];
  for (const at of [0, 1, 2]) assertEquals(await sumOf([at, 1]), at + 1);
  const kept = tf.memory().numTensors;
  await assertRejects(() => step(tf.tensor1d([0, 7], "int32")), RangeError, "label 7 is not among");
  assertEquals(seen.dataSync()[0], 3);
  assertEquals(tf.memory().numTensors, kept + 1); // the input
  assertEquals(await sumOf([2, 2]), 4);
  seen.dispose();
});

Deno.test("a step in training mode is not run in evaluation, and constants are freed with it", async () => {
  const before = tf.memory().numTensors;
  const random = new lib.Random(1), dropout = new lib.Dropout(0.5, { random });
  const large = tf.ones([3, 4]) as unknown as Variable;
  const step = compile((x: Tensor) => dropout.forward(tf.mul(x, large)));
  const x = tf.ones([4]);
  for (const training of [true, false, true, false, true]) {
    dropout.setTraining(training);
    const result = await step(x);
    assertEquals(result.dataSync().includes(0), training);
    result.dispose();
  }
  assert(step.reports().every(({ mode }) => mode === "compiled"));
  step.dispose();
  tf.dispose([x, large]);
  random.dispose();
  dropout.random.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("what the record gives is not kept beside what the step gives", async () => {
  const size = 250_000;
  const weights = tf.variable(tf.ones([size]));
  const bytes: number[] = [];
  const step = compile(() => {
    bytes.push(tf.memory().numBytes);
    weights.assign(tf.mul(weights, 1.5));
    return tf.sum(weights);
  });
  const sums: number[] = [];
  for (let call = 0; call < 3; call++) {
    const sum = await step();
    sums.push(sum.dataSync()[0] / size);
    sum.dispose();
  }
  assertEquals(sums, [1.5, 2.25, 3.375]);
  assertEquals(step.reports()[0].mode, "compiled");
  assertEquals(bytes.length, 2);
  assert(bytes[1] - bytes[0] < size);
  step.dispose();
  weights.dispose();
});

Deno.test("what the record gives is freed where it cannot be read, and the step stays eager", async () => {
  const backend = tf.backend() as unknown as { typedArrayFromHeap: (tensor: Tensor) => unknown };
  const step = compile((x: Tensor) => tf.square(x), { name: "my step" });
  const x = tf.tensor1d([1, 2, 3]);
  const kept: number[] = [];
  const said = await warnings(async () => {
    for (const isReadable of [true, false, true]) {
      if (!isReadable) {
        Object.defineProperty(backend, "typedArrayFromHeap", {
          configurable: true,
          value: () => {
            throw new RangeError("no memory left");
          },
        });
      }
      try {
        (await step(x)).dispose();
      } finally {
        if (!isReadable) delete (backend as Partial<typeof backend>).typedArrayFromHeap;
      }
      kept.push(tf.memory().numTensors);
    }
  });
  assertStringIncludes(said, "no memory left");
  assertEquals(step.reports()[0].mode, "eager");
  assertEquals(new Set(kept).size, 1);
  step.dispose();
  x.dispose();
});
