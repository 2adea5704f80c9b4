import { setImmediate } from "node:timers";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { compile, guard } from "../../lib/tensor/compile.ts";
import * as ops from "../../lib/tensor/ops.ts";
import { Recorder } from "../../lib/tensor/recorder.ts";
import { nativeBackend } from "../../lib/tensor/native.ts";
import { TensorFlowError } from "../../lib/tensor/tensorflow_error.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import { flatValues, largestDifference, withWarnings } from "./compiled.ts";

const binding = nativeBackend()!.binding;

Deno.test("compile gives the step's own values, call after call", async () => {
  const step = compile((x: tf.Tensor2D, y: tf.Tensor2D) => ({
    product: tf.matMul(x, y),
    total: tf.sum(tf.sub(x, 1)),
  }));
  for (let call = 0; call < 3; call++) {
    const x = tf.randomNormal<tf.Rank.R2>([3, 5]), y = tf.randomNormal<tf.Rank.R2>([5, 2]);
    const { product, total } = await step(x, y);
    assert(largestDifference(product, tf.matMul(x, y)) < 1e-6);
    assert(largestDifference(total, tf.sum(tf.sub(x, 1))) < 1e-5);
  }
  assertEquals(step.reports().map(({ mode }) => mode), ["compiled"]);
});

Deno.test("a step that takes another tensor from outside once the first is disposed is recorded anew", async () => {
  let factor = tf.scalar(2);
  const step = compile((x: tf.Tensor) => tf.mul(x, factor), { name: "scaled" });
  const results: number[][] = [];
  const warnings = await withWarnings(async () => {
    for (const next of [3, 4, 5, 6]) {
      for (let call = 0; call < 2; call++) {
        results.push([...await flatValues(await step(tf.tensor1d([1, 10])))]);
      }
      factor.dispose();
      factor = tf.scalar(next);
    }
  });
  assertEquals(results.map(([one]) => one), [2, 2, 3, 3, 4, 4, 5, 5]);
  assertEquals(step.reports().map(({ mode }) => mode), ["compiled"]);
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0], "scaled is recorded again and again");
  factor.dispose();
  await assertRejects(() => step(tf.tensor1d([1])), Error, "disposed");
});

Deno.test("what a step itself makes of numbers, and returns or assigns, is not from outside", async () => {
  const count = tf.variable(tf.scalar(7));
  const step = compile((x: tf.Tensor) => {
    const two = tf.scalar(2), was = tf.mul(count, 1);
    count.assign(tf.scalar(3));
    return [tf.mul(x, two), two, tf.ones([2]), was];
  });
  const warnings = await withWarnings(async () => {
    for (let call = 0; call < 4; call++) {
      const outputs = await step(tf.tensor1d([1, 10]));
      const expected = [[2, 20], [2], [1, 1], [call === 0 ? 7 : 3]];
      assertEquals(outputs.map((output) => flatValues(output)), expected);
      tf.dispose(outputs);
    }
  });
  assertEquals(warnings, []);
  assertEquals(step.reports().map(({ mode, calls }) => [mode, calls]), [["compiled", 4]]);
});

Deno.test("a variable that a step only passes on has its value of then", async () => {
  const source = tf.variable(tf.scalar(1)), target = tf.variable(tf.scalar(0));
  const step = compile((x: tf.Tensor) => {
    target.assign(source);
    return { x: tf.neg(x), source };
  });
  const change = compile((by: tf.Tensor) => {
    const settings = { learningRate: tf.scalar(1), momentum: 0, nesterov: false };
    ops.momentumUpdate(source, moment, by, settings);
    return tf.neg(by);
  });
  const moment = tf.variable(tf.scalar(0));
  for (const expected of [1, 0, -1]) {
    const { source: given } = await step(tf.scalar(5));
    assertEquals([flatValues(given), flatValues(target)], [[expected], [expected]]);
    await change(tf.scalar(1));
  }
  assertEquals(step.reports().map(({ mode }) => mode), ["compiled"]);
});

