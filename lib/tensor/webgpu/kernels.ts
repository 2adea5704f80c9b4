/** Kernels on the graphics card: tfjs's, and what Tessera's own kernels for WASM are there, composed of tfjs's. */
import * as tf from "tfjs";
import { withExplicitPadding } from "../explicit_padding.ts";
import type { GpuBackend } from "./device.ts";

type Info = tf.TensorInfo;
// deno-lint-ignore no-explicit-any
type Attributes = any;

/** Kernels of tfjs that read values of the card at once, or have wrong ones (as on WASM). */
const excluded = new Set([
  ...["GatherNd", "NonMaxSuppressionV3", "NonMaxSuppressionV5", "SparseToDense", "StringNGrams"],
  ...["TopK", "Transform", "MaxPool3D", "AvgPool3D", "AvgPool3DGrad"],
]);

/** Inputs that are numbers, which the host knows when the kernel is called. */
export const numbersOf: Record<string, readonly string[]> = {
  TesseraAdam: ["learningRate", "firstCorrection", "secondCorrection"],
};

export function hasKernel(name: string): boolean {
  return name in composed || !excluded.has(name) && tf.getKernel(name, "webgpu") !== undefined;
}

/** Several kernels as one: what they make on the way is freed. */
export class Composition {
  readonly #backend: GpuBackend;
  readonly #numbers: Map<number, Info>;
  readonly #made: Info[] = [];

  /** `numbers`: scalars on the card, for all compositions of a run. */
  constructor(backend: GpuBackend, numbers: Map<number, Info>) {
    this.#backend = backend;
    this.#numbers = numbers;
  }

  runAll(
    name: string,
    inputs: Record<string, Info> | Info[],
    attributes: Attributes = {},
  ): Info[] {
    const { kernelFunc } = tf.getKernel(name, "webgpu");
    const outputs = kernelFunc({
      inputs: inputs as tf.NamedTensorInfoMap,
      attrs: withExplicitPadding(attributes),
      backend: this.#backend,
    });
    const all = [outputs].flat() as Info[];
    this.#made.push(...all);
    return all;
  }

  run(name: string, inputs: Record<string, Info> | Info[], attributes?: Attributes): Info {
    return this.runAll(name, inputs, attributes)[0];
  }

  /** A binary op of two tensors, or of a tensor and a number. */
  pair(name: string, a: Info | number, b: Info | number): Info {
    const [left, right] = [a, b].map((each) =>
      typeof each === "number" ? this.#number(each) : each
    );
    return this.run(name, { a: left, b: right });
  }

  add = (a: Info | number, b: Info | number): Info => this.pair("Add", a, b);
  sub = (a: Info | number, b: Info | number): Info => this.pair("Sub", a, b);
  mul = (a: Info | number, b: Info | number): Info => this.pair("Multiply", a, b);
  div = (a: Info | number, b: Info | number): Info => this.pair("RealDiv", a, b);
  reshape = (x: Info, shape: number[]): Info => this.run("Reshape", { x }, { shape });
  sum = (x: Info, axis: number): Info => this.run("Sum", { x }, { axis: [axis], keepDims: true });
  mean = (x: Info, axis: number): Info => this.run("Mean", { x }, { axis: [axis], keepDims: true });

  #number(value: number): Info {
    const known = this.#numbers.get(value);
    if (known) return known;
    const made = this.#backend.makeTensorInfo([], "float32", Float32Array.of(value));
    this.#numbers.set(value, made);
    return made;
  }

  /** Frees all but these. */
  give(results: Info[]): Info[] {
    const kept = new Set(results);
    for (const each of this.#made) if (!kept.has(each)) this.#backend.disposeData(each.dataId);
    return results;
  }
}

/** Runs a kernel on the card. The results are the caller's. */
export function runOnCard(
  backend: GpuBackend,
  numbers: Map<number, Info>,
  name: string,
  inputs: Record<string, Info> | Info[],
  attributes: Attributes,
): Info[] {
  const composition = new Composition(backend, numbers);
  const own = composed[name];
  if (own) return composition.give(own(composition, inputs as Record<string, Info>, attributes));
  if (name === "BatchMatMul") inputs = alike(composition, inputs as Record<string, Info>);
  return composition.give(composition.runAll(name, inputs, attributes));
}

/** Factors whose batches are of one shape, as tfjs's products need them. */
function alike(composition: Composition, { a, b }: Record<string, Info>): Record<string, Info> {
  const [left, right] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const isPlain = [left, right].some((batch) => tf.util.sizeFromShape(batch) === 1);
  if (isPlain || tf.util.arraysEqual(left, right)) return { a, b };
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(left, right);
  const whole = (x: Info) => {
    const shape = [...Array(batch.length + 2 - x.shape.length).fill(1), ...x.shape];
    const reps = shape.map((size, axis) => axis < batch.length && size === 1 ? batch[axis] : 1);
    return composition.run("Tile", { x: composition.reshape(x, shape) }, { reps });
  };
  return { a: whole(a), b: whole(b) };
}

