/** Mistakes that one call on one input does not show: what is kept, changed or left behind, and what limits values. */
import { type Change, change, changedSolutions } from "./changed_solutions.ts";

const proved = "Changed so, all values are right.";
const kept = (field: string) => `\`forward\` keeps \`${field}\` from the call before`;
const mode = (path: string) =>
  `works with \`${path}\` set to evaluation, while the whole is set to training`;

const changes: Record<string, readonly Change[]> = {
  "unit1 checkPatches": [
    change(
      "pixels that are limited to 0…1",
      "tf.reshape(images, [batch, rows",
      "tf.reshape(tf.clipByValue(images, 0, 1), [batch, rows",
      "`tf.clipByValue(images, 0, 1)` is too much",
      proved,
    ),
    change(
      "pixels that are limited to −1…1",
      "tf.reshape(images, [batch, rows",
      "tf.reshape(tf.clipByValue(images, -1, 1), [batch, rows",
      "`tf.clipByValue(images, -1, 1)` is too much",
      proved,
    ),
  ],
  "unit2 checkGlobalAveragePool": [
    change(
      "values that are limited",
      "tf.mean(x,",
      "tf.mean(tf.clipByValue(x, -1, 1),",
      "`tf.clipByValue(x, -1, 1)` is too much",
      proved,
    ),
  ],
  "unit1 checkVisionTransformer": [
    change(
      "a number of patches that is kept",
      "const [batch, count, width] = patches.shape as [number, number, number];",
      "const [batch, , width] = patches.shape; const count = this.count ??= patches.shape[1];",
      "but not on one of shape [2, 8, 4, 3] after it",
      kept("this.count"),
    ),
    change(
      "options that are changed",
      "const { positions, dropout, random } = options;",
      "options.depth -= 1; const { positions, dropout, random } = options;",
      "ViT changes the options that it gets: `depth` is 2 afterwards in place of 3",
    ),
    change(
      "blocks that are set to evaluation",
      "const patches =",
      "for (const block of this.blocks) block.setTraining(false);\nconst patches =",
      mode("blocks.0.mlp.hiddenDropout"),
    ),
    change(
      "a mode that is assigned",
      "const patches =",
      "this.dropout.training = false; const patches =",
      "the mode of a module is set by `setTraining(…)`, and not in `forward`",
    ),
  ],
  "unit4 checkAttention": [
    change(
      "a size of the batch that is kept",
      "const [batch, tokens, width] = x.shape as [number, number, number];",
      "const [, tokens, width] = x.shape; const batch = this.batch ??= x.shape[0];",
      "but not on one of shape [1, 5, 12] after it",
      kept("this.batch"),
    ),
    change(
      "a number of tokens that is kept",
      "const [batch, tokens, width] = x.shape as [number, number, number];",
      "const [batch, , width] = x.shape; const tokens = this.tokens ??= x.shape[1];",
      kept("this.tokens"),
    ),
  ],
  "unit3 checkSelfAttention2d 2": [
    change(
      "a height that is kept",
      "const [batch, height, width, features] = x.shape as [number, number, number, number];",
      "const [batch, , width, features] = x.shape; const height = this.height ??= x.shape[1];",
      kept("this.height"),
    ),
  ],
  "unit2 checkNormalisedCnn": [
    change(
      "values that are limited at first",
      "this.convolution1.forward(images)",
      "this.convolution1.forward(tf.clipByValue(images, -1, 1))",
      "`tf.clipByValue(images, -1, 1)` is too much",
      proved,
    ),
    change(
      "a size of the batch that is kept",
      "[images.shape[0], -1]",
      "[this.batch ??= images.shape[0], -1]",
      kept("this.batch"),
    ),
    change(
      "a norm that is set to evaluation",
      "let x = tf.relu(",
      "this.norm2.setTraining(false); let x = tf.relu(",
      mode("norm2"),
    ),
  ],
  "unit2 checkResidualBlock": [
    change(
      "a norm that is set to evaluation",
      "const hidden =",
      "this.norm2.setTraining(false); const hidden =",
      mode("norm2"),
    ),
  ],
  "unit2 checkEncoder": [
    change(
      "blocks that are set to evaluation",
      "for (const block of this.blocks) x",
      "for (const block of this.blocks) block.setTraining(false); for (const block of this.blocks) x",
      mode("blocks.0.mlp.hiddenDropout"),
    ),
    change(
      "an option that is taken away",
      "super();",
      "super(); delete arguments[0].depth;",
      "`depth` is gone afterwards",
    ),
  ],
  "unit2 checkPositionEncoding": [
    change(
      "a table that is no variable",
      "buffer(() => positionTable(slots, width))",
      "positionTable(slots, width)",
      "computes with `table` of shape [9, 6], which is no part of the module",
      "`this.table = buffer(() => …)`",
    ),
    change(
      "a table for more places than there are",
      "positionTable(slots, width)",
      "positionTable(2 * slots, width)",
      "the table `table` has 18 rows, but should have 9",
    ),
    change(
      "a number of tokens that is kept",
      "const count = tokens.shape[1]!;",
      "const count = this.count ??= tokens.shape[1];",
      kept("this.count"),
    ),
  ],
  "unit2 checkEmbedding": [
    change(
      "a table that is no variable",
      "new PositionEncoding({ slots: slots + 1, width })",
      "{ forward: (x) => tf.add(x, tf.slice(this.table, [0, 0], [x.shape[1], -1])) };\n" +
        "this.table = positionTable(slots + 1, width)",
      "computes with `table` of shape [9, 10], which is no part of the module",
    ),
  ],
  "unit2 checkVit": [
    change(
      "the slots of one side",
      "(imageSize / patchSize) ** 2",
      "imageSize / patchSize",
      "Likely cause: the number of slots. There are (imageSize / patchSize)² patches",
    ),
    change(
      "too many slots",
      "(imageSize / patchSize) ** 2",
      "imageSize ** 2 / patchSize",
      "the table `embedding.positions.table` has 37 rows, but should have 10",
      "Likely cause: the number of slots. There are (imageSize / patchSize)² patches",
    ),
  ],
  "unit5 checkMomentum": [
    change(
      "gradients that are limited",
      "tf.add(gradient,",
      "tf.add(tf.clipByValue(gradient, -1, 1),",
      "`tf.clipByValue(gradient, -1, 1)` is too much",
      proved,
    ),
  ],
};

changedSolutions(changes);
