/**
 * What a module begins with: values that the seed decides, another seed changes, and no two layers share. None of it
 * shows once both modules have got the same weights.
 */
import { Dropout } from "../../nn/dropout.ts";
import type { Module } from "../../nn/module.ts";
import { failure, shapeText, sizeOf } from "./check.ts";
import { number } from "./compare.ts";
import type { ParameterPair } from "./parameters.ts";

/** The first values of a module's parameters by their paths, and the keys of the dropouts that have an effect. */
export class Start {
  readonly values = new Map<string, Float32Array>();
  readonly keys = new Map<string, number>();

  /** Of a fresh module. */
  constructor(module: Module) {
    for (const [path, variable] of module.namedParameters()) {
      this.values.set(path, Float32Array.from(variable.dataSync()));
    }
    for (const [path, each] of module.namedModules()) {
      if (each instanceof Dropout && each.rate > 0) this.keys.set(path, each.random.seed);
    }
  }
}

/** A learner's module and the library's, each made from one seed and from another. */
export interface Starts {
  ours: Start;
  theirs: Start;
  /** From the other seed. */
  others: { ours: Start; theirs: Start };
}

/** Throws unless one seed gives one set of first values. */
export function assertSameStart(name: string, ours: Start, twin: Start): void {
  for (const [path, values] of ours.values) {
    const other = twin.values.get(path);
    if (other && isSame(values, other)) continue;
    throw failure(
      `${name}: the first values of \`${path}\` differ between two modules made from the same seed.`,
      "Likely cause: they are not drawn from `random` of the options. Use `random.normal(shape)` and pass " +
        "`{ random }` on to the parts.",
    );
  }
}

/** The gradients of a fresh module, by the paths of its parameters. */
export type FirstGradients = () => ReadonlyMap<string, Float32Array>;

/**
 * Throws where first values do not follow the seed, or where layers begin alike that should not. Without `gradients`, a
 * weight whose values are all the same is one.
 */
export function assertDrawn(
  name: string,
  pairs: readonly ParameterPair[],
  starts: Starts,
  gradients?: FirstGradients,
): void {
  for (const { path, libraryPath, theirs: { shape } } of pairs) {
    const [values, other] = [starts.ours, starts.others.ours].map((each) => each.values.get(path)!);
    const [right, otherRight] = [starts.theirs, starts.others.theirs]
      .map((each) => each.values.get(libraryPath)!);
    if (isSame(right, otherRight)) continue;
    if (isConstant(values)) {
      // A bias may begin with zeros; the units of a weight would all learn the same, unless what goes in or comes back
      // tells them apart, as where the last layer of a residual branch begins with zeros.
      if (!libraryPath.endsWith("weight") || shape.length < 2) continue;
      const mayBeZero = values[0] === 0 && gradients !== undefined;
      if (mayBeZero && areApart(gradients().get(path), shape.at(-1)!)) continue;
      throw failure(
        `${name}: the first values of \`${path}\` are all ${Number(values[0].toFixed(4))}.`,
        "Units that begin alike get the same gradient and stay alike. Draw them from `random` of the options.",
      );
    }
    if (other && isSame(values, other)) {
      throw failure(
        `${name}: the first values of \`${path}\` are the same whatever the seed is.`,
        ownSeed,
      );
    }
    if (libraryPath.endsWith("weight") && shape.length > 1 && isWide(values, shape)) {
      throw failure(
        `${name}: the first values of \`${path}\`, of shape ${
          shapeText(shape)
        }, have standard deviation ${number(deviationOf(values))}, which is too much.`,
        "Results grow with the number of inputs. Layers such as `Linear` draw from ±1 / √inputs.",
      );
    }
    if (new Set(values).size < 0.9 * new Set(right).size) {
      throw failure(
        `${name}: the first values of \`${path}\` repeat: some of its parts begin with the same ones.`,
        "Parts that begin alike learn the same. Draw values for the whole shape.",
      );
    }
  }
  const alike = firstAlike(pairs, starts);
  if (alike) {
    const [one, other] = alike.map(({ path }) => path);
    throw failure(
      `${name}: \`${one}\` and \`${other}\` begin with the same values.`,
      sameSeed,
    );
  }
  assertOwnStreams(name, starts);
}