Deno.test("freezing variables that a step does not use leaves its recording", async () => {
  const own = tf.variable(tf.scalar(2)), other = tf.variable(tf.scalar(1));
  const step = compile((x: tf.Tensor) => tf.mul(x, own));
  for (let call = 0; call < 3; call++) {
    await step(tf.scalar(1));
    other.trainable = !other.trainable;
  }
  assertEquals(step.reports().map(({ calls }) => calls), [3]);
});

Deno.test("compile makes one function per signature of shapes and types", async () => {
  const step = compile((x: tf.Tensor) => tf.mean(x, -1));
  for (const shape of [[2, 3], [4, 3], [2, 3], [3]]) {
    const x = tf.randomNormal(shape);
    assert(largestDifference(await step(x), tf.mean(x, -1)) < 1e-6);
  }
  assertEquals(step.reports().length, 3);
});

Deno.test("compile keeps a tree's form: a tensor, an array, a record", async () => {
  const x = tf.tensor1d([1, 2]);
  const array = compile((x: tf.Tensor) => [tf.neg(x), x]);
  const record = compile((x: tf.Tensor) => ({ double: tf.mul(x, 2), same: x }));
  for (let call = 0; call < 2; call++) {
    const [negative, same] = await array(x);
    assertEquals([...negative.dataSync(), ...same.dataSync()], [-1, -2, 1, 2]);
    const { double, same: again } = await record(x);
    assertEquals([...double.dataSync(), ...again.dataSync()], [2, 4, 1, 2]);
  }
});

Deno.test("compile carries assigned variables on, and reading gives the current value", async () => {
  const total = tf.variable(tf.zeros([2]));
  const step = compile((x: tf.Tensor1D) => {
    total.assign(tf.add(total, x));
    return tf.sum(total);
  });
  const seen: number[][] = [];
  for (let call = 0; call < 4; call++) {
    await step(tf.tensor1d([1, 10]));
    seen.push([...total.dataSync()]);
  }
  assertEquals(seen, [[1, 10], [2, 20], [3, 30], [4, 40]]);
  total.assign(tf.tensor1d([100, 200]));
  assertEquals((await step(tf.tensor1d([1, 10]))).dataSync()[0], 311);
});

Deno.test("compile carries a variable on that the step assigns and does not read", async () => {
  const last = tf.variable(tf.zeros([3]));
  const step = compile((x: tf.Tensor1D) => {
    last.assign(tf.neg(x));
    return tf.max(x);
  });
  for (const value of [1, 2, 3]) {
    await step(tf.fill([3], value) as tf.Tensor1D);
    assertEquals([...last.dataSync()], [-value, -value, -value]);
  }
});

Deno.test("compile leaves copies of a variable as they were", async () => {
  const start = tf.tensor1d([1, 2, 3]);
  const parameter = tf.variable(start);
  const velocity = tf.variable(tf.zeros([3]));
  const step = compile((rate: tf.Scalar) => {
    ops.momentumUpdate(parameter, velocity, tf.ones([3]), {
      learningRate: rate,
      momentum: 0,
      nesterov: false,
    });
    return tf.sum(parameter);
  });
  const before = parameter.clone();
  await step(tf.scalar(1));
  const middle = parameter.clone();
  await step(tf.scalar(1));
  await step(tf.scalar(1));
  assertEquals([...start.dataSync()], [1, 2, 3]);
  assertEquals([...before.dataSync()], [1, 2, 3]);
  assertEquals([...middle.dataSync()], [0, 1, 2]);
  assertEquals([...parameter.dataSync()], [-2, -1, 0]);
});

