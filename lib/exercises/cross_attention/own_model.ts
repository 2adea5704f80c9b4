/** Finds out whether the library's whole CrossViT does what the learner is asked to write. */
import type * as tf from "../../tensor/tf.ts";
import type { Module } from "../../nn/module.ts";
import { evaluate } from "../engine/run_module.ts";
import { watched } from "../engine/own_work.ts";

/** Throws a `CheckError` where the library's whole CrossViT computes any of the result. */
export function assertComputesOwnCrossViT(name: string, module: Module, input: tf.Tensor): void {
  watched(() => evaluate(name, module, input), {
    name,
    search: (stack) => modelFrame.test(stack) ? "CrossViT" : undefined,
    operations: /^Add/,
    mayThrow: true,
    rule:
      "Its own computation gives no points here. Write the rounds yourself, from the parts of `this.small` " +
      "and `this.large`.",
  });
}

// A branch is in the same file: its embedding and its logits are parts to compute with. Only what stands before the
// point tells them apart, so that lines with the function's own name alone say nothing.
const modelFrame =
  /^ *at (?!CrossViTBranch\.).*\.forward(?:WithWeights)?(?: \[.*\])? \(.*\/lib\/models\/cross_vit\.ts:/m;
