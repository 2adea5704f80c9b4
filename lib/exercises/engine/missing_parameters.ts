/** Why parameters that a library's module has are not found in a learner's. */
import * as tf from "../../tensor/tf.ts";
import { Conv2d } from "../../nn/convolution.ts";
import { Linear } from "../../nn/linear.ts";
import { everyPathOf, Module } from "../../nn/module.ts";
import { BatchNorm2d, LayerNorm } from "../../nn/normalization.ts";
import { sameValues, squeezed } from "./roles.ts";
import { usesOf } from "./uses.ts";

type Parameters = ReadonlyMap<string, tf.Variable>;

/** "`blocks` has 2 items, but should have 3, which is `depth` of the options." */
export function shortList(ours: Module, missing: Parameters, options?: object): string | undefined {
  const [first, ...others] = [...missing.keys()].map((path) => /^(.+?)\.(\d+)\./.exec(path));
  if (!first || others.some((each) => each?.[1] !== first[1])) return undefined;
  const items = (paths: Iterable<string>) =>
    [...paths].flatMap((path) =>
      path.startsWith(`${first[1]}.`) ? [Number(path.split(".")[first[1].split(".").length])] : []
    );
  const own = Math.max(-1, ...items(ours.namedParameters().keys())) + 1;
  const wanted = Math.max(...items(missing.keys())) + 1;
  // Of an item that is there a part may be missing.
  if (own === 0 || own >= wanted || Math.min(...items(missing.keys())) < own) return undefined;
  // Where two options are as large, the list's name tells which one is meant.
  const sources = Object.entries(options ?? {}).flatMap(([key, value]) =>
    value === wanted && /depth|heads|stages/i.test(key) ? [key] : []
  );
  const meant = /(?:^|\.)blocks$/.test(first[1]) ? "depth" : first[1];
  const [source] = sources.length === 1 ? sources : sources.filter((each) => each === meant);
  return `\`${first[1]}\` has ${own} ${own === 1 ? "item" : "items"}, but should have ${wanted}${
    source ? `, which is \`${source}\` of the options` : ""
  }.`;
}

/** Where all that is there is right, and only a bias or a layer of its own is lacking. */
export function lackingLayer(
  ours: Module,
  missing: Parameters,
  input?: tf.Tensor,
): string | undefined {
  if ([...missing.keys()].every((path) => path.endsWith(".bias"))) {
    return "Likely cause: a layer is made without its bias, which it has here; leave out `bias: false`.";
  }
  const shapes = (parameters: Iterable<tf.Variable>) =>
    [...parameters].map(({ shape }) => squeezed(shape)).sort().join(" ");
  const wanted = shapes(missing.values());
  for (const [path, { count }] of input ? usesIfAny(ours, input) : []) {
    const layer = ours.namedModules().get(path)!;
    if (count > 1 && shapes(layer.namedParameters().values()) === wanted) {
      return `Likely cause: \`${path}\` is used ${count} times; each place has a layer of its own.`;
    }
  }
}

function usesIfAny(module: Module, input: tf.Tensor): ReturnType<typeof usesOf> | [] {
  try {
    return usesOf(module, input);
  } catch {
    return []; // not written yet, or wrong otherwise
  }
}

/**
 * Two paths of one parameter in place of which two are expected: one of that shape is missing. A layer in
 * a field and in an array over which `forward` goes is meant so, and is not looked at.
 */
export function sharedPaths(
  module: Module,
  missing: ReadonlyMap<string, tf.Variable>,
): [string, string] | undefined {
  const inArrays = (path: string) => path.match(/\.\d+\b/g)?.length;
  const seen = new Map<tf.Variable, string>();
  for (const [path, variable] of everyPathOf(module, tf.Variable)) {
    if (!variable.trainable) continue;
    const other = seen.get(variable);
    if (other === undefined) seen.set(variable, path);
    else if (inArrays(path) === inArrays(other)) {
      const isMissing = [...missing.values()].some((each) => sameValues(variable, each));
      if (isMissing) return [other, path];
    }
  }
}

/**
 * The missing parameters as the learner may know them: by their path where it begins with a field of the learner's,
 * else by the layer that they belong to.
 */
export function inOwnWords(
  missing: ReadonlyMap<string, tf.Variable>,
  ours: Module,
  theirs: Module,
): [string, tf.Variable][] {
  const modules = theirs.namedModules();
  return [...missing].map(([path, variable]) => {
    if (path.split(".")[0] in ours) return [path, variable];
    const field = path.split(".").at(-1)!;
    const home = modules.get(path.slice(0, Math.max(path.length - field.length - 1, 0)));
    const layer = layers.find((each) => home instanceof each)?.name;
    return [layer ? `the ${field} of a ${layer}` : "a variable", variable];
  });
}