Deno.test("compile reads a state again after an update within the step", async () => {
  const weight = tf.variable(tf.tensor1d([4]));
  const velocity = tf.variable(tf.zeros([1]));
  const step = compile((rate: tf.Scalar) => {
    const before = tf.mul(weight, 1);
    const update = { learningRate: rate, momentum: 0.5, nesterov: false };
    ops.momentumUpdate(weight, velocity, tf.ones([1]), update);
    return { before, after: tf.mul(weight, 1) };
  });
  const expected = [[4, 3], [3, 1.5], [1.5, -0.25]];
  for (const [before, after] of expected) {
    const result = await step(tf.scalar(1));
    assertEquals([result.before.dataSync()[0], result.after.dataSync()[0]], [before, after]);
  }
  assertEquals(step.reports()[0].mode, "compiled");
});

Deno.test("compile gives old values of the variables that a step assigns", async () => {
  const [current, previous] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(0))];
  const step = compile((x: tf.Scalar) => {
    const before = current.clone();
    previous.assign(current as tf.Scalar);
    current.assign(tf.add(current, x) as tf.Scalar);
    return { before, after: current };
  });
  for (const value of [1, 2, 3, 4]) {
    const { before, after } = await step(tf.scalar(1));
    const all = [before, after, previous, current].map((each) => each.dataSync()[0]);
    assertEquals(all, [value, value + 1, value, value + 1]);
  }
  assertEquals(step.reports().map(({ mode }) => mode), ["compiled"]);
});

Deno.test("compile lets a step exchange two variables", async () => {
  const [a, b] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(2))];
  const step = compile(() => {
    const kept = a.clone();
    a.assign(b as tf.Scalar);
    b.assign(kept as tf.Scalar);
    return tf.add(tf.mul(a, 10), b);
  });
  const seen: number[][] = [];
  for (let call = 0; call < 4; call++) {
    const [number] = flatValues(await step());
    seen.push([number, a.dataSync()[0], b.dataSync()[0]]);
  }
  assertEquals(seen, [[21, 2, 1], [12, 1, 2], [21, 2, 1], [12, 1, 2]]);
});

Deno.test("compile tells inputs apart that were one tensor when it recorded", async () => {
  const x = tf.tensor1d([1, 2]), y = tf.tensor1d([5, 5]);
  const difference = compile((a: tf.Tensor1D, b: tf.Tensor1D) => tf.sub(a, b));
  assertEquals(flatValues(await difference(x, x)), [0, 0]);
  assertEquals(flatValues(await difference(x, y)), [-4, -3]);
  const outside = tf.tensor1d([1, 1]), variable = tf.variable(tf.tensor1d([1, 1]));
  for (const other of [outside, variable]) {
    const less = compile((a: tf.Tensor) => tf.sub(a, other));
    assertEquals(flatValues(await less(other.clone())), [0, 0]);
    assertEquals(flatValues(await less(y)), [4, 4]);
  }
});

Deno.test("a compiled step's outputs are the caller's, whatever they are", async () => {
  const constant = tf.tensor1d([1, 2]), variable = tf.variable(tf.tensor1d([3, 4]));
  const x = tf.tensor1d([5, 6]);
  const give = (x: tf.Tensor) => ({ product: tf.mul(x, constant), x, constant, variable });
  for (const enabled of [true, false]) {
    const step = compile(give, { enabled });
    for (let call = 0; call < 2; call++) {
      const outputs = await step(x);
      assertEquals(Object.values(outputs).map(flatValues), [[5, 12], [5, 6], [1, 2], [3, 4]]);
      tf.dispose(outputs);
      assertEquals([x, constant, variable].map(({ isDisposed }) => isDisposed), [
        false,
        false,
        false,
      ]);
    }
  }
});

Deno.test("compile draws the same random numbers as the eager step", async () => {
  const draws = async (enabled: boolean) => {
    const random = new Random(7);
    const step = compile((x: tf.Tensor) => tf.add(x, random.normal([4])), { enabled });
    const all: number[] = [];
    for (let call = 0; call < 3; call++) all.push(...(await step(tf.zeros([4]))).dataSync());
    return all;
  };
  const eager = await draws(false);
  assertEquals(await draws(true), eager);
  assertEquals(new Set(eager).size, 12, "every draw is new");
});