/** As `[rows, width]`, by the last axis. */
function rowsOf(composition: Composition, x: Info): Info {
  const width = x.shape.at(-1) ?? 1;
  return composition.reshape(x, [tf.util.sizeFromShape(x.shape) / width, width]);
}

/** Φ(x), the normal distribution's share below x. */
function normalShare(c: Composition, x: Info): Info {
  return c.mul(c.add(c.run("Erf", { x: c.mul(x, Math.SQRT1_2) }), 1), 0.5);
}

/** What `wasm_ops.ts` has as single kernels, and what tfjs's do not do for all that comes. */
const composed: Record<
  string,
  (composition: Composition, inputs: Record<string, Info>, attributes: Attributes) => Info[]
> = {
  // tfjs's binds more tensors at once than most cards take.
  AddN: (c, inputs) => {
    const [first, ...others] = inputs as unknown as Info[];
    return [others.reduce((sum, each) => c.add(sum, each), c.reshape(first, first.shape))];
  },
  TesseraGelu: (c, { x }) => [c.mul(x, normalShare(c, x))],
  TesseraGeluGradient: (c, { dy, x }) => {
    const exponent = c.mul(c.mul(x, x), -0.5);
    const density = c.mul(c.run("Exp", { x: exponent }), 1 / Math.sqrt(2 * Math.PI));
    return [c.mul(dy, c.add(normalShare(c, x), c.mul(x, density)))];
  },
  TesseraMasked: (c, { x, mask }, { scale }) => [
    c.mul(c.mul(x, c.run("Cast", { x: mask }, { dtype: "float32" })), scale),
  ],
  TesseraSoftmax: (c, { x }) => [
    c.reshape(c.run("Softmax", { logits: rowsOf(c, x) }, { dim: 1 }), x.shape),
  ],
  TesseraSoftmaxGradient: (c, { dy, y }) => {
    const slopes = rowsOf(c, dy), values = rowsOf(c, y);
    const along = c.sum(c.mul(slopes, values), 1);
    return [c.reshape(c.mul(c.sub(slopes, along), values), y.shape)];
  },
  TesseraLayerNorm: (c, { x, scale, shift }, { epsilon }) => {
    const rows = rowsOf(c, x), mean = c.mean(rows, 1);
    const centred = c.sub(rows, mean);
    const variance = c.mean(c.mul(centred, centred), 1);
    const inverse = c.run("Rsqrt", { x: c.add(variance, epsilon) });
    const y = c.add(c.mul(c.mul(centred, inverse), scale), shift);
    return [c.reshape(y, x.shape), c.run("Concat", [mean, inverse], { axis: 1 })];
  },
  TesseraLayerNormGradient: (c, { dy, x, scale, statistics }) => {
    const slopes = rowsOf(c, dy), rows = rowsOf(c, x), [height, width] = rows.shape;
    const column = (at: number) =>
      c.run("Slice", { x: statistics }, { begin: [0, at], size: [height, 1] });
    const [mean, inverse] = [column(0), column(1)];
    const normal = c.mul(c.sub(rows, mean), inverse);
    const scaled = c.mul(slopes, scale);
    const across = c.sub(scaled, c.mean(scaled, 1));
    const along = c.mul(normal, c.mean(c.mul(scaled, normal), 1));
    const flat = (total: Info) => c.reshape(total, [width]);
    return [
      c.reshape(c.mul(c.sub(across, along), inverse), x.shape),
      flat(c.sum(c.mul(slopes, normal), 0)),
      flat(c.sum(slopes, 0)),
    ];
  },
  TesseraLinear: (c, { x, weight, bias }) => {
    const plain = { transposeA: false, transposeB: false };
    return [c.add(c.run("BatchMatMul", { a: x, b: weight }, plain), bias)];
  },
  TesseraAdam: (c, { parameter, first, second, gradient }, attributes) => {
    const { beta1, beta2, epsilon, weightDecay, learningRate } = attributes;
    const { firstCorrection, secondCorrection } = attributes;
    const moment = c.add(c.mul(first, beta1), c.mul(gradient, 1 - beta1));
    const square = c.mul(gradient, gradient);
    const squares = c.add(c.mul(second, beta2), c.mul(square, 1 - beta2));
    const root = c.run("Sqrt", { x: squares });
    const divisor = c.add(c.div(root, Math.sqrt(secondCorrection)), epsilon);
    const update = c.mul(c.div(moment, divisor), learningRate / firstCorrection);
    const decayed = c.mul(parameter, 1 - learningRate * weightDecay);
    return [c.sub(decayed, update), moment, squares];
  },
};