/** Whether a gradient is another one for each unit, the last axis of its weight. */
function areApart(gradient: Float32Array | undefined, units: number): boolean {
  if (!gradient || units < 2) return false;
  const ofUnit = (unit: number) => gradient.filter((_, index) => index % units === unit);
  const first = ofUnit(0);
  return Array.from({ length: units - 1 }, (_, index) => ofUnit(index + 1)).every((each) =>
    each.some((value, index) => Math.abs(value - first[index]) > 1e-6 * (1 + Math.abs(value)))
  );
}

/**
 * Throws where a norm's scale does not begin with 1, or its shift with 0. A scale of zero that a gradient reaches is
 * right too: with it a residual block begins as its shortcut ("Accurate, Large Minibatch SGD", arXiv 1706.02677). The
 * pairs must be those by what the parameters do.
 */
export function assertNormsNeutral(
  name: string,
  pairs: readonly ParameterPair[],
  { ours, theirs }: Omit<Starts, "others">,
  gradients: FirstGradients,
): void {
  for (const { path, libraryPath } of pairs) {
    const kind = /(?:^|\.)(scale|shift)$/.exec(libraryPath)?.[1];
    const [values, right] = [ours.values.get(path)!, theirs.values.get(libraryPath)!];
    if (!kind || isSame(values, right)) continue;
    const isZero = kind === "scale" && values.every((value) => value === 0);
    if (isZero && gradients().get(path)?.some((value) => Math.abs(value) > 1e-6)) continue;
    throw failure(
      `${name}: the first values of \`${path}\` are ${
        isConstant(values) ? number(values[0]) : "not the same everywhere"
      }, but should be ${right[0]}.`,
      `A norm's ${kind} begins with ${right[0]}, so that it changes nothing yet.`,
    );
  }
}

/**
 * Whether a weight begins with values that make what goes through it grow. The widest rule in use has a standard
 * deviation of √2 / √n, for n inputs or outputs; draws from a standard normal distribution are beyond it.
 */
function isWide(values: Float32Array, shape: readonly number[]): boolean {
  const window = sizeOf(shape.slice(0, -2));
  const fewer = window * Math.min(shape.at(-1)!, shape.at(-2)!);
  return deviationOf(values) * Math.sqrt(fewer) > 2.2;
}

function deviationOf(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

const ownSeed =
  "Likely cause: a generator with a seed of its own, such as `new Random(42)`. Use `random` of the " +
  "options, so that the seed decides.";
const sameSeed =
  "Likely cause: a generator made anew for each from one seed, such as `new Random(1)`; it draws the same " +
  "numbers every time. Pass `random` of the options on to all of them.";

/** Dropouts, too, must follow the seed, and not drop the same values as others. */
function assertOwnStreams(name: string, { ours, others }: Starts): void {
  const seen = new Map<number, string>();
  for (const [path, key] of ours.keys) {
    if (others.ours.keys.get(path) === key) {
      throw failure(`${name}: \`${path}\` drops the same values whatever the seed is.`, ownSeed);
    }
    const twin = seen.get(key);
    if (twin !== undefined) {
      throw failure(`${name}: \`${twin}\` and \`${path}\` drop the same values.`, sameSeed);
    }
    seen.set(key, path);
  }
}

/** Two parameters that begin with the same numbers, perhaps times a factor, where the library's do not. */
function firstAlike(
  pairs: readonly ParameterPair[],
  { ours, theirs }: Starts,
): [ParameterPair, ParameterPair] | undefined {
  for (const [index, one] of pairs.entries()) {
    for (const other of pairs.slice(index + 1)) {
      if (!isProportional(ours.values.get(one.path)!, ours.values.get(other.path)!)) continue;
      const right = [one, other].map(({ libraryPath }) => theirs.values.get(libraryPath)!);
      if (!isProportional(right[0], right[1])) return [one, other];
    }
  }
}

/** So many numbers in a row agree up to a factor only where they are the same draws. */
const fewest = 5;

function isProportional(one: Float32Array, other: Float32Array): boolean {
  const length = Math.min(one.length, other.length);
  if (length < fewest || isConstant(one) || isConstant(other) || one[0] === 0) return false;
  const factor = other[0] / one[0];
  for (let index = 0; index < length; index++) {
    const expected = factor * one[index];
    if (Math.abs(other[index] - expected) > 1e-5 * Math.abs(expected)) return false;
  }
  return factor !== 0;
}

const isConstant = (values: Float32Array) => values.every((value) => value === values[0]);

const isSame = (one: Float32Array, other: Float32Array) =>
  one.length === other.length &&
  one.every((value, index) => Math.abs(value - other[index]) <= 1e-6 * (1 + Math.abs(value)));
