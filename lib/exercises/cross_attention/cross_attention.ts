import * as tf from "../../tensor/tf.ts";
import { CrossViT, type CrossViTOptions } from "../../models/cross_vit.ts";
import type { AttentionOptions } from "../../nn/attention.ts";
import { CrossAttention, CrossFusion, type CrossFusionOptions } from "../../nn/cross_attention.ts";
import type { Module } from "../../nn/module.ts";
import type { Part } from "../../nn/part.ts";
import { assertComputesOwnAttention } from "../attention/own_attention.ts";
import { callText, type CheckOptions, checkRunner } from "../engine/check.ts";
import { compareGradients } from "../engine/gradients.ts";
import { checkModule, isWholly } from "../engine/module_check.ts";
import { checkOtherSizes } from "../engine/other_sizes.ts";
import { build } from "../engine/run_module.ts";
import { sample } from "../engine/samples.ts";
import {
  crossAttention,
  crossAttentionMistakes,
  fuse,
  fusionMistakes,
  rounds,
  roundsMistakes,
} from "./cross_attention_mistakes.ts";
import { assertComputesOwnCrossViT } from "./own_model.ts";

const { runCheck } = checkRunner();

/**
 * Checks a learner's attention of the class token to all tokens, `[B, T, D] → [B, 1, D]`. Throws a
 * `CheckError` that names the first thing wrong and its likely cause; a ready-made attention is something
 * wrong.
 */
export function checkCrossAttention(
  Attention: Part<AttentionOptions>,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Cross-attention", options, () => {
    const [batch, tokens, width] = [2, 5, 12];
    const input = sample([batch, tokens, width], { seed: 17, low: -2, high: 2 });
    for (const heads of [1, 3]) {
      const name = `ClassAttention (with ${heads === 1 ? "one head" : `${heads} heads`})`;
      checkModule<AttentionOptions>({
        name,
        learner: Attention,
        library: CrossAttention,
        options: { width, heads },
        input,
        axes: ["B", "1", "D"],
        shapeMistakes: [
          {
            shape: [batch, tokens, width],
            explanation:
              "every token asks, as in self-attention. Only the class token does: take it with " +
              "`tf.slice(x, [0, 0, 0], [-1, 1, -1])`.",
          },
          {
            shape: [batch, width],
            explanation:
              "the axis of tokens is gone; the class token is still one token, [B, 1, D].",
          },
          {
            shape: [batch, heads, 1, tokens],
            explanation: "these are the weights; they must still meet the values.",
          },
        ],
        first: ({ ours }) => assertComputesOwnAttention(name, ours, input),
        mistakes: crossAttentionMistakes,
        compute: (x, weights, has) => crossAttention(x, weights, { prefix: "", heads }, has),
      });
    }
    checkOtherSizes<AttentionOptions>({
      ...{ name: "ClassAttention", learner: Attention, library: CrossAttention },
      options: { width, heads: 3 },
      others: { width: 14, heads: 7 },
      shape: [1, 6, 14],
    });
    return "values and gradients are right, for one head and for several";
  });
}

/**
 * Checks a learner's fusion of one branch with the other, `[B, T, D], [B, T′, D′] → [B, T, D]`. Where the
 * attention inside is a wrong one of the learner's, the right computation takes its place. Throws a
 * `CheckError` that names the first thing wrong and its likely cause.
 */