Deno.test("compile uses a record only under the guarded values it was made with", async () => {
  let negate = false;
  const step = compile((x: tf.Tensor) => guard(() => negate) ? tf.neg(x) : tf.mul(x, 1));
  const results: number[] = [];
  for (negate of [false, true, false, true]) {
    results.push((await step(tf.scalar(2))).dataSync()[0]);
  }
  assertEquals(results, [2, -2, 2, -2]);
  assertEquals(step.reports().length, 2);
});

Deno.test("compile follows variables that are frozen and thawed between calls", async () => {
  const train = async (enabled: boolean) => {
    const backbone = tf.variable(tf.scalar(2)), head = tf.variable(tf.scalar(3));
    const optimizer = tf.train.sgd(0.1);
    const step = compile((x: tf.Scalar) =>
      optimizer.minimize(
        () => tf.square(tf.mul(tf.mul(x, backbone), head)) as tf.Scalar,
        true,
        [backbone, head],
      )!, { enabled });
    const seen: number[][] = [];
    for (backbone.trainable of [false, true, true, false]) {
      await step(tf.scalar(0.3));
      seen.push([backbone, head].flatMap(flatValues));
    }
    return seen;
  };
  const compiled = await train(true);
  assertEquals(compiled, await train(false));
  assertEquals(compiled[0][0], 2, "the backbone was frozen");
  assert(compiled[2][0] < compiled[1][0] && compiled[1][0] < 2, "and then was not");
  assertEquals(compiled[3][0], compiled[2][0]);
});

Deno.test("compile lifts large constants out of the function and keeps small ones", async () => {
  const large = Float32Array.from({ length: 9000 }, (_, index) => index % 7);
  const step = compile((x: tf.Tensor) => tf.add(tf.sum(tf.mul(tf.tensor1d(large), x)), 1));
  const expected = large.reduce((a, b) => a + b, 0);
  for (const factor of [1, 2, 3]) {
    assertEquals((await step(tf.scalar(factor))).dataSync()[0], factor * expected + 1);
  }
  assert(step.graphDef()!.length < 9000, "the graph holds no 36 kB constant");
});

// ---- What cannot be compiled -------------------------------------------------------------------

const factor = tf.variable(tf.scalar(2));
const [weight, velocity] = [tf.variable(tf.tensor1d([4])), tf.variable(tf.zeros([1]))];
const mustFallBack: Record<string, { step: (x: tf.Tensor) => tf.Tensor; says: string }> = {
  "a value read by dataSync": {
    step: (x) => tf.mul(x, tf.sum(x).dataSync()[0]),
    says: "reads a tensor's value",
  },
  "a value read by arraySync of a variable": {
    step: (x) => tf.mul(x, factor.arraySync() as unknown as number),
    says: "reads a tensor's value",
  },
  "a branch on data": {
    step: (x) => tf.all(tf.greater(x, 0)).arraySync() ? tf.neg(x) : tf.abs(x),
    says: "reads a tensor's value",
  },
  "a printed tensor": {
    step: (x) => {
      const log = console.log;
      console.log = () => {};
      tf.print(x);
      console.log = log;
      return tf.neg(x);
    },
    says: "reads a tensor's value",
  },
  "host randomness": {
    step: (x) => tf.add(x, tf.randomUniform(x.shape)),
    says: "random numbers on the host",
  },
  "tfjs's dropout": { step: (x) => tf.dropout(x, 0.5), says: "random numbers on the host" },
  "Math.random": { step: (x) => tf.mul(x, Math.random()), says: "random numbers on the host" },
  "a variable made inside": {
    step: (x) => tf.mul(x, tf.variable(tf.scalar(3))),
    says: "makes a tf.variable",
  },
  "a shape that depends on data": {
    step: (x) => tf.unique(tf.reshape(x, [-1]) as tf.Tensor1D).values,
    says: "depends on data",
  },
  "a variable cloned before an update in place": {
    step: (x) => {
      const before = weight.clone();
      const update = { learningRate: tf.scalar(1), momentum: 0, nesterov: false };
      ops.momentumUpdate(weight, velocity, tf.ones([1]), update);
      const change = tf.sub(before, weight); // 1
      return tf.mul(x, change);
    },
    says: "assigns or clones a variable and then updates the same variable",
  },
  "an op with state of its own": {
    step: (x) => {
      const float = { name: "dtype", type: 4, value: 1 };
      const shape = tf.tensor1d(x.shape, "int32");
      const int = { name: "T", type: 4, value: 3 };
      return tf.add(
        x,
        nativeBackend()!.executeSingleOutput("RandomUniform", [float, int], [shape]),
      );
    },
    says: "keeps state of its own",
  },
};

