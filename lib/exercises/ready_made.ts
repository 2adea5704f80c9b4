/** Finds out whether a learner's attention is one that the library already has. */
import * as tf from "../tensor/tf.ts";
import { MultiHeadAttention } from "../nn/attention.ts";
import { AttentionHead, ConcatenatedHeads } from "../nn/attention_head.ts";
import { CrossAttention } from "../nn/cross_attention.ts";
import type { Module } from "../nn/module.ts";
import { SelfAttention2d } from "../nn/self_attention_2d.ts";
import { failure } from "./check.ts";
import { evaluate } from "./module_check.ts";

const attentions = [
  SelfAttention2d,
  MultiHeadAttention,
  ConcatenatedHeads,
  AttentionHead,
  CrossAttention,
];

const attentionRule =
  "A ready-made attention gives no points here. Write it yourself, from `Linear` layers, " +
  "`tf.reshape`, `tf.transpose`, `tf.matMul` and `tf.softmax`.";

/** Throws a `CheckError` where a module is, or holds, one of the library's attentions. */
export function assertOwnAttention(name: string, module: Module): void {
  assertOwnModule(name, module, { kinds: attentions, rule: attentionRule });
}

/** Throws a `CheckError` where a module is, or holds, one of the library's classes `kinds`. */
export function assertOwnModule(
  name: string,
  module: Module,
  { kinds, rule }: {
    kinds: readonly (abstract new (...options: never[]) => Module)[];
    rule: string;
  },
): void {
  for (const [path, each] of module.namedModules()) {
    const kind = kinds.find((kind) => each instanceof kind);
    if (!kind) continue;
    const place = path === "" ? `${name} is` : `${name}: \`${path}\` is`;
    throw failure(`${place} the library's ${kind.name}.`, rule);
  }
}

/**
 * As {@link assertOwnAttention}, and throws a `CheckError` where one of the library's attentions, or a
 * function that does half of the task, computes any of the result: directly, or in a helper of the learner's.
 */
export function assertComputesOwnAttention(name: string, module: Module, input: tf.Tensor): void {
  assertOwnAttention(name, module);
  const watch = { name, search: attentionIn, rule: attentionRule };
  watched(() => evaluate(name, module, input), watch);
}

/** Throws a `CheckError` where the library's whole CrossViT computes any of the result. */
export function assertComputesOwnCrossViT(name: string, module: Module, input: tf.Tensor): void {
  watched(() => evaluate(name, module, input), {
    name,
    search: (stack) => modelFrame.test(stack) ? "CrossViT" : undefined,
    rule:
      "Its own computation gives no points here. Write the rounds yourself, from the parts of `this.small` " +
      "and `this.large`.",
  });
}

interface Watch {
  name: string;
  /** The ready-made part on a stack. */
  search: (stack: string) => string | undefined;
  rule: string;
}

/** Calls, and throws a `CheckError` where a ready-made part computes any of it. */
function watched<T>(call: () => T, { name, search, rule }: Watch): T {
  let found: string | undefined;
  const engine = tf.engine();
  const before = engine.runKernel;
  const { stackTraceLimit } = Error;
  // Every operation passes by here; the stack tells who asked for it.
  engine.runKernel = function (...inputs: Parameters<typeof engine.runKernel>) {
    found ??= search(new Error().stack ?? "");
    return before.apply(engine, inputs);
  } as typeof before;
  Error.stackTraceLimit = 100;
  let outcome: { result: T } | { error: unknown };
  try {
    outcome = { result: call() };
  } catch (error) {
    // Where the library refuses what it was given, that is not the first thing wrong.
    const { stack, cause } = error as Error;
    found ??= search((cause as Error | undefined)?.stack ?? stack ?? "");
    outcome = { error };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    engine.runKernel = before;
  }
  if (found) throw failure(`${name} calls the library's \`${found}\`.`, rule);
  if ("error" in outcome) throw outcome.error;
  return outcome.result;
}

const helpers = "attentionWeights|scaledDotProductAttention|splitHeads|mergeHeads";
const functionFrame = new RegExp(`\\bat (?:\\w+\\.)?(${helpers}) \\(.*/lib/nn/functional\\.ts:`);
const moduleFrame =
  /\bat (\w+)\.\S+ \(.*\/lib\/nn\/(?:attention|attention_head|cross_attention|self_attention_2d)\.ts:/;

// A branch is in the same file: its embedding and its logits are parts to compute with.
const modelFrame =
  /^ *at (?!CrossViTBranch\.).*\bforward(?:WithWeights)?(?: \[.*\])? \(.*\/lib\/models\/cross_vit\.ts:/m;

/** The outermost ready-made attention on a stack. */
function attentionIn(stack: string): string | undefined {
  const frames = stack.split("\n").reverse();
  for (const frame of frames) {
    const name = functionFrame.exec(frame)?.[1] ?? moduleFrame.exec(frame)?.[1];
    if (name) return name;
  }
}
