import * as tf from "../../tensor/tf.ts";
import type { Module } from "../../nn/module.ts";
import { failure, shapeText } from "./check.ts";
import {
  hidingPlace,
  inOwnWords,
  lackingLayer,
  sharedPaths,
  shortList,
} from "./missing_parameters.ts";
import { joinedText } from "./joined_layers.ts";
import { sizeText, type WrongSize, wrongSize } from "./layer_alignment.ts";
import { sameValues } from "./roles.ts";
import { sample } from "./samples.ts";

/** A learner's parameter and the library's that it stands for. */
export interface ParameterPair {
  path: string;
  ours: tf.Variable;
  libraryPath: string;
  theirs: tf.Variable;
}

/** What helps to find the parameter that is of another shape. */
export interface MatchContext {
  /** An input of the modules, whose forward passes show in which order parameters are used. */
  input?: tf.Tensor;
  /** What the modules were made from, whose sizes messages name. */
  options?: object;
}

/**
 * Finds for each parameter of the library's module the learner's by its name: by path, else by the end of the
 * path, else by shape in order (axes of size 1 do not count). Throws a `CheckError` where one is
 * missing, left over or of another shape.
 */
export function matchParameters(
  name: string,
  ours: Module,
  theirs: Module,
  context: MatchContext = {},
): ParameterPair[] {
  const free = new Map(ours.namedParameters());
  const missing = new Map(theirs.namedParameters());
  const pairs: ParameterPair[] = [];
  const take = (path: string, libraryPath: string) => {
    pairs.push({
      path,
      ours: free.get(path)!,
      libraryPath,
      theirs: missing.get(libraryPath)!,
    });
    free.delete(path);
    missing.delete(libraryPath);
  };
  for (const [path, variable] of theirs.namedParameters()) {
    const own = free.get(path);
    if (own && sameValues(own, variable)) take(path, path);
  }
  // The pairs of fitting shape with the most in common, the best first; ties go in order.
  const candidates = [...missing].flatMap(([libraryPath, theirs], order) =>
    [...free].filter(([, ours]) => sameValues(ours, theirs)).map(([path], ourOrder) => ({
      path,
      libraryPath,
      likeness: isOneOfSeveral(path, libraryPath, missing) ? 1 : likeness(path, libraryPath),
      order: order * 1000 + ourOrder,
    }))
  ).sort((a, b) => b.likeness - a.likeness || a.order - b.order);
  for (const { path, libraryPath } of candidates) {
    if (free.has(path) && missing.has(libraryPath)) take(path, libraryPath);
  }
  if (missing.size > 0 || free.size > 0) {
    throw mismatch(name, { ours, theirs, free, missing, context });
  }
  const order = [...theirs.namedParameters().keys()];
  return pairs.sort((a, b) => order.indexOf(a.libraryPath) - order.indexOf(b.libraryPath));
}

/** The learner's module that holds the parameters of the library's at `libraryPath`, and no others. */
export function moduleAt(
  libraryPath: string,
  { ours, pairs }: { ours: Module; pairs: readonly ParameterPair[] },
): Module | undefined {
  const inside = new Set(
    pairs.filter((pair) => pair.libraryPath.startsWith(`${libraryPath}.`)).map(({ ours }) => ours),
  );
  return [...ours.namedModules().values()].find((each) => {
    const held = [...each.namedParameters().values()];
    return held.length === inside.size && held.every((variable) => inside.has(variable));
  });
}

/** Gives both modules' parameters the same irregular values, so that no mistake can hide in zeros. */
export function fillParameters(pairs: readonly ParameterPair[]): void {
  pairs.forEach(({ ours, theirs, libraryPath }, index) => {
    tf.tidy(() => {
      const values = sample(theirs.shape, { seed: index + 11, low: -0.6, high: 0.6 });
      // Scales stay near 1, as they are in a trained network.
      const isScale = libraryPath.endsWith("scale");
      theirs.assign(isScale ? tf.add(values, 1) : values);
      ours.assign(tf.reshape(theirs, ours.shape));
    });
  });
}