for (const [what, { step, says }] of Object.entries(mustFallBack)) {
  Deno.test(`compile stays eager and says so once: ${what}`, async () => {
    const compiled = compile(step, { name: "my step" });
    const warnings = await withWarnings(async () => {
      for (let call = 0; call < 3; call++) (await compiled(tf.randomNormal([3, 4]))).dispose();
    });
    assertEquals(warnings.length, 1);
    assertStringIncludes(warnings[0], "my step runs eagerly");
    assertStringIncludes(warnings[0], says);
    assertStringIncludes(warnings[0], "compile_test.ts:");
    assertEquals(compiled.reports()[0].mode, "eager");
  });
}

/** Calls `body` while the recorder notes other ops than those that ran: no processor rounds so far off. */
async function recordingInstead(ops: Record<string, string>, body: () => Promise<void>) {
  const { executed } = Recorder.prototype;
  Recorder.prototype.executed = function (name, ...rest) {
    executed.call(this, ops[name] ?? name, ...rest);
  };
  try {
    await body();
  } finally {
    Recorder.prototype.executed = executed;
  }
}

Deno.test("compile keeps the eager run's results where the function's differ", async () => {
  const count = tf.variable(tf.scalar(1));
  const [weight, velocity] = [tf.variable(tf.tensor1d([4])), tf.variable(tf.zeros([1]))];
  const wave = (x: tf.Tensor2D) => tf.sin(x);
  const step = compile((x: tf.Tensor2D) => {
    count.assign(tf.add(count, 1));
    const update = { learningRate: tf.scalar(1), momentum: 0.5, nesterov: false };
    ops.momentumUpdate(weight, velocity, tf.ones([1]), update);
    return wave(x);
  }, { name: "my step" });
  const x = new Random(3).normal([64, 48]) as tf.Tensor2D;
  const warnings = await withWarnings(() =>
    recordingInstead({ Sin: "Cos" }, async () => {
      for (const [calls, expected] of [3, 1.5, -0.25].entries()) {
        assertEquals([...(await step(x)).dataSync()], [...wave(x).dataSync()]);
        assertEquals([count.dataSync()[0], weight.dataSync()[0]], [calls + 2, expected]);
      }
    })
  );
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0], "compiled and eager results differ: output 0 by");
});

Deno.test("compile follows data in a step that stays eager", async () => {
  const step = compile((x: tf.Tensor) => tf.sum(x).dataSync()[0] > 0 ? tf.neg(x) : x);
  await withWarnings(async () => {
    assertEquals((await step(tf.scalar(2))).dataSync()[0], -2);
    assertEquals((await step(tf.scalar(-3))).dataSync()[0], -3);
  });
});

Deno.test("compile refuses steps that are async or return no tensors", async () => {
  // deno-lint-ignore no-explicit-any
  const asynchronous = compile((async (x: tf.Tensor) => await x) as any);
  await assertRejects(() => asynchronous(tf.scalar(1)), TypeError, "must not be async");
  // deno-lint-ignore no-explicit-any
  const number = compile((() => 3) as any);
  await assertRejects(() => number(), TypeError, "returns a tensor");
});

