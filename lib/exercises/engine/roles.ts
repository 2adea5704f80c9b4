/** Which parameters of two modules do the same work, whatever their names and their order. */
import * as tf from "../../tensor/tf.ts";
import { atEnd } from "../../platform/kernel_door.ts";
import type { Module } from "../../nn/module.ts";
import { BatchNorm2d } from "../../nn/normalization.ts";
import { close } from "./compare.ts";
import { given } from "./given.ts";
import { sample } from "./samples.ts";
import { steps as tracedSteps } from "./trace.ts";

/** A pairing by what the parameters do: the learner's path for each path of the library's. */
export type Roles = ReadonlyMap<string, string>;

/** A shape without its axes of size 1, by which parameters are compared. */
export function squeezed(shape: readonly number[]): string {
  return shape.filter((size) => size !== 1).join("×");
}

/**
 * Pairs the parameters of two modules by the gradient that reaches each of them. For this all parameters of
 * one shape get one value: then the modules give the same however they are paired, if they compute the same,
 * and two parameters have one gradient where they do the same work. `undefined` where the modules give
 * something else, so that they compute something else. The values that the parameters had are put back.
 */
export function rolesByGradient(
  { ours, theirs, input }: { ours: Module; theirs: Module; input: tf.Tensor },
): Roles | undefined {
  const modules = [ours, theirs];
  const training = modules.map((module) => module.training);
  const parameters = modules.flatMap((module) => [...module.namedParameters().values()]);
  const norms = modules.flatMap((module) =>
    [...module.namedModules().values()].filter((each) => each instanceof BatchNorm2d)
  );
  const statistics = norms.flatMap((norm) => [norm.runningMean, norm.runningVariance]);
  const variables = [...parameters, ...statistics];
  let roles: Roles | undefined;
  tf.tidy(() => {
    const before = variables.map((variable) => variable.clone());
    const end = atEnd(() => {
      variables.forEach((variable, index) => variable.assign(before[index]));
      modules.forEach((module, index) => module.setTraining(training[index]));
    });
    try {
      for (const module of modules) module.setTraining(false);
      fillByShape(variables);
      const output = theirs.forward(input);
      if (!close(ours.forward(given(input)), output, 1e-3)) return;
      const [our, their] = modules.map((module) => gradientsOf(module, input));
      roles = pairByGradient(our, their);
    } catch {
      // It does not even run, which the check will say.
    } finally {
      end();
    }
  });
  return roles;
}

/** One value for all variables of a shape. */
function fillByShape(variables: readonly tf.Variable[]): void {
  const shapes = [...new Set(variables.map(({ shape }) => squeezed(shape)))].sort();
  for (const variable of variables) {
    const seed = 61 + shapes.indexOf(squeezed(variable.shape));
    // Not about zero: scales of normalisations are among them.
    const low = variable.shape.filter((size) => size !== 1).length > 1 ? -0.6 : 0.2;
    variable.assign(sample(variable.shape, { seed, low, high: 0.9 }));
  }
}

/** The gradients that reach a module's parameters, by their paths, of some weighted sum of what it gives. */
export function gradientsOf(module: Module, input: tf.Tensor): Map<string, Float32Array> {
  const parameters = [...module.namedParameters()];
  const { grads } = tf.variableGrads(() => {
    const output = module.forward(given(input));
    return tf.sum(tf.mul(output, sample(output.shape, { seed: 7 }))) as tf.Scalar;
  }, parameters.map(([, variable]) => variable));
  return new Map(parameters.flatMap(([path, variable]) => {
    const gradient = grads[variable.name] as tf.Tensor | null;
    return gradient ? [[path, gradient.dataSync() as Float32Array]] : [];
  }));
}

/** Gradients that differ by a smaller share than this are one. */
const tolerance = 1e-3;

function pairByGradient(
  ours: ReadonlyMap<string, Float32Array>,
  theirs: ReadonlyMap<string, Float32Array>,
): Roles {
  const largest = Math.max(...[...theirs.values()].map(magnitude));
  const paired = new Map<string, string>();
  const free = new Set(ours.keys());
  const pair = (libraryPath: string, path: string) => {
    paired.set(libraryPath, path);
    free.delete(path);
  };
  const parent = (path: string) => path.slice(0, Math.max(path.lastIndexOf("."), 0));
  /** Whether a parameter lies where its neighbours of the library's have gone: a bias beside its weight. */
  const isAtHome = (path: string, libraryPath: string) =>
    [...paired].some(([each, home]) =>
      parent(each) === parent(libraryPath) && parent(home) === parent(path)
    );
  const candidates = (libraryPath: string) => {
    const gradient = theirs.get(libraryPath)!;
    // Without a true gradient, as a key's bias is, rounding would decide.
    const isClear = magnitude(gradient) > 1e-4 * largest;
    return [...free].filter((path) => {
      const own = ours.get(path)!;
      return own.length === gradient.length && (!isClear || distance(own, gradient) < tolerance);
    });
  };
  // First where there is no choice; two shifts of summands, for example, have one gradient.
  for (const libraryPath of theirs.keys()) {
    const fitting = candidates(libraryPath);
    if (fitting.length === 1) pair(libraryPath, fitting[0]);
  }
  for (const libraryPath of theirs.keys()) {
    if (paired.has(libraryPath)) continue;
    const fitting = candidates(libraryPath);
    const path = fitting.find((each) => isAtHome(each, libraryPath)) ??
      fitting.find((each) => each === libraryPath) ?? fitting[0];
    if (path !== undefined) pair(libraryPath, path);
  }
  return paired;
}

const magnitude = (values: Float32Array) =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/** How far two gradients are from each other, as a share of the larger one; of other sizes, infinitely. */
function distance(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum) / Math.max(magnitude(a), magnitude(b), 1e-30);
}

/**
 * The paths of a module's parameters in the order in which a forward pass uses them; those that it does not
 * use come last.
 */
export function orderOfUse(module: Module, input: tf.Tensor): string[] {
  const paths = new Map([...module.namedParameters()].map(([path, { id }]) => [id, path]));
  const { steps } = tracedSteps(() => module.forward(given(input)));
  const used = new Set(
    steps.flatMap(({ inputs }) => inputs.flatMap(({ id }) => paths.get(id) ?? [])),
  );
  return [...used, ...[...paths.values()].filter((path) => !used.has(path))];
}

/** Pairs the parameters of each shape in the order in which the modules' forward passes use them. */
export function rolesByUse(
  { ours, theirs, input }: { ours: Module; theirs: Module; input: tf.Tensor },
): Roles {
  const training = [ours, theirs].map((module) => module.training);
  for (const module of [ours, theirs]) module.setTraining(false);
  const [our, their] = [ours, theirs].map((module) => {
    const parameters = module.namedParameters();
    return Map.groupBy(
      orderOfUse(module, input),
      (path) => squeezed(parameters.get(path)!.shape),
    );
  });
  [ours, theirs].forEach((module, index) => module.setTraining(training[index]));
  return new Map(
    [...their].flatMap(([shape, libraryPaths]) =>
      libraryPaths.flatMap((libraryPath, index) => {
        const path = our.get(shape)?.[index];
        return path === undefined ? [] : [[libraryPath, path] as const];
      })
    ),
  );
}

/** Whether two parameters hold as many values along each axis, axes of size 1 apart. */
export function sameValues(ours: tf.Variable, theirs: tf.Variable): boolean {
  return squeezed(ours.shape) === squeezed(theirs.shape);
}