export function checkFusion(
  Fusion: Part<CrossFusionOptions>,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Fusion", options, () => {
    const name = "Fusion";
    const [batch, heads] = [2, 3];
    const own = sample([batch, 5, 8], { seed: 18, low: -2, high: 2 });
    const other = sample([batch, 7, 12], { seed: 19, low: -2, high: 2 });
    let library: CrossFusion;
    const forwards = new Map<Module, Module["forward"]>();
    const sizes = { width: 8, otherWidth: 12, heads };
    // The checks give a module one input; the other branch's tokens stay the same.
    const withOther =
      (part: Part<CrossFusionOptions>, other: tf.Tensor) => (options: CrossFusionOptions) => {
        const module = build(name, part, options);
        const forward = module.forward;
        forwards.set(module, forward);
        module.forward = (tokens) => forward(tokens, other);
        return module;
      };
    const found = checkModule<CrossFusionOptions>({
      name,
      learner: withOther(Fusion, other),
      readyMade: [CrossFusion],
      library: withOther(CrossFusion, other),
      options: sizes,
      input: own,
      axes: ["B", "T", "D"],
      shapeMistakes: [
        {
          shape: [batch, 1, 8],
          explanation:
            "this is the new class token alone; the branch's own patches must follow it.",
        },
        {
          shape: [batch, 1, 12],
          explanation:
            "this is what the class token gathered, at the other branch's width; map it back, and put the " +
            "branch's own patches behind it.",
        },
        {
          shape: [batch, 6, 8],
          explanation:
            "the old class token is still there; the new one takes its place, before the own patches.",
        },
        {
          shape: [batch, 7, 12],
          explanation: "these are the other branch's tokens; the fusion changes the own ones.",
        },
      ],
      first: ({ theirs }) => library = theirs as CrossFusion,
      mistakes: fusionMistakes,
      compute: (_x, _weights, has) => fuse(own, other, library, has),
      parts: [{
        path: "attention",
        name: "ClassAttention",
        options: { width: 12, heads },
        input: sample([batch, 7, 12], { seed: 20, low: -2, high: 2 }),
        forward: (x, weights) =>
          crossAttention(x, weights, { prefix: "attention.", heads }, new Set()),
      }],
      then: ({ ours }) => {
        // Through the tokens of the other branch a gradient must flow as well.
        const forward = forwards.get(ours)!;
        compareGradients({
          name: callText(name),
          inputs: { other },
          actual: ({ other }) => forward(own, other),
          expected: ({ other }) => fuse(own, other, library, new Set()),
        });
      },
    });
    if (isWholly(found)) {
      const another = sample([1, 9, 10], { seed: 23, low: -2, high: 2 });
      checkOtherSizes<CrossFusionOptions>({
        ...{ name, options: sizes, others: { width: 6, otherWidth: 10, heads: 5 } },
        ...{ learner: withOther(Fusion, another), library: withOther(CrossFusion, another) },
        shape: [1, 4, 6],
      });
    }
    return found;
  });
}

/**
 * Checks the rounds of a learner's CrossViT, `[B, height, width, C] → [B, classes]`: a class that takes
 * the library's branches and computes with them. Throws a `CheckError` that names the first thing wrong
 * and its likely cause.
 */
export function checkCrossViT(
  Model: Part<CrossViTOptions>,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("CrossViT", options, () => {
    const images = sample([2, 8, 8, 2], { seed: 21, low: -2, high: 2 });
    const name = "TwoScaleViT";
    let library: CrossViT;
    const sized = {
      name,
      learner: Model,
      library: class extends CrossViT {
        constructor(options: CrossViTOptions) {
          super({ ...options, combine: "sum" });
        }
      },
      options: {
        imageSize: 8,
        channels: 2,
        classes: 5,
        small: { patchSize: 2, width: 6, mlpWidth: 7, heads: 2, depth: 1 },
        large: { patchSize: 4, width: 12, mlpWidth: 9, heads: 3, depth: 1 },
        stages: 2,
      },
    };
    checkModule<CrossViTOptions>({
      ...sized,
      input: images,
      axes: ["B", "classes"],
      shapeMistakes: [
        {
          shape: [2, 10],
          explanation: "the two branches' logits stand side by side; add them.",
        },
        {
          shape: [2, 17, 6],
          explanation: "these are tokens; each branch's `forward` makes logits of them.",
        },
      ],
      first: ({ ours, theirs }) => {
        library = theirs as CrossViT;
        assertComputesOwnCrossViT(name, ours, images);
      },
      mistakes: roundsMistakes,
      compute: (_x, _weights, has) => rounds(images, library, has),
    });
    checkOtherSizes<CrossViTOptions>({
      ...sized,
      others: {
        imageSize: 12,
        channels: 3,
        classes: 4,
        small: { patchSize: 3, width: 8, mlpWidth: 5, heads: 4, depth: 2 },
        large: { patchSize: 6, width: 10, mlpWidth: 6, heads: 5, depth: 2 },
        stages: 1,
      },
      shape: [1, 12, 12, 3],
    });
    return "logits and gradients are right";
  });
}