/** The pairs of parameters that a pairing by paths (the learner's for each of the library's) makes. */
export function pairsBy(
  paths: ReadonlyMap<string, string>,
  named: readonly ParameterPair[],
): ParameterPair[] {
  const ours = new Map(named.map((pair) => [pair.path, pair.ours]));
  const taken = new Set(paths.values());
  return named.map((pair) => {
    const path = paths.get(pair.libraryPath) ??
      (taken.has(pair.path)
        ? [...ours.keys()].find((each) =>
          !taken.has(each) && sameValues(ours.get(each)!, pair.theirs)
        )!
        : pair.path);
    taken.add(path);
    return { ...pair, path, ours: ours.get(path)! };
  });
}

/** How many path components agree, counted from the end; a shared name elsewhere counts half. */
function likeness(path: string, libraryPath: string): number {
  const [a, b] = [path.split("."), libraryPath.split(".")];
  if (path === libraryPath) return Infinity;
  let equal = 0;
  while (equal < Math.min(a.length, b.length) && a.at(-1 - equal) === b.at(-1 - equal)) equal++;
  return equal + (a.some((part, i) => i < a.length - equal && b.includes(part)) ? 0.5 : 0);
}

/**
 * Whether a layer outside of all parts ("norm1.scale") is called like one that several of the library's
 * parts have ("stages.0.0.norm1.scale"): such a name says nothing about the place.
 */
function isOneOfSeveral(
  path: string,
  libraryPath: string,
  library: ReadonlyMap<string, tf.Variable>,
): boolean {
  const { length } = path.split(".");
  const ending = (each: string) => each.split(".").slice(-length).join(".");
  return length > 1 && libraryPath !== path && ending(libraryPath) === path &&
    [...library.keys()].filter((each) => ending(each) === path).length > 1;
}

interface Mismatch {
  ours: Module;
  theirs: Module;
  /** The learner's parameters without a counterpart. */
  free: ReadonlyMap<string, tf.Variable>;
  /** The library's without a counterpart. */
  missing: ReadonlyMap<string, tf.Variable>;
  context: MatchContext;
}

function mismatch(
  name: string,
  { ours: module, theirs, free: extra, missing, context }: Mismatch,
): Error {
  const listing = (parameters: Iterable<[string, tf.Variable]>) => {
    const all = [...parameters];
    const entries = all.slice(0, 4).map(([path, { shape }]) => `${path} ${shapeText(shape)}`);
    return entries.join(", ") + (all.length > 4 ? `, … (${all.length} in all)` : "");
  };
  const joined = joinedText(extra, missing);
  const wrong = joined === undefined
    ? wrongSize(module, theirs, context.input) ?? wrongNamed(extra, missing)
    : undefined;
  if (wrong) return wrongSizeError(name, wrong, context.options);
  const wanted = () => inOwnWords(missing, module, theirs);
  if (missing.size === 0) {
    return failure(
      `${name} has parameters that it should not have: ${listing(tooMany(extra, module, theirs))}.`,
      "Likely cause: a layer too many, or one that `forward` does not use.",
    );
  }
  const shared = sharedPaths(module, missing);
  if (shared) {
    return failure(
      `${name}: \`${shared[0]}\` and \`${shared[1]}\` are one and the same parameter.`,
      "Likely cause: one module stands in two places. Make a new one for each: " +
        "`Array.from({ length: depth }, () => new Block(…))`, not `Array(depth).fill(new Block(…))`.",
      `These are missing: ${listing(wanted())}.`,
    );
  }
  const short = shortList(module, missing, context.options);
  if (short) return failure(`${name}: ${short}`);
  return failure(
    `${name} has ${module.namedParameters().size} parameter tensors; these are missing: ` +
      `${listing(wanted())}.`,
    extra.size > 0 ? `Yours without a counterpart: ${listing(extra)}.` : undefined,
    (joined && `Likely cause: ${joined}`) ?? hidingPlace(module, missing) ??
      (extra.size > 0 ? undefined : lackingLayer(module, missing, context.input)) ??
      (extra.size > 0
        ? "Likely cause: a layer in another form than the text has it, such as several in place of one."
        : "Likely cause: a layer is not made in the constructor, or not kept as a field (`this.name = …`)."),
  );
}

/**
 * The parameters that are too many. What was left over by its shape may be any of several alike: of these, it is one
 * whose kind of layer has more of such parameters than in the library's module.
 */
