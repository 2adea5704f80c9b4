/** Finds out whether a learner's attention is one that the library already has. */
import type * as tf from "../../tensor/tf.ts";
import { MultiHeadAttention } from "../../nn/attention.ts";
import { AttentionHead, ConcatenatedHeads } from "../../nn/attention_head.ts";
import { CrossAttention } from "../../nn/cross_attention.ts";
import type { Module } from "../../nn/module.ts";
import { SelfAttention2d } from "../../nn/self_attention_2d.ts";
import { evaluate } from "../engine/run_module.ts";
import { assertOwnModule, functionFrame, watched } from "../engine/own_work.ts";

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

/**
 * As {@link assertOwnAttention}, and throws a `CheckError` where one of the library's attentions, or a
 * function that does half of the task, computes any of the result: directly, or in a helper of the learner's.
 */
export function assertComputesOwnAttention(name: string, module: Module, input: tf.Tensor): void {
  assertOwnAttention(name, module);
  watched(() => evaluate(name, module, input), {
    ...{ name, search: attentionIn, rule: attentionRule },
    operations: /^(?:BatchMatMul|Softmax|Transpose)$/,
    mayThrow: true,
  });
}

const helpers = "attentionWeights|scaledDotProductAttention|splitHeads|mergeHeads";
const helperFrame = functionFrame(helpers, "nn/functional.ts");
const moduleFrame =
  /\bat (\w+)\.\S+ \(.*\/lib\/nn\/(?:attention|attention_head|cross_attention|self_attention_2d)\.ts:/;

/** The outermost ready-made attention on a stack. */
function attentionIn(stack: string): string | undefined {
  const frames = stack.split("\n").reverse();
  for (const frame of frames) {
    const name = helperFrame.exec(frame)?.[1] ?? moduleFrame.exec(frame)?.[1];
    if (name) return name;
  }
}