Deno.test("compile names an input that is disposed, also where it goes while the call waits its turn", async () => {
  const step = compile((x: tf.Tensor, y: tf.Tensor) => tf.add(x, y));
  for (const isKnown of [false, true]) {
    const [x, y] = [tf.scalar(1), tf.ones([2, 3])];
    if (isKnown) await step(x, y);
    const call = step(x, y);
    y.dispose();
    for (const called of [() => call, () => step(x, y)]) {
      await assertRejects(
        called,
        ReferenceError,
        "step: input 1, float32[2,3], was disposed before the step ran",
      );
    }
  }
  assertEquals(flatValues(await step(tf.scalar(1), tf.scalar(2))), [3]);
});

Deno.test("compile refuses a variable as an input", async () => {
  const variable = tf.variable(tf.scalar(1));
  for (const enabled of [true, false]) {
    await assertRejects(
      () => compile((x: tf.Tensor) => tf.neg(x), { enabled })(variable),
      TypeError,
      "step: input 0 is a tf.Variable; name it inside the step",
    );
  }
});

Deno.test("compile names an input that is no tensor", async () => {
  const step = compile((x: tf.Tensor, rate: tf.Tensor) => tf.mul(x, rate));
  const x = tf.tensor1d([1, 2]);
  const cases: [unknown, string][] = [
    [0.5, "step: input 1 is 0.5, must be a tensor: give tf.scalar(0.5)"],
    [undefined, "step: input 1 is undefined, must be a tensor"],
    [[x], "step: input 1 is an array, must be a tensor"],
    [step(x, x), "step: input 1 is a Promise (is `await` missing?), must be a tensor"],
  ];
  for (const [input, message] of cases) {
    const { message: said } = await assertRejects(() => step(x, input as tf.Tensor), TypeError);
    assertEquals(said, message);
  }
});

Deno.test("compile records anew after a call that threw", async () => {
  let fails = true;
  const step = compile((x: tf.Tensor) => {
    if (fails) throw new Error("not yet");
    return tf.mul(x, 2);
  });
  await assertRejects(() => step(tf.scalar(1)), Error, "not yet");
  fails = false;
  assertEquals((await step(tf.scalar(3))).dataSync()[0], 6);
  assertEquals(step.reports().map(({ mode }) => mode), ["compiled"]);
});

Deno.test("compile runs a step that nothing is wrong with after an op that failed", async () => {
  const inside = compile((x: tf.Tensor2D) => tf.matMul(x, tf.ones([4, 1]) as tf.Tensor2D));
  const sound = compile((x: tf.Tensor) => tf.neg(x));
  const x = tf.tensor2d([[1, 2, 3]]);
  await assertRejects(() => inside(x), TensorFlowError, "Matrix size-incompatible");
  for (let call = 0; call < 2; call++) assertEquals(flatValues(await sound(x)), [-1, -2, -3]);
});

Deno.test("compile names op and line of an error inside the function", {
  // A card takes zeros for what is out of range.
  ignore: nativeBackend()?.binding.isUsingGpuDevice(),
}, async () => {
  const step = compile((x: tf.Tensor2D, at: tf.Tensor1D) => tf.gather(tf.mul(x, 2), at));
  const x = tf.ones<tf.Rank.R2>([3, 2]);
  await step(x, tf.tensor1d([0, 2], "int32"));
  const error = await assertRejects(() => step(x, tf.tensor1d([0, 7], "int32")));
  assertStringIncludes((error as Error).message, "GatherV2 at ");
  assertStringIncludes((error as Error).message, "compile_test.ts:");
  assertStringIncludes((error as Error).message, "7 is not in [0, 3)");
  assertEquals((await step(x, tf.tensor1d([1, 1], "int32"))).shape, [2, 2], "and it goes on");
});