/** The layers that learners make themselves. */
const layers = [Linear, Conv2d, LayerNorm, BatchNorm2d];

/** Where parameters can hide from `namedParameters()`. */
export function hidingPlace(
  module: Module,
  missing: ReadonlyMap<string, tf.Variable>,
): string | undefined {
  const home = (path: string, field: string) => `this.${path === "" ? "" : `${path}.`}${field}`;
  for (const [path, each] of module.namedModules()) {
    for (const [field, value] of Object.entries(each)) {
      if (Array.isArray(value) && value.length > 0 && Object.keys(value).length === 0) {
        return `Likely cause: \`${
          home(path, field)
        }\` is an array of ${value.length} empty places, for which ` +
          "`new Array(n).map(…)` calls nothing. Write `Array.from({ length: n }, () => …)`.";
      }
      const isLacking = [...missing.keys()].some((each) =>
        each.startsWith(path === "" ? `${field}.` : `${path}.${field}.`)
      );
      if (Array.isArray(value) && isLacking && value.every((item) => item === undefined)) {
        return `Likely cause: \`${home(path, field)}\` ` +
          (value.length === 0
            ? "is an empty array. Write `Array.from({ length: n }, () => …)`, with the length in braces, or `push(…)`."
            : `is an array of ${value.length} times undefined. A callback with braces needs a \`return\`: ` +
              "`() => { return …; }`, or no braces: `() => …`.");
      }
      if (value instanceof tf.layers.Layer) {
        return `Likely cause: \`${
          home(path, field)
        }\` is a layer of \`tf.layers\`, whose parameters a Module does not have. Make ` +
          "it of the layers that the text names, such as `Linear`.";
      }
      const isPlain = value instanceof tf.Tensor && !(value instanceof tf.Variable);
      if (
        isPlain &&
        [...missing.values()].some(({ shape }) => squeezed(shape) === squeezed(value.shape))
      ) {
        return `Likely cause: \`${
          home(path, field)
        }\` is a tensor that is not trained. Make a variable of it: ` +
          "`tf.variable(…)`.";
      }
    }
  }
  const lacking = new Set([...missing.values()].map(({ shape }) => squeezed(shape)));
  for (const [path, variable] of module.namedVariables()) {
    if (variable.trainable || !lacking.has(squeezed(variable.shape))) continue;
    return `Likely cause: \`${
      home("", path)
    }\` is a variable that is not trained. Make it by \`tf.variable(…)\`, ` +
      "without `false` behind.";
  }
  for (const [path, each] of module.namedModules()) {
    for (const [field, value] of Object.entries(each)) {
      const kind = closedContainer(value);
      if (!kind) continue;
      return `Likely cause: \`${
        home(path, field)
      }\` ${kind}. A Module finds parameters in its own fields, ` +
        "and in arrays and maps that lie there, nowhere else.";
    }
  }
  for (const [path, { constructor }] of module.namedModules()) {
    const privateField =
      /this\.(#\w+)\s*=\s*(?:new|\[|Array|tf\.)|^\s*(#\w+)\s*=\s*(?:new|\[|Array|tf\.)/m.exec(
        constructor.toString(),
      );
    if (privateField) {
      const field = privateField[1] ?? privateField[2];
      return `Likely cause: the field \`${field}\` of ${
        path === "" ? constructor.name : path
      } is private; ` +
        "a Module finds parameters in public fields only (no `#`).";
    }
  }
}

/** What a field is or holds that is not walked, though modules or variables lie in it. */
function closedContainer(value: unknown): string | undefined {
  if (Array.isArray(value) || value instanceof Map) {
    const inside = [...value.values()].map(closedContainer).find((each) => each !== undefined);
    return inside?.replace(/^is an? (.+)$/, "holds $1s");
  }
  const isPart = (item: unknown) => item instanceof Module || item instanceof tf.Variable;
  const holdsPart = (items: unknown[]) =>
    items.some((item) => isPart(item) || Array.isArray(item) && item.flat(Infinity).some(isPart));
  if (isPart(value) || typeof value !== "object" || value === null) return undefined;
  if (value instanceof Set) return holdsPart([...value]) ? "is a Set" : undefined;
  const isPlain = Object.getPrototypeOf(value) === Object.prototype;
  return isPlain && holdsPart(Object.values(value)) ? "is a plain object" : undefined;
}
