/** Checks blocks that do the operations of another block in another order. */
import * as tf from "../../tensor/tf.ts";
import { Random } from "../../random.ts";
import { Conv2d } from "../../nn/convolution.ts";
import { Linear } from "../../nn/linear.ts";
import type { Module } from "../../nn/module.ts";
import { BatchNorm2d } from "../../nn/normalization.ts";
import type { Part } from "../../nn/part.ts";
import { attempt, isNotSolved } from "../engine/attempt.ts";
import { CheckError, type CheckOptions, checkRunner, failure, shapeText } from "../engine/check.ts";
import { assertShape, close, relation } from "../engine/compare.ts";
import { checkedRate } from "../engine/module_check.ts";
import { build, evaluate } from "../engine/run_module.ts";
import { sample } from "../engine/samples.ts";
import type { BasicBlockOptions } from "../residual/basic_block.ts";
import type { BlockOptions } from "../transformer/transformer_block.ts";
import { assertSameNumbers, assertSameOperations } from "./components.ts";

const { runCheck } = checkRunner();

/** A block, and two with its operations in other orders. */
export interface Variants<Options> {
  first: Part<Options>;
  second: Part<Options>;
  third: Part<Options>;
}

const advice =
  "Move an operation to where it changes the result: a normalisation or an activation to the other side " +
  "of a layer or of the sum, or one half before the other.";

/** Outputs that differ by a smaller share of their spread than this are taken for equal. */
const leastDifference = 0.02;

/**
 * Checks two residual blocks that do the first one's operations in other orders: the same constructor and
 * weights, each layer used once, the input still added, and outputs that really differ. Throws a
 * `CheckError` that names the first thing wrong.
 */
export function checkBasicBlockVariants(
  variants: Variants<BasicBlockOptions>,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Basic block, other orders", options, () =>
    checkVariants(variants, [
      { options: { inputs: 3, outputs: 3, stride: 1 }, input: [4, 6, 10, 3] },
      { options: { inputs: 3, outputs: 7, stride: 2 }, input: [4, 6, 10, 3] },
    ]));
}

/** As {@link checkBasicBlockVariants}, for transformer blocks over tokens `[B, N, D]`. */
export function checkBlockVariants(
  variants: Variants<BlockOptions>,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Transformer block, other orders", options, () =>
    checkVariants(variants, [
      { options: { width: 12, mlpWidth: 7, heads: 3, dropout: checkedRate }, input: [2, 5, 12] },
    ]));
}

/** A well known order that needs another constructor. */
const normHint =
  "\n  Each normalisation has as many channels as the convolution before it gives. One that stands before " +
  "the first convolution would need as many as come in: that is another constructor.";

interface Case<Options> {
  options: Omit<Options, "random">;
  input: number[];
}

function checkVariants<Options extends { random: Random }>(
  { first, second, third }: Variants<Options>,
  cases: readonly Case<Options>[],
): string {
  const parts = [first, second, third];
  const names = parts.map((part, index) =>
    (typeof part === "function" && part.name) || `variant ${index + 1}`
  );
  for (const [index, part] of parts.entries()) {
    if (parts.indexOf(part) === index) continue;
    throw failure(
      `Block ${index + 1} is the same class as block ${parts.indexOf(part) + 1}.`,
      "Write a class of its own for each order.",
    );
  }
  let smallest = Infinity;
  for (const each of cases) {
    const modules: Module[] = [];
    const randoms: Random[] = [];
    try {
      for (const [index, part] of parts.entries()) {
        const random = new Random(5);
        randoms.push(random);
        modules.push(build(names[index], part, { ...each.options, random } as unknown as Options));
      }
      smallest = Math.min(smallest, checkCase(names, modules, each.input));
    } catch (error) {
      if (!(error instanceof CheckError) || cases.length === 1 || isNotSolved(error)) throw error;
      const settings = Object.entries(each.options).map((entry) => entry.join(" ")).join(", ");
      const hint = /BatchNorm2d: input/.test(error.message) ? normHint : "";
      throw new CheckError(`${error.message}${hint}\n  With ${settings}.`, error.cause);
    } finally {
      for (const module of modules) module.dispose();
      for (const each of randoms) each.dispose();
    }
  }
  const percent = Math.round(100 * smallest);
  return `${names[1]} and ${names[2]} have ${
    names[0]
  }'s constructor and weights, and give other outputs ` +
    `(with equal weights they differ by at least ${percent} % of their spread)`;
}

