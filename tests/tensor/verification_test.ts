/** What the comparison after recording finds, by faults that are put in: in the record, or in the function. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Binding } from "../../lib/tensor/binding.ts";
import { compile } from "../../lib/tensor/compile.ts";
import * as ops from "../../lib/tensor/ops.ts";
import { nativeBackend } from "../../lib/tensor/native.ts";
import { Recorder } from "../../lib/tensor/recorder.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { clipByGlobalNorm } from "../../lib/training/gradients.ts";
import { Random } from "../../lib/random.ts";
import { flatValues, withWarnings } from "./compiled.ts";

const { binding } = nativeBackend()!;

/** Replaces a method while `body` runs. */
async function replacing<T extends object, Name extends keyof T>(
  owner: T,
  name: Name,
  method: (original: T[Name]) => T[Name],
  body: () => Promise<void>,
): Promise<void> {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  const original = owner[name];
  owner[name] = method(original);
  try {
    await body();
  } finally {
    if (own) Object.defineProperty(owner, name, own);
    else delete owner[name];
  }
}

const update = { firstCorrection: tf.scalar(0.1), secondCorrection: tf.scalar(0.01) };
const adam = {
  ...{ learningRate: tf.scalar(0.01), beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1 },
  ...update,
};

/** A training step with clipped gradients and one of the optimizers, and what it changes. */
function training(optimizer: "adam" | "momentum") {
  const random = new Random(5);
  const weight = tf.variable(random.normal([4, 3]));
  const moments = [tf.variable(tf.zeros([4, 3])), tf.variable(tf.zeros([4, 3]))];
  const target = random.normal([6, 3]);
  const step = compile((x: tf.Tensor2D) => {
    const { value, gradients } = ops.valueAndGradients(
      () => tf.mean(tf.square(tf.sub(tf.matMul(x, weight as tf.Tensor2D), target))) as tf.Scalar,
      [weight],
    );
    const [clipped] = clipByGlobalNorm(gradients, 0.5);
    if (optimizer === "adam") ops.adamUpdate(weight, moments[0], moments[1], clipped, adam);
    else {
      ops.momentumUpdate(weight, moments[0], clipped, {
        ...{ learningRate: tf.scalar(0.1), momentum: 0.9, nesterov: true },
      });
    }
    return value;
  }, { name: "my step" });
  const inputs = random.normal([6, 4]) as tf.Tensor2D;
  return { step, inputs, states: [weight, ...moments] };
}

/** What three steps leave, and what they warned of. */
async function trained(optimizer: "adam" | "momentum") {
  const { step, inputs, states } = training(optimizer);
  const warnings = await withWarnings(async () => {
    for (let call = 0; call < 3; call++) (await step(inputs)).dispose();
  });
  return { warnings, states: states.flatMap(flatValues), report: step.reports()[0] };
}

const replaced = (name: string, by: string) => (executed: Recorder["executed"]) =>
  function (this: Recorder, op: string, ...rest: never[]) {
    (executed as (...all: unknown[]) => void).call(this, op === name ? by : op, ...rest);
  } as unknown as Recorder["executed"];

for (const optimizer of ["adam", "momentum"] as const) {
  Deno.test(`a step with clipped gradients and ${optimizer} is compiled`, async () => {
    const { warnings, report } = await trained(optimizer);
    assertEquals([warnings, report.mode], [[], "compiled"]);
    assert(report.largestDifference < 1e-4, String(report.largestDifference));
  });

  Deno.test(`a wrong record of clipping is found before ${optimizer} uses it`, async () => {
    const right = await trained(optimizer);
    await replacing(Recorder.prototype, "executed", replaced("Minimum", "Maximum"), async () => {
      const { warnings, states, report } = await trained(optimizer);
      assertEquals([warnings.length, report.mode], [1, "eager"]);
      assertStringIncludes(warnings[0], "what an optimizer takes by");
      const worst = Math.max(...states.map((value, at) => Math.abs(value - right.states[at])));
      assert(worst < 1e-4, `the eager run's results stand; off by ${worst}`);
    });
  });

  Deno.test(`a wrong record of ${optimizer}'s update is found`, async () => {
    const swapped = (updated: Recorder["updated"]) =>
      function (this: Recorder, ...[name, attributes, states, inputs]: Parameters<typeof updated>) {
        const others = optimizer === "adam"
          ? [inputs[0], inputs[1], inputs[2], inputs[4], inputs[3], ...inputs.slice(5)] // β₁ and β₂
          : [inputs[2], inputs[1], inputs[0]]; // learning rate and momentum
        updated.call(this, name, attributes, states, inputs.length > 1 ? others : inputs);
      };
    await replacing(Recorder.prototype, "updated", swapped, async () => {
      const { warnings, report } = await trained(optimizer);
      assertEquals([warnings.length, report.mode], [1, "eager"]);
      assertStringIncludes(warnings[0], "an updated variable by");
    });
  });

  Deno.test(`a function that makes ${optimizer}'s update twice is found`, async () => {
    const right = await trained(optimizer);
    const twice = (run: Binding["runInBackground"]) =>
      async function (this: Binding, ...args: Parameters<typeof run>) {
        const once = await run.apply(this, args);
        once.forEach((handle) => this.api.TFE_DeleteTensorHandle(handle));
        return await run.apply(this, args);
      };
    await replacing(binding, "runInBackground", twice, async () => {
      const { warnings, states, report } = await trained(optimizer);
      assertEquals([warnings.length, report.mode], [1, "eager"]);
      assertStringIncludes(warnings[0], "compiled and eager results differ");
      const worst = Math.max(...states.map((value, at) => Math.abs(value - right.states[at])));
      assert(worst < 1e-4, `the eager run's results stand; off by ${worst}`);
    });
  });
}

