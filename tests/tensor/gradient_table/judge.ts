/** Holds an op's gradients against TensorFlow's, and against central differences. */
import { compile } from "../../../lib/tensor/compile.ts";
import * as tf from "../../../lib/tensor/tf.ts";
import { type Case, type Compute, sizeOf, uniform, valuesOf, weightsOf } from "./cases.ts";

/** How gradients of an op are judged. */
export interface Entry {
  compute: Compute;
  /** By how much values move for a difference. */
  step?: number;
  /** What a difference may be off by, relative to the gradient. */
  tolerance?: number;
  /** What float32 may be off by from TensorFlow's gradient, where that is more than elsewhere. */
  rounding?: number;
  /** Why a difference says nothing. */
  withoutDifferences?: string;
  /** Why there is no second derivative. */
  withoutSecond?: string;
  /** Why a step with it is not compiled. */
  withoutCompiled?: string;
}

export const defaultStep = 2 ** -7;
export const defaultTolerance = 5e-3;
/** What float32 may be off by from TensorFlow's float64, relative to the largest value. */
const defaultRounding = 2e-4;

/** `missing`: it throws. */
export type Verdict = "right" | "missing" | "wrong";

export interface Judgement {
  verdict: Verdict;
  /** What is wrong or was thrown; empty where all is right. */
  reason: string;
}

const right: Judgement = { verdict: "right", reason: "" };
const wrong = (reason: string): Judgement => ({ verdict: "wrong", reason });
const missing = (error: unknown): Judgement => ({
  verdict: "missing",
  reason: error instanceof Error ? error.message : String(error),
});

/** Tidies up after a judgement; what throws is missing. */
function judged(judge: () => Judgement): Judgement {
  let judgement = right;
  tf.tidy(() => {
    try {
      judgement = judge();
    } catch (error) {
      judgement = missing(error);
    }
  });
  return judgement;
}

/** A case with its tensors, ready to be computed. */
class Problem {
  readonly #given: { values: number[]; shape: number[]; dtype: tf.DataType }[];
  /** Which inputs are differentiated. */
  readonly places: number[];

  constructor(readonly example: Case, readonly compute: Compute) {
    this.#given = example.inputs.map((_, index) => valuesOf(example, index));
    this.places = example.gradients.flatMap((gradient, index) => gradient === null ? [] : [index]);
  }

  get shapes(): number[][] {
    return this.places.map((place) => this.#given[place].shape);
  }

  /** Tensors of the differentiated inputs, moved along directions. */
  tensors(directions?: number[][], by = 0): tf.Tensor[] {
    return this.places.map((place, index) => {
      const { values, shape } = this.#given[place];
      const moved = directions === undefined
        ? values
        : values.map((value, at) => value + by * directions[index][at]);
      return tf.tensor(moved, shape, "float32");
    });
  }

  /** The outputs, complex ones as two. */
  outputs(xs: tf.Tensor[]): tf.Tensor[] {
    const inputs = this.#given.map(({ values, shape, dtype }, index) => {
      const place = this.places.indexOf(index);
      return place >= 0 ? xs[place] : tf.tensor(values, shape, dtype);
    });
    return [this.compute(inputs, this.example.attributes)].flat().flatMap((y) =>
      y.dtype === "complex64" ? [tf.real(y), tf.imag(y)] : [y]
    );
  }

  /** The sum of the outputs times their weights; it holds on to inputs that it does not depend on. */
  objective(xs: tf.Tensor[]): tf.Scalar {
    const sums = this.outputs(xs).map((y, index) => {
      const weights = tf.tensor(weightsOf(this.example, index, y.size), y.shape);
      return tf.sum(tf.mul(tf.cast(y, "float32"), weights));
    });
    return tf.addN([...sums, ...xs.map((x) => tf.sum(tf.mul(x, 0)))]) as tf.Scalar;
  }

  gradients(xs: tf.Tensor[]): tf.Tensor[] {
    return tf.grads((...given: tf.Tensor[]) => this.objective(given))(xs);
  }

  /** The objective in double precision. */
  value(xs: tf.Tensor[]): number {
    return tf.tidy(() =>
      this.outputs(xs).reduce((sum, y, index) => {
        const weights = weightsOf(this.example, index, y.size);
        return sum + inner(Array.from(y.dataSync()), weights);
      }, 0)
    );
  }

  /** A random direction for each input. */
  directions(seed: string): number[][] {
    const { name, number } = this.example;
    return this.shapes.map((shape, index) =>
      uniform(`${name}/${number}/${seed}${index}`, sizeOf(shape)).map((share) => 2 * share - 1)
    );
  }
}

const inner = (a: number[], b: number[]) => a.reduce((sum, value, at) => sum + value * b[at], 0);
const numbers = (tensors: tf.Tensor[]) => tensors.map((tensor) => Array.from(tensor.dataSync()));

