import { assert, assertEquals, assertThrows } from "@std/assert";
import { compile } from "../../lib/tensor/compile.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { clipByGlobalNorm } from "../../lib/training/gradients.ts";
import {
  Adam,
  AdamW,
  noDecayOnNormsAndBiases,
  type Optimizer,
  SGD,
} from "../../lib/training/optimizers.ts";
import { assertClose, reference } from "./reference.ts";

type Make = (parameters: Map<string, tf.Variable>) => Optimizer;

const cases: Record<keyof typeof reference.optimizers, Make> = {
  adamw: (p) => new AdamW(p),
  adamw_settings: (p) => new AdamW(p, { beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.3 }),
  adamw_groups: (p) => new AdamW(p, { weightDecay: 0.3, groups: [noDecayOnNormsAndBiases] }),
  adamw_clipped: (p) => new AdamW(p),
  adam: (p) => new Adam(p),
  adam_l2: (p) => new Adam(p, { weightDecay: 0.2 }),
  sgd: (p) => new SGD(p),
  sgd_l2: (p) => new SGD(p, { weightDecay: 0.2 }),
  sgd_momentum: (p) => new SGD(p, { momentum: 0.9, weightDecay: 0.1 }),
  sgd_nesterov: (p) => new SGD(p, { momentum: 0.8, nesterov: true }),
};

function parameters(): Map<string, tf.Variable> {
  const make = (values: number[], shape: number[]) =>
    tf.tidy(() => tf.variable(tf.tensor(values, shape))) as tf.Variable;
  return new Map([
    ["matrix", make(reference.matrix, [3, 2])],
    ["vector", make(reference.vector, [4])],
  ]);
}

function gradients(step: number): tf.Tensor[] {
  const [matrix, vector] = reference.gradients[step];
  return [tf.tensor(matrix, [3, 2]), tf.tensor(vector, [4])];
}

for (const [name, make] of Object.entries(cases)) {
  Deno.test(`optimizers: ${name} follows PyTorch step by step`, () => {
    const variables = parameters();
    const optimizer = make(variables);
    const expected = reference.optimizers[name as keyof typeof cases];
    reference.rates.forEach((rate, step) => {
      tf.tidy(() => {
        const raw = gradients(step);
        const used = name === "adamw_clipped" ? clipByGlobalNorm(raw, 0.7) : raw;
        optimizer.apply(used, tf.scalar(rate));
      });
      [...variables.values()].forEach((variable, index) =>
        assertClose(variable, expected[step][index], 2e-6, `step ${step}, parameter ${index}`)
      );
    });
    optimizer.dispose();
    for (const variable of variables.values()) variable.dispose();
  });
}

Deno.test("AdamW names its state by parameter path and counts its steps there", () => {
  const variables = parameters();
  const optimizer = new AdamW(variables);
  for (const step of [0, 1, 2]) tf.tidy(() => optimizer.apply(gradients(step), tf.scalar(0.1)));
  const state = optimizer.namedVariables();
  assertEquals([...state.keys()], [
    "steps",
    "firstMoment.matrix",
    "firstMoment.vector",
    "secondMoment.matrix",
    "secondMoment.vector",
  ]);
  assertEquals([...state.get("steps")!.dataSync()], [3]);
  assert([...state.values()].every((variable) => !variable.trainable));
});

Deno.test("an optimizer names its settings", () => {
  const groups = [noDecayOnNormsAndBiases, { includes: () => true, learningRateScale: 0.1 }];
  const optimizer = new SGD(parameters(), { momentum: 0.9, weightDecay: 5e-4, groups });
  assertEquals(
    `${optimizer}`,
    "SGD(momentum 0.9, nesterov false, weight decay 0.0005 / 0, learning rate times 0.1 / 1)",
  );
});

Deno.test("SGD scales the learning rate of a group", () => {
  const variables = parameters();
  const slow = { includes: (path: string) => path === "vector", learningRateScale: 0.5 };
  const optimizer = new SGD(variables, { groups: [slow] });
  tf.tidy(() => optimizer.apply(gradients(0), tf.scalar(0.1)));
  const [matrix, vector] = reference.gradients[0];
  assertClose(
    variables.get("matrix")!,
    reference.matrix.map((value, i) => value - 0.1 * matrix[i]),
  );
  assertClose(
    variables.get("vector")!,
    reference.vector.map((value, i) => value - 0.05 * vector[i]),
  );
});

Deno.test("Optimizer.apply leaves no tensor behind", () => {
  for (const make of Object.values(cases)) {
    const optimizer = make(parameters());
    const count = () => tf.memory().numTensors;
    const before = count();
    for (const step of [0, 1, 2]) tf.tidy(() => optimizer.apply(gradients(step), tf.scalar(0.1)));
    assertEquals(count(), before);
    optimizer.dispose();
  }
});

Deno.test("Optimizer.apply skips a parameter without gradient and refuses a wrong number", () => {
  const variables = parameters();
  const optimizer = new AdamW(variables);
  tf.tidy(() => optimizer.apply([undefined, gradients(0)[1]], tf.scalar(0.1)));
  assertClose(variables.get("matrix")!, reference.matrix);
  assertThrows(() => optimizer.apply([], tf.scalar(1)), RangeError, "0 gradients for 2 parameters");
});

Deno.test("Optimizers name a setting outside its range", () => {
  assertThrows(() => new AdamW(parameters(), { beta2: 1 }), RangeError, "beta2 is 1");
  assertThrows(() => new SGD(parameters(), { nesterov: true }), RangeError, "needs momentum");
  assertThrows(() => new SGD(parameters(), { weightDecay: -1 }), RangeError, "weightDecay is -1");
  assertThrows(() => new Adam(new Map()), Error, "no trainable parameter");
});

Deno.test("clipByGlobalNorm leaves small gradients nearly as they are and bounds large ones", () => {
  tf.tidy(() => {
    const small = clipByGlobalNorm([tf.tensor1d([3e-3]), tf.tensor1d([4e-3])], 1);
    assertClose(small[0], [3e-3]);
    const [first, second] = clipByGlobalNorm([tf.tensor1d([3]), tf.tensor1d([4])], 1);
    assertClose(first, [0.6]);
    assertClose(second, [0.8]);
  });
});

Deno.test("optimizers: in a compiled step AdamW's parameters share the scalars of their updates", async () => {
  const variables = new Map(
    Array.from({ length: 6 }, (_, at) => [`vector ${at}`, tf.variable(tf.ones([4]))] as const),
  );
  const optimizer = new AdamW(variables);
  const step = compile((rate: tf.Tensor) => {
    const gradients = [...variables.values()].map((each) => tf.mul(each, 2));
    optimizer.apply(gradients, rate as tf.Scalar);
    return tf.scalar(0);
  }, { name: "step" });
  tf.dispose(await step(tf.scalar(0.1)));
  const graph = new TextDecoder("latin1").decode(step.graphDef()!);
  const count = (op: string) => new Set(graph.match(new RegExp(`\\b${op}_\\d+`, "g"))).size;
  assertEquals([count("ResourceApplyAdam"), count("Sqrt"), count("Sub")], [6, 1, 2]);
  step.dispose();
  optimizer.dispose();
  variables.forEach((each) => each.dispose());
});
