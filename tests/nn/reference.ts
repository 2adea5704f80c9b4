import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { valueAndGradients } from "../../lib/tensor/ops.ts";
import type { Module } from "../../lib/nn/module.ts";

interface Values {
  shape: number[];
  values: number[];
}

/** A module with one input, as PyTorch computes it (see tests/reference/common.py). */
export interface Case {
  input: Values;
  cotangent: Values;
  parameters: Record<string, Values>;
  output: Values;
  inputGradient: Values;
  parameterGradients: Record<string, Values>;
  buffers?: Record<string, Values>;
  buffersAfter?: Record<string, Values>;
}

/** A model whose parameters are noise, as PyTorch computes it (see tests/reference/common.py). */
export interface FilledCase {
  input: number[];
  parameters: Record<string, number[]>;
  output: Values;
  projections: Values;
  norms: Values;
}

/** The cases of a file in tests/reference. */
// deno-lint-ignore no-explicit-any
export function readCases(file: string): Record<string, any> {
  return JSON.parse(Deno.readTextFileSync(new URL(`../reference/${file}`, import.meta.url)));
}

/** Fails unless shapes are equal and values differ by no more than `tolerance` times the largest. */
export function assertClose(actual: tf.Tensor, expected: Values, name: string, tolerance = 2e-5) {
  assertEquals(actual.shape, expected.shape, `${name}: shape`);
  const values = actual.dataSync();
  const scale = Math.max(1, ...expected.values.map(Math.abs));
  let worst = 0;
  expected.values.forEach((value, index) => {
    worst = Math.max(worst, Math.abs(values[index] - value));
    assert(Number.isFinite(values[index]), `${name}: value ${index} is ${values[index]}`);
  });
  assert(worst <= tolerance * scale, `${name}: off by ${worst} where values reach ${scale}`);
}

function assign(variables: Map<string, tf.Variable>, given: Record<string, Values>) {
  assertEquals([...variables.keys()].sort(), Object.keys(given).sort());
  for (const [path, { values, shape }] of Object.entries(given)) {
    assertEquals(variables.get(path)!.shape, shape, path);
    const tensor = tf.tensor(values, shape);
    variables.get(path)!.assign(tensor);
    tensor.dispose();
  }
}

/**
 * Gives the module the case's parameters and compares output, gradients and buffers; also that
 * forward and backward pass leave no tensor behind.
 */
export function assertAsReference(module: Module, expected: Case, tolerance?: number) {
  const parameters = module.namedParameters();
  const buffers = new Map([...module.namedVariables()].filter(([path]) => !parameters.has(path)));
  assign(parameters, expected.parameters);
  if (expected.buffers) assign(buffers, expected.buffers);

  const input = tf.variable(tf.tensor(expected.input.values, expected.input.shape));
  const cotangent = tf.tensor(expected.cotangent.values, expected.cotangent.shape);
  const before = tf.memory().numTensors;
  let output: tf.Tensor | undefined;
  const { value, gradients } = valueAndGradients(() => {
    const y = module.forward(input);
    output = tf.keep(tf.clone(y));
    return tf.sum(tf.mul(y, cotangent));
  }, [input, ...parameters.values()]);
  assertClose(output!, expected.output, "output", tolerance);
  assertClose(gradients[0], expected.inputGradient, "gradient of the input", tolerance);
  [...parameters.keys()].forEach((path, index) => {
    const gradient = gradients[index + 1];
    assertClose(gradient, expected.parameterGradients[path], `gradient of ${path}`, tolerance);
  });
  for (const [path, values] of Object.entries(expected.buffersAfter ?? {})) {
    assertClose(buffers.get(path)!, values, `${path} afterwards`, tolerance);
  }
  output!.dispose();
  value.dispose();
  gradients.forEach((gradient) => gradient.dispose());
  assertEquals(tf.memory().numTensors, before, "tensors left behind");

  input.dispose();
  cotangent.dispose();
  module.dispose();
}

/** The same numbers in [−1, 1) as in tests/reference/common.py. */
export function noise(shape: number[], phase: number): tf.Tensor {
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, index) => {
    const x = Math.sin(index * 12.9898 + phase * 78.233) * 43758.5453;
    return 2 * (x - Math.floor(x)) - 1;
  });
  return tf.tensor(values, shape);
}

/** Fills the model with the case's noise and compares output and gradients. */
export function assertAsFilled(model: Module, expected: FilledCase, tolerance = 1e-4) {
  const named = model.namedParameters();
  const paths = Object.keys(expected.parameters);
  assertEquals([...named.keys()].sort(), paths);
  const parameters = paths.map((path) => named.get(path)!);
  assertEquals(parameters.map((each) => each.shape), Object.values(expected.parameters));
  tf.tidy(() => {
    parameters.forEach((parameter, phase) => {
      const { shape } = parameter;
      const values = noise(shape, phase);
      const shift = paths[phase].endsWith("scale") ? 1 : 0;
      const scale = Math.sqrt(3 / tf.util.sizeFromShape(shape.slice(0, -1)));
      parameter.assign(
        shape.length === 1 ? tf.add(tf.mul(values, 0.2), shift) : tf.mul(values, scale),
      );
    });
    const images = noise(expected.input, 1000);
    const cotangent = noise(expected.output.shape, 1001);
    let output: tf.Tensor;
    const { gradients } = valueAndGradients(() => {
      output = tf.keep(model.forward(images));
      return tf.sum(tf.mul(output, cotangent));
    }, parameters);
    assertClose(output!, expected.output, "output", tolerance);
    output!.dispose();
    const norms = gradients.map((gradient) => tf.norm(gradient).dataSync()[0]);
    paths.forEach((path, index) => {
      const probe = noise(gradients[index].shape, 2000 + index);
      const projection = tf.sum(tf.mul(gradients[index], probe)).dataSync()[0];
      const norm = expected.norms.values[index];
      const slack = 20 * tolerance * Math.max(norm, tolerance);
      const wanted = expected.projections.values[index];
      assertAlmostEquals(norms[index], norm, slack, `norm of the gradient of ${path}`);
      assertAlmostEquals(projection, wanted, slack, `direction of the gradient of ${path}`);
    });
  });
}