/** Whether two numbers are as near as `tolerance` of `scale`, or of 1. */
const isNear = (a: number, b: number, tolerance: number, scale: number) =>
  Math.abs(a - b) <= tolerance * Math.max(1, scale);

/** Compares with what TensorFlow gave. */
function compared(example: Case, found: number[][], rounding = defaultRounding): Judgement {
  const expected = example.gradients.filter((gradient) => gradient !== null);
  for (const [index, gradient] of expected.entries()) {
    const scale = Math.max(...gradient.map(Math.abs), 0);
    for (const [at, value] of gradient.entries()) {
      if (isNear(found[index][at], value, rounding, scale)) continue;
      return wrong(
        `case ${example.number}: input ${index}, value ${at} is ${found[index][at]}, not ${value}`,
      );
    }
  }
  return right;
}

/** Value and gradients against TensorFlow's. */
export function againstTensorFlow(example: Case, entry: Entry): Judgement {
  const { compute, rounding = defaultRounding } = entry;
  return judged(() => {
    const problem = new Problem(example, compute);
    const value = problem.value(problem.tensors());
    if (!isNear(value, example.value, rounding, Math.abs(example.value))) {
      return wrong(`case ${example.number}: the value is ${value}, not ${example.value}`);
    }
    return compared(example, numbers(problem.gradients(problem.tensors())), rounding);
  });
}

/** The gradients of a compiled step against TensorFlow's; on native TensorFlow alone. */
export async function compiledAgainstTensorFlow(
  example: Case,
  { compute, rounding }: Entry,
): Promise<Judgement> {
  const problem = new Problem(example, compute);
  // Above 1, so that what is nothing but rounding is not compared by its own size.
  const lift = 1;
  const step = compile(
    (...xs: tf.Tensor[]) => problem.gradients(xs).map((gradient) => tf.add(gradient, lift)),
    { name: example.name },
  );
  const xs = problem.tensors();
  try {
    tf.dispose(await step(...xs));
    const outputs = await step(...xs);
    const gradients = numbers(outputs).map((values) => values.map((value) => value - lift));
    const judgement = compared(example, gradients, rounding);
    tf.dispose(outputs);
    const [{ mode, reason }] = step.reports();
    return mode === "compiled" ? judgement : missing(new Error(`not compiled: ${reason}`));
  } catch (error) {
    return missing(error);
  } finally {
    tf.dispose(xs);
    step.dispose();
  }
}

/** The slope along a random direction against the difference of two values on it. */
export function againstDifferences(example: Case, entry: Entry): Judgement {
  const { compute, step = defaultStep, tolerance = defaultTolerance } = entry;
  return judged(() => {
    const problem = new Problem(example, compute);
    const directions = problem.directions("v");
    const gradients = numbers(problem.gradients(problem.tensors()));
    const parts = gradients.map((gradient, index) => inner(gradient, directions[index]));
    const at = (by: number) => problem.value(problem.tensors(directions, by));
    const difference = (at(step) - at(-step)) / (2 * step);
    return slopes(example, parts, difference, tolerance);
  });
}

function slopes(example: Case, parts: number[], difference: number, tolerance: number): Judgement {
  const slope = parts.reduce((sum, part) => sum + part, 0);
  const scale = Math.max(Math.abs(difference), ...parts.map(Math.abs));
  return isNear(slope, difference, tolerance, scale)
    ? right
    : wrong(`case ${example.number}: the slope is ${slope}, the difference ${difference}`);
}

/** The same of the gradients' own gradients, along another direction. */
export function secondAgainstDifferences(example: Case, entry: Entry): Judgement {
  const { compute, step = defaultStep, tolerance = defaultTolerance } = entry;
  return judged(() => {
    const problem = new Problem(example, compute);
    const directions = problem.directions("v"), weights = problem.directions("u");
    const slope = (...xs: tf.Tensor[]) => {
      const products = problem.gradients(xs).map((gradient, index) =>
        tf.sum(tf.mul(gradient, tf.tensor(weights[index], gradient.shape)))
      );
      return tf.addN([...products, ...xs.map((x) => tf.sum(tf.mul(x, 0)))]) as tf.Scalar;
    };
    const gradients = numbers(tf.grads(slope)(problem.tensors()));
    const parts = gradients.map((gradient, index) => inner(gradient, directions[index]));
    const at = (by: number) =>
      numbers(problem.gradients(problem.tensors(directions, by)))
        .reduce((sum, gradient, index) => sum + inner(gradient, weights[index]), 0);
    const difference = (at(step) - at(-step)) / (2 * step);
    return slopes(example, parts, difference, tolerance);
  });
}
