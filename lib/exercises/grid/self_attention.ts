import * as tf from "../../tensor/tf.ts";
import { Random } from "../../random.ts";
import type { Module } from "../../nn/module.ts";
import type { Part } from "../../nn/part.ts";
import { SelfAttention2d } from "../../nn/self_attention_2d.ts";
import { assertComputesOwnAttention, assertOwnAttention } from "../attention/own_attention.ts";
import { type CheckOptions, checkRunner } from "../engine/check.ts";
import { assertShape, expectClose } from "../engine/compare.ts";
import { checkConstructor } from "../engine/construction.ts";
import { type Hint, withHints } from "../engine/hints.ts";
import { findMistake } from "../engine/mistakes.ts";
import { checkModule } from "../engine/module_check.ts";
import { checkOtherSizes } from "../engine/other_sizes.ts";
import { build, evaluate } from "../engine/run_module.ts";
import { fillParameters, matchParameters } from "../engine/parameters.ts";
import { sample } from "../engine/samples.ts";
import { selfAttention, selfAttentionMistakes } from "./self_attention_mistakes.ts";
import { pyTorchValues } from "./self_attention_values.ts";

const { runCheck } = checkRunner();

/** What a learner's self-attention over a grid is made from. */
export interface GridAttentionOptions {
  /** Features of a token, D. */
  width: number;
  /** Heads that attend side by side, H; D is divisible by it. */
  heads: number;
  random: Random;
}

export interface GridAttentionCheckOptions extends CheckOptions {
  /** Whether one head is checked, or several. */
  heads: "one" | "several";
}

const name = "SelfAttention2d";
// No two sizes are equal, so that exchanged axes show.
const [batch, height, width, features] = [2, 3, 5, 24];
const tokens = height * width;
const several = 4;

const hints: readonly Hint[] = [
  [
    /has the wrong shape[\s\S]*yours +\[24, 24\]/,
    "Likely cause: `qkv` makes the queries alone. It makes queries, keys and values of every head at once: " +
    "`new Linear(width, 3 * width, { random })`.",
  ],
  [
    /these are missing: \w+\.bias/,
    "The Linear layers have a bias here, as by default.",
  ],
];

/**
 * Checks the constructor of a learner's self-attention over a grid, whatever its `forward` does: fields,
 * parameters and first values. Throws a `CheckError` that names the first thing wrong.
 */
export function checkSelfAttentionConstructor(
  Attention: Part<GridAttentionOptions>,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Constructor of SelfAttention2d", options, () => {
    const check = (width: number, heads: number) =>
      checkConstructor<GridAttentionOptions>({
        name,
        learner: Attention,
        library: SelfAttention2d,
        options: { width, heads },
        fields: { heads },
        first: (module) => assertOwnAttention(name, module),
      });
    withHints(hints, () => {
      check(features, several);
      check(21, 7);
    });
    return "its layers have the right sizes";
  });
}

/**
 * Checks a learner's self-attention over a grid, `[B, height, width, D] → [B, height, width, D]`, for one
 * head or for several: against the library's and against PyTorch's `nn.MultiheadAttention` with the same
 * weights. Throws a `CheckError` that names the first thing wrong and its likely cause; a ready-made
 * attention is something wrong.
 */
export function checkSelfAttention2d(
  Attention: Part<GridAttentionOptions>,
  { heads, ...options }: GridAttentionCheckOptions,
): Promise<void> {
  const count = heads === "one" ? 1 : several;
  return runCheck(heads === "one" ? "One head" : "Several heads", options, () => {
    withHints(hints, () => {
      compareWithLibrary(Attention, count);
      compareWithPyTorch(Attention, count);
    });
    return "with the same weights the library and PyTorch give the same; gradients are right";
  });
}

function compareWithLibrary(learner: Part<GridAttentionOptions>, heads: number): void {
  const input = sample([batch, height, width, features], { seed: 21, low: -2, high: 2 });
  const sized = {
    ...{ name, learner, library: SelfAttention2d },
    options: { width: features, heads },
  };
  checkModule<GridAttentionOptions>({
    ...sized,
    input,
    axes: ["B", "height", "width", "D"],
    shapeMistakes: shapeMistakes(heads),
    first: ({ ours }) => assertComputesOwnAttention(name, ours, input),
    mistakes: selfAttentionMistakes,
    compute: (x, weights, has) => selfAttention(x, weights, { heads }, has),
  });
  const others = { width: 21, heads: heads === 1 ? 1 : 7 };
  checkOtherSizes<GridAttentionOptions>({ ...sized, others, shape: [1, 4, 2, others.width] });
}

function shapeMistakes(heads: number) {
  return [
    {
      shape: [batch, tokens, features],
      explanation: "the tokens must go back to their places in the grid: one more reshape.",
    },
    {
      shape: [batch, width, height, features],
      explanation: "height and width are exchanged; a grid is [B, height, width, D], rows first.",
    },
    {
      shape: [batch, height, width, 3 * features],
      explanation: "these are queries, keys and values side by side; split them first.",
    },
    {
      shape: [batch, heads, tokens, tokens],
      explanation: "these are the weights; they must still meet the values.",
    },
    {
      shape: [batch, tokens, tokens],
      explanation: "these are the weights; they must still meet the values.",
    },
    {
      shape: [batch, heads, tokens, features / heads],
      explanation: "the heads' results must still be put side by side, [B, H, N, K] → [B, N, D].",
    },
    {
      shape: [batch, height, width, features / heads],
      explanation: "the heads' results were added; put them side by side.",
    },
  ];
}

/** Compares with values that PyTorch computed for the same input and weights. */
function compareWithPyTorch(learner: Part<GridAttentionOptions>, heads: number): void {
  const options = { width: 8, heads };
  const input = sample([2, 2, 3, 8], { seed: 22, low: -2, high: 2 });
  const values = pyTorchValues[heads].trim().split(/\s+/).map(Number);
  const randoms = [new Random(1), new Random(1)];
  const modules: Module[] = [];
  try {
    const ours = build(name, learner, { ...options, random: randoms[0] });
    modules.push(ours);
    const theirs = new SelfAttention2d({ ...options, random: randoms[1] });
    modules.push(theirs);
    fillParameters(matchParameters(name, ours, theirs));
    ours.setTraining(false);
    const output = evaluate(name, ours, input);
    const call = `${name}.forward for D = 8`;
    assertShape(output, input.shape, { name: call, axes: ["B", "height", "width", "D"] });
    expectClose(output, tf.tensor(values, input.shape), {
      name: `${call}, beside PyTorch's nn.MultiheadAttention,`,
      explain: () =>
        findMistake(
          output,
          selfAttentionMistakes,
          (has) => selfAttention(input, theirs.namedParameters(), { heads }, has),
        ) ??
          "Likely cause: a size that is fixed in the code. Take it from the options or `x.shape`.",
    });
  } finally {
    for (const module of modules) module.dispose();
    for (const random of randoms) random.dispose();
  }
}