/** Checks the three blocks on one input; gives the smallest difference between two of them. */
function checkCase(names: readonly string[], modules: readonly Module[], shape: number[]): number {
  for (const [index, module] of modules.entries()) {
    if (index === 0) continue;
    assertSameParts(names, modules[0], module, index);
    assertSameNumbers({ name: names[0], module: modules[0] }, { name: names[index], module });
  }
  fill(modules);
  const input = sample(shape, { seed: 21, low: -2, high: 2 });
  const outputs = modules.map((module, index) => {
    module.setTraining(false);
    const forward = () => evaluate(names[index], module, input);
    return index === 0 ? forward() : countingCalls(names[index], module, forward);
  });
  for (const [index, output] of outputs.entries()) {
    if (index === 0) continue;
    assertShape(output, outputs[0].shape, { name: `${names[index]}.forward` });
    if (!output.dataSync().every(Number.isFinite)) {
      throw failure(`${names[index]}.forward gives values that are no numbers.`);
    }
  }
  const couples = [[0, 1], [0, 2], [1, 2]];
  let smallest = Infinity;
  for (const [a, b] of couples) {
    smallest = Math.min(smallest, difference([names[a], outputs[a]], [names[b], outputs[b]]));
  }
  fill(modules, { alike: true });
  const alike = modules.map((module, index) => evaluate(names[index], module, input));
  for (const [a, b] of couples) {
    if (!close(alike[a], alike[b])) continue;
    throw failure(
      `${names[b]} does the same as ${
        names[a]
      }: it is the same order, only with layers of one kind ` +
        "exchanged, such as the norms.",
      advice,
    );
  }
  fill(modules);
  for (const index of [1, 2]) {
    assertUsed(names[index], modules[index], input);
    assertPassesBy(names[index], modules[index], input);
    assertBends(names, modules, index, input);
  }
  for (const index of [1, 2]) {
    const [first, other] = [0, index].map((i) => ({ name: names[i], module: modules[i] }));
    assertSameOperations(first, other, input);
  }
  return smallest;
}

/** The constructor must make the same layers with the same first values. */
function assertSameParts(
  names: readonly string[],
  first: Module,
  other: Module,
  index: number,
): void {
  const advice =
    `The constructor stays as it is: write \`class ${names[index]} extends ${
      names[0]
    }\` and only a new ` +
    "`forward`.";
  const [expected, found] = [first.namedVariables(), other.namedVariables()];
  for (const [path, { shape }] of expected) {
    const variable = found.get(path);
    if (!variable) {
      throw failure(`${names[index]} lacks \`${path}\`, which ${names[0]} has.`, advice);
    }
    if (shapeText(variable.shape) !== shapeText(shape)) {
      throw failure(
        `${names[index]}: \`${path}\` has shape ${shapeText(variable.shape)}, but ${
          names[0]
        }'s has ` +
          `${shapeText(shape)}.`,
        advice,
      );
    }
  }
  const extra = [...found.keys()].find((path) => !expected.has(path));
  if (extra) {
    throw failure(`${names[index]} has \`${extra}\`, which ${names[0]} has not.`, advice);
  }
  const kinds = first.namedModules();
  for (const [path, module] of other.namedModules()) {
    const kind = kinds.get(path)?.constructor.name;
    if (path === "" || kind === module.constructor.name) continue;
    throw failure(
      `${names[index]}: \`${path}\` is ${module.constructor.name}, but ${names[0]}'s is ${
        kind ?? "not there"
      }.`,
      advice,
    );
  }
  for (const [path, variable] of expected) {
    if (close(found.get(path)!, variable, 1e-6)) continue;
    throw failure(
      `${names[index]}: with the same seed \`${path}\` begins with other values than ${
        names[0]
      }'s.`,
      advice,
    );
  }
}

/**
 * Gives all blocks the same irregular weights and statistics. With `alike`, layers of one kind and shape
 * have the same ones too, so that it makes no difference which of them stands where.
 */
function fill(modules: readonly Module[], { alike = false } = {}): void {
  const layers = modules[0].namedModules();
  const kinds: string[] = [];
  [...modules[0].namedVariables()].forEach(([path, { shape }], index) => {
    tf.tidy(() => {
      const dot = path.lastIndexOf(".");
      const layer = layers.get(path.slice(0, Math.max(dot, 0)));
      kinds.push(`${layer?.constructor.name} ${path.slice(dot + 1)} ${shapeText(shape)}`);
      const seed = 31 + (alike ? kinds.indexOf(kinds[index]) : index);
      const values = sample(shape, { seed, low: -0.6, high: 0.6 });
      const away = /scale$|[vV]ariance$/.test(path) ? tf.add(values, 1) : values;
      for (const module of modules) module.namedVariables().get(path)!.assign(away);
    });
  });
}