/** A device on which products are off by up to `error` of their values, otherwise each time. */
function inexact(error: () => number): (run: Binding["run"]) => Binding["run"] {
  let state = 1;
  const noise = () => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
    return state / 2 ** 31;
  };
  return (run) =>
    function (this: Binding, ...args) {
      const outputs = run.apply(this, args);
      if (args[0] !== "MatMul" && args[0] !== "BatchMatMulV2") return outputs;
      const shape = this.shapeOf(outputs[0]);
      const values = (this.values(outputs[0]) as Float32Array)
        .map((value) => value * (1 + error() * noise()));
      this.api.TFE_DeleteTensorHandle(outputs[0]);
      return [this.newHandle(shape, 1, values)];
    };
}

Deno.test("a device whose eager runs differ as much is not exact, and the step is compiled", async () => {
  await replacing(binding, "run", inexact(() => 0.03), async () => {
    const { warnings, report } = await trained("momentum");
    assertEquals([warnings, report.mode], [[], "compiled"]);
    assert(report.largestDifference > 2e-3, String(report.largestDifference));
    assert(report.allowedDifference >= report.largestDifference, String(report.allowedDifference));
  });
});

Deno.test("a difference that no other eager run has leaves the step eager", async () => {
  const whileRecording = inexact(() => binding.observer === null ? 0 : 0.03);
  await replacing(binding, "run", whileRecording, async () => {
    const { warnings, report } = await trained("momentum");
    assertEquals([warnings.length, report.mode], [1, "eager"]);
    assertStringIncludes(warnings[0], "compiled and eager results differ");
  });
});

Deno.test("an optimizer that a learner wrote by assignments is compiled, small gradients and all", async () => {
  // A key's bias has no gradient but rounding, of which Adam makes steps of full size.
  const random = new Random(8);
  const width = 8;
  const [query, key] = [0, 1].map(() => tf.variable(random.normal([width, width])));
  const bias = tf.variable(tf.zeros([width]));
  const parameters = [query, key, bias];
  const moments = parameters.map((each) => [0, 1].map(() => tf.variable(tf.zerosLike(each))));
  const step = compile((x: tf.Tensor2D) => {
    const { value, gradients } = ops.valueAndGradients(() => {
      const keys = tf.add(tf.matMul(x, key as tf.Tensor2D), bias) as tf.Tensor2D;
      const scores = tf.matMul(tf.matMul(x, query as tf.Tensor2D), keys, false, true);
      return tf.mean(tf.square(tf.matMul(tf.softmax(scores), x))) as tf.Scalar;
    }, parameters);
    parameters.forEach((parameter, index) => {
      const [first, second] = moments[index];
      first.assign(tf.add(tf.mul(first, 0.9), tf.mul(gradients[index], 0.1)));
      second.assign(tf.add(tf.mul(second, 0.999), tf.mul(tf.square(gradients[index]), 0.001)));
      const direction = tf.div(tf.div(first, 0.1), tf.add(tf.sqrt(tf.div(second, 0.001)), 1e-8));
      parameter.assign(tf.sub(parameter, tf.mul(direction, 0.01)));
    });
    return value;
  });
  const x = random.normal([6, width]) as tf.Tensor2D;
  const warnings = await withWarnings(async () => {
    for (let call = 0; call < 3; call++) await step(x);
  });
  assertEquals([warnings, step.reports()[0].mode], [[], "compiled"]);
});

/** A compiled run that puts other numbers in the place of one result's. */
const resultOf = (at: number, values: readonly number[]) => (run: Binding["runInBackground"]) =>
  async function (this: Binding, ...args: Parameters<typeof run>) {
    const handles = await run.apply(this, args);
    const shape = this.shapeOf(handles[at]);
    this.api.TFE_DeleteTensorHandle(handles[at]);
    return handles.with(at, this.newHandle(shape, 1, Float32Array.from(values)));
  };

for (const at of [0, 1, 2]) {
  Deno.test(`a NaN that the step itself does not give is found, in result ${at} of three`, async () => {
    const values = Array.from({ length: 40 }, (_, each) => each === 21 ? NaN : 1);
    await replacing(binding, "runInBackground", resultOf(at, values), async () => {
      const step = compile((x: tf.Tensor1D) => [x, x, x].map((each) => tf.square(each)), {
        name: "my step",
      });
      const warnings = await withWarnings(async () => {
        const results = await step(tf.ones([40]));
        assertEquals(results.map(flatValues), Array(3).fill(Array(40).fill(1)));
      });
      assertEquals([warnings.length, step.reports()[0].mode], [1, "eager"]);
      assertStringIncludes(warnings[0], "compiled and eager results differ");
    });
  });
}

for (const beyond of [NaN, Infinity, -Infinity]) {
  const found = async (values: readonly number[]) => {
    const step = compile((x: tf.Tensor1D) => [tf.square(x), tf.mul(x, beyond)], {
      name: "my step",
    });
    let warnings: string[] = [];
    await replacing(binding, "runInBackground", resultOf(1, values), async () => {
      warnings = await withWarnings(async () => void await step(tf.tensor1d([1, 2, 0])));
    });
    return { warnings, mode: step.reports()[0].mode };
  };

  Deno.test(`numbers where the step itself gives ${beyond} are found`, async () => {
    const { warnings, mode } = await found([1, 2, 0]);
    assertEquals([warnings.length, mode], [1, "eager"]);
    assertStringIncludes(warnings[0], "compiled and eager results differ");
  });

  Deno.test(`a step that gives ${beyond} is compiled, wherever a NaN reaches`, async () => {
    assertEquals(await found([NaN, 2, 0]), { warnings: [], mode: "compiled" });
  });
}