Deno.test("compile says that a variable was disposed", async () => {
  const weight = tf.variable(tf.scalar(1));
  const step = compile((x: tf.Tensor) => tf.mul(x, weight));
  await step(tf.scalar(1));
  weight.dispose();
  await assertRejects(() => step(tf.scalar(1)), ReferenceError, "was disposed");
});

Deno.test("compile runs concurrent calls one after another", async () => {
  const count = tf.variable(tf.scalar(0));
  const step = compile((x: tf.Tensor) => {
    count.assign(tf.add(count, x));
    return tf.mul(count, 1);
  });
  const results = await Promise.all([1, 2, 3, 4, 5].map((value) => step(tf.scalar(value))));
  assertEquals(results.map((result) => result.dataSync()[0]), [1, 3, 6, 10, 15]);
});

Deno.test("compile leaves the event loop free while a step runs", async () => {
  const step = compile((x: tf.Tensor2D) => {
    let y = x;
    for (let repeat = 0; repeat < 24; repeat++) y = tf.tanh(tf.matMul(y, x));
    return tf.mean(y);
  });
  const x = tf.randomNormal<tf.Rank.R2>([900, 900]);
  await step(x);
  // On a fast machine a step may be over before the event loop has its turn; one that holds it always is.
  let sawStepRunning = false;
  for (let attempt = 0; attempt < 50 && !sawStepRunning; attempt++) {
    let isRunning = true;
    setImmediate(() => sawStepRunning ||= isRunning);
    await step(x).finally(() => isRunning = false);
  }
  assert(sawStepRunning, "nothing else ran before the step was over");
});

Deno.test("compile leaks nothing in a thousand steps", async () => {
  const weight = tf.variable(tf.randomNormal([64, 64]));
  const velocity = tf.variable(tf.zeros([64, 64]));
  const random = new Random(3);
  const step = compile((x: tf.Tensor2D, rate: tf.Scalar) => {
    const { value, gradients } = ops.valueAndGradients(
      () => tf.mean(tf.square(tf.matMul(tf.add(x, random.normal([32, 64])), weight))) as tf.Scalar,
      [weight],
    );
    ops.momentumUpdate(weight, velocity, gradients[0], {
      learningRate: rate,
      momentum: 0.9,
      nesterov: true,
    });
    return value;
  });
  const run = async (count: number) => {
    for (let index = 0; index < count; index++) {
      const inputs = [tf.randomNormal<tf.Rank.R2>([32, 64]), tf.scalar(1e-3)] as const;
      const loss = await step(...inputs);
      loss.dataSync();
      tf.dispose([loss, ...inputs]);
    }
  };
  await run(100);
  const before = {
    tensors: tf.memory().numTensors,
    handles: binding.getNumOfTensors(),
    bytes: Deno.memoryUsage().rss,
  };
  await run(1000);
  assertEquals(tf.memory().numTensors, before.tensors);
  assertEquals(binding.getNumOfTensors(), before.handles);
  const grown = Deno.memoryUsage().rss - before.bytes;
  assert(grown < 60e6, `${grown} bytes more after 1,000 steps`);
});

Deno.test("compile.dispose frees its functions and constants", async () => {
  const before = binding.getNumOfTensors();
  for (let round = 0; round < 20; round++) {
    const step = compile((x: tf.Tensor) => tf.mul(x, tf.ones([100, 100])));
    const x = tf.scalar(round);
    tf.dispose([await step(x), await step(x), x]);
    step.dispose();
  }
  assertEquals(binding.getNumOfTensors(), before);
});

// ---- Random small networks: eager = compiled ----------------------------------------------------