/** Calls, and sees to it that each layer of the block is used exactly once. */
function countingCalls<T>(name: string, module: Module, call: () => T): T {
  const children = [...module.namedChildren()].filter(([, child]) =>
    child.namedParameters().size > 0
  );
  const counts = new Map(children.map(([path]) => [path, 0]));
  const originals = children.map(([path, child]) => {
    const { forward } = child;
    child.forward = (...inputs) => {
      counts.set(path, counts.get(path)! + 1);
      return forward(...inputs);
    };
    return () => child.forward = forward;
  });
  let result: T;
  try {
    result = call();
  } finally {
    for (const restore of originals) restore();
  }
  for (const [path, count] of counts) {
    if (count === 1) continue;
    throw failure(
      count === 0
        ? `${name}.forward does not use \`${path}\`.`
        : `${name}.forward uses \`${path}\` ${count} times.`,
      "A variant does the same operations, each once, in another order.",
    );
  }
  return result;
}

/** How far two outputs are from each other, as a share of their spread. Throws where they are alike. */
function difference(
  [nameA, a]: [string, tf.Tensor],
  [nameB, b]: [string, tf.Tensor],
): number {
  const share = tf.tidy(() => {
    const { variance } = tf.moments(a);
    return tf.sqrt(tf.div(tf.mean(tf.square(tf.sub(a, b))), tf.add(variance, 1e-12))).dataSync()[0];
  });
  if (share < leastDifference) {
    throw failure(
      `With the same weights ${nameB} gives the same as ${nameA}: it is the same order, written otherwise.`,
      advice,
    );
  }
  const line = relation(b, a);
  if (line?.startsWith("Your values are the expected ones")) {
    throw failure(
      `${nameB} gives ${nameA}'s values ${
        line.replace("Your values are the expected ones ", "").replace(/\.$/, "")
      }, which is no other order.`,
    );
  }
  return share;
}

/** Every parameter must have a part in the output. */
function assertUsed(name: string, module: Module, input: tf.Tensor): void {
  const parameters = [...module.namedParameters()];
  const unused =
    "Likely cause: a result is computed and then not used. Give each step the result of the one before.";
  const { grads } = attempt(
    `${name}.forward`,
    "when it was differentiated",
    () =>
      tf.variableGrads(() => {
        const output = module.forward(input);
        const weighted = tf.mul(output, sample(output.shape, { seed: 7 }));
        // A first variable that always counts: tfjs throws where none does.
        return tf.add(tf.sum(weighted), tf.mul(tf.sum(parameters[0][1]), 0)) as tf.Scalar;
      }, parameters.map(([, variable]) => variable)),
  );
  for (const [path, variable] of parameters) {
    const gradient = grads[variable.name] as tf.Tensor | null;
    // A key's bias shifts all scores of a query alike: part of a gradient may be zero, never all of it.
    if (gradient && tf.max(tf.abs(gradient)).dataSync()[0] > 1e-9) continue;
    throw failure(
      `${name}.forward: \`${path}\` has no effect on the output.`,
      unused,
    );
  }
}

/** With layers that give nothing, the input must still come through: it is added somewhere. */
function assertPassesBy(name: string, module: Module, input: tf.Tensor): void {
  const isSilent = (each: Module) =>
    each instanceof Linear || each instanceof Conv2d && each.weight.shape[0] > 1;
  const silent = [...module.namedModules().values()].filter(isSilent)
    .flatMap((each) => [...each.namedParameters().values()]);
  const values = silent.map((variable) => variable.clone());
  for (const variable of silent) variable.assign(tf.zerosLike(variable));
  const [one, other] = [input, tf.neg(input)].map((each) => evaluate(name, module, each));
  silent.forEach((variable, index) => variable.assign(values[index]));
  if (!close(one, other, 1e-4)) return;
  throw failure(
    `${name}.forward: the input does not pass by the layers.`,
    "With layers that give zero the output does not depend on the input any more. Likely cause: a residual " +
      "connection is missing; the block's input must still be added.",
  );
}

/** A block without its activation is a straight line: f(x) + f(−x) = 2 f(0). */
function assertBends(
  names: readonly string[],
  modules: readonly Module[],
  index: number,
  input: tf.Tensor,
): void {
  const isStraight = (name: string, module: Module) => {
    const [plus, minus, zero] = [input, tf.neg(input), tf.zerosLike(input)]
      .map((each) => evaluate(name, module, each));
    return close(tf.add(plus, minus), tf.mul(zero, 2), 1e-3);
  };
  const hasNorms = [...modules[index].namedModules().values()].some((each) =>
    each instanceof BatchNorm2d
  );
  if (!hasNorms || isStraight(names[0], modules[0]) || !isStraight(names[index], modules[index])) {
    return;
  }
  throw failure(
    `${names[index]}.forward has no activation any more.`,
    "A variant does the same operations in another order; at least one ReLU must keep it from being a " +
      "straight line.",
  );
}