function tooMany(
  extra: ReadonlyMap<string, tf.Variable>,
  ours: Module,
  theirs: Module,
): [path: string, parameter: tf.Variable][] {
  const surplus = Map.groupBy(ours.namedParameters(), (each) => kindOf(each, ours));
  for (
    const [kind, same] of Map.groupBy(theirs.namedParameters(), (each) => kindOf(each, theirs))
  ) {
    const own = surplus.get(kind) ?? [];
    if (own.length <= same.length) surplus.delete(kind);
  }
  const left = [...surplus.values()].flat();
  const found = [...extra].flatMap((each) => {
    const shape = shapeText(each[1].shape);
    const same = left.findIndex(([path]) => path === each[0]);
    const alike = same < 0 ? left.findIndex(([, other]) => shapeText(other.shape) === shape) : same;
    return alike < 0 ? [each] : left.splice(alike, 1);
  });
  const order = [...ours.namedParameters().keys()];
  return found.sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
}

/** "Conv2d bias [5]": a parameter's layer, name and shape. */
function kindOf([path, { shape }]: [string, tf.Variable], module: Module): string {
  const end = path.lastIndexOf(".");
  const layer = module.namedModules().get(path.slice(0, Math.max(end, 0)));
  return `${layer?.constructor.name} ${path.slice(end + 1)} ${shapeText(shape)}`;
}

/** The error for a parameter of another size. */
export function wrongSizeError(
  name: string,
  { path, ours, theirs }: WrongSize,
  options?: object,
): Error {
  // An axis of size 1 in front does not count.
  const isWider = ours.length === theirs.length + 1 && ours[0] === 1;
  return failure(
    `${name}: the parameter \`${path}\` has the wrong shape.`,
    `yours     ${shapeText(ours)}`,
    `expected  ${shapeText(isWider ? [1, ...theirs] : theirs)}`,
    shapeCause(path, ours, theirs) ?? sizeCause(path, ours, theirs, options),
  );
}

/** A parameter that is called as the missing one, or the only one left over where one is missing. */
function wrongNamed(
  extra: ReadonlyMap<string, tf.Variable>,
  missing: ReadonlyMap<string, tf.Variable>,
): WrongSize | undefined {
  for (const [libraryPath, { shape: theirs }] of missing) {
    const onlyOne = missing.size === 1 && extra.size === 1;
    const path = [...extra.keys()].find((each) => onlyOne || likeness(each, libraryPath) >= 2);
    if (path !== undefined) return { path, ours: extra.get(path)!.shape, libraryPath, theirs };
  }
}

/** Which number is wrong, and which of the options it should come from. */
function sizeCause(
  path: string,
  ours: readonly number[],
  theirs: readonly number[],
  options?: object,
): string | undefined {
  if (ours.length !== theirs.length) return undefined;
  const axes = theirs.flatMap((size, axis) => size === ours[axis] ? [] : [axis]);
  if (axes.length !== 1) return undefined;
  const [axis] = axes;
  const isOfLayer = /(?:^|\.)(?:weight|bias|scale|shift)$/.test(path);
  const what = !isOfLayer
    ? `the size of axis ${axis}`
    : theirs.length < 2
    ? "the number of features"
    : axis === theirs.length - 1
    ? "the number of outputs"
    : axis === theirs.length - 2
    ? "the number of inputs"
    : "the size of the window";
  const text = options && sizeText(theirs[axis], options);
  // A layer's sizes are options, or computed of them; any other may be as large as such by accident.
  const source = isOfLayer || /^`\w+`$/.test(text ?? "") ? text : undefined;
  return `Likely cause: ${what} is ${ours[axis]}, but should be ${theirs[axis]}${
    source ? `, which is ${source} of the options` : ""
  }.`;
}

function shapeCause(
  path: string,
  ours: readonly number[],
  theirs: readonly number[],
): string | undefined {
  if (ours.length === 2 && ours[0] === theirs[1] && ours[1] === theirs[0]) {
    return "Likely cause: inputs and outputs are exchanged; it is Linear(inputs, outputs, { random }).";
  }
  const [inputs, outputs] = theirs.slice(2);
  if (ours.length === 4 && inputs !== outputs && ours[2] === outputs && ours[3] === inputs) {
    return "Likely cause: inputs and outputs are exchanged; it is Conv2d(inputs, outputs, { random }).";
  }
  const slots = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1) / shape.at(-1)!;
  if (/position/i.test(path) && slots(ours) + 1 === slots(theirs)) {
    return "Likely cause: the class token needs a position of its own, beside those of the patches.";
  }
  return undefined;
}