const layers: Record<string, (x: tf.Tensor2D, weight: tf.Variable, random: Random) => tf.Tensor> = {
  linear: (x, weight) => tf.matMul(x, weight as tf.Tensor2D),
  linearWithBias: (x, weight) =>
    ops.linear(x, weight as tf.Tensor2D, tf.sum(weight, 0) as tf.Tensor1D),
  gelu: (x) => ops.gelu(x),
  relu: (x) => ops.relu(x),
  softmax: (x) => ops.softmax(x),
  layerNorm: (x, weight) =>
    ops.layerNorm(x, tf.mean(weight, 0) as tf.Tensor1D, tf.sum(weight, 1) as tf.Tensor1D, 1e-5),
  dropout: (x, _, random) => tf.mul(x, random.bernoulli(x.shape, 0.8)),
  tanhAndBack: (x) => tf.tanh(tf.transpose(tf.transpose(x))),
  splitAndConcat: (x) => tf.concat(tf.split(x, 2, 1).reverse(), 1),
  reshapeAndPad: (x) => tf.slice(tf.pad(x, [[1, 2], [0, 1]]), [1, 0], x.shape),
  residual: (x, weight) => tf.add(x, tf.matMul(x, weight as tf.Tensor2D)),
  gatherRows: (x) => tf.gather(x, tf.range(0, x.shape[0], 1, "int32")),
  where: (x) => tf.where(tf.greater(x, 0), x, tf.mul(x, 0.1)),
};

for (let seed = 0; seed < 12; seed++) {
  Deno.test(`compile trains random network ${seed} as eager training does`, async () => {
    const choices = new Random(1000 + seed);
    const [rows, half, depth] = choices.integers([3], 2, 6).dataSync();
    const width = 2 * half;
    const names = Object.keys(layers);
    const picks = [...choices.integers([depth], 0, names.length).dataSync()];
    const start = choices.normal([depth, width, width], 0, 0.5);
    const inputs = choices.normal([4, rows, width]);
    const train = async (enabled: boolean) => {
      const random = new Random(seed);
      const weights = tf.unstack(start).map((each) => tf.variable(each));
      const moments = weights.map((weight) => [0, 1].map(() => tf.variable(tf.zerosLike(weight))));
      const step = compile((x: tf.Tensor, rate: tf.Scalar) => {
        const { value, gradients } = ops.valueAndGradients(() => {
          let y = x as tf.Tensor2D;
          picks.forEach((pick, index) => {
            y = tf.add(layers[names[pick]](y, weights[index], random), tf.mean(weights[index]));
          });
          return tf.mean(tf.square(y)) as tf.Scalar;
        }, weights);
        weights.forEach((weight, index) => {
          ops.adamUpdate(weight, moments[index][0], moments[index][1], gradients[index], {
            learningRate: rate,
            firstCorrection: tf.scalar(0.5),
            secondCorrection: tf.scalar(0.25),
            beta1: 0.9,
            beta2: 0.99,
            epsilon: 1e-4,
            weightDecay: 0.01,
          });
        });
        return value;
      }, { enabled, name: picks.map((pick) => names[pick]).join(" → ") });
      const losses: number[] = [];
      for (let call = 0; call < 4; call++) {
        const loss = await step(tf.gather(inputs, call), tf.scalar(0.01));
        losses.push(loss.dataSync()[0]);
      }
      const values = weights.flatMap(flatValues);
      const [report] = step.reports();
      return { losses, values, report };
    };
    const eager = await train(false);
    const compiled = await train(true);
    assertEquals(compiled.report.mode, "compiled", compiled.report.reason);
    eager.losses.forEach((loss, call) => {
      assert(
        Math.abs(loss - compiled.losses[call]) <= 1e-4 * Math.max(1, Math.abs(loss)),
        `loss ${call}: ${loss} eager, ${compiled.losses[call]} compiled`,
      );
    });
    const worst = Math.max(
      ...eager.values.map((value, index) => Math.abs(value - compiled.values[index])),
    );
    assert(worst < 1e-3, `weights differ by ${worst}`);
  });
}
