/**
 * Wrong answers as people write them who know PyTorch, Keras or NumPy, in place of the notebooks' solutions: each is
 * named in its own terms.
 */
import { assert } from "@std/assert";
import { runCheck, type Task, tasks } from "../../tools/mutation/tasks.ts";
import { fails } from "./verdict.ts";

/** A wrong answer: what stands in place of a cell's last solution, and words that the message must have. */
interface Answer {
  mistake: string;
  lines: string;
  words: readonly string[];
  /** Text of the cell that is changed beside the solution, and what it becomes. */
  also?: readonly [was: string | RegExp, is: string];
}

const answer = (mistake: string, lines: string, ...words: string[]): Answer => ({
  mistake,
  lines,
  words,
});

/** The rounds of CrossViT with these lines in the loop. */
const rounds = (lines: string) => `
    let [small, large] = [this.small.embed(images), this.large.embed(images)];
    for (let k = 0; k < this.small.encoders.length; k++) {
      ${lines}
    }
    return tf.add(this.small.forward(small), this.large.forward(large));`;

/** Attention whose heads are divided and joined so. */
const heads = (split: string, join: string) => `
    const [query, key, value] = tf.split(this.qkv.forward(x), 3, -1).map((part) => ${split});
    const scores = tf.div(tf.matMul(query, key, false, true), Math.sqrt(headWidth));
    const results = tf.matMul(tf.softmax(scores), value);
    return this.output.forward(tf.reshape(${join}, [batch, tokens, width]));`;
const inTurns =
  "tf.transpose(tf.reshape(part, [batch, tokens, headWidth, this.heads]), [0, 3, 1, 2])";

/** Attention with a softmax by hand, whose exponentials are divided by this. */
const exponentials = (sum: string) => `
    const [query, key, value] = tf.split(this.qkv.forward(x), 3, -1).map((part) =>
      part.reshape([batch, tokens, this.heads, headWidth]).transpose([0, 2, 1, 3]));
    const powers = tf.exp(tf.matMul(query, key, false, true).div(Math.sqrt(headWidth)));
    const results = tf.matMul(powers.div(${sum}), value).transpose([0, 2, 1, 3]);
    return this.output.forward(results.reshape([batch, tokens, width]));`;

/** The class token's attention that asks with some tokens. */
const asking = (query: string, rest: string) => `
    const tokens = x.shape[1]!;
    const query = this.splitHeads(this.query.forward(${query}));
    const [key, value] = tf.split(this.keyValue.forward(x), 2, -1).map((part) =>
      this.splitHeads(part)
    );
    const scores = tf.div(tf.matMul(query, key, false, true), Math.sqrt(width / this.heads));
    const results = tf.transpose(tf.matMul(tf.softmax(scores), value), [0, 2, 1, 3]);
    ${rest}`;

const flows = (flow: string, before = "") => `
  ${before}
  const flows = weights.map((each) => ${flow});
  return flows.reduce((before, flow) => tf.matMul(flow, before)) as tf.Tensor3D;`;

const dropsAt = (drops: string) => `
  return (step) => learningRate * 0.1 ** ${drops};`;

const table = (frequencies: string, positions = "tf.range(0, positions)") => `
  const wavelengths = tf.pow(10_000, ${frequencies});
  const angles = tf.div(tf.expandDims(${positions}, 1), wavelengths);
  return tf.reshape(tf.stack([tf.sin(angles), tf.cos(angles)], 2), [positions, width]);`;

const grid = (attend: string, back: string) => `
    const [tokens, headWidth] = [height * width, features / this.heads];
    const joined = this.qkv.forward(tf.reshape(x, [batch, tokens, features]));
    ${attend}
    return ${back};`;

const answers: Record<string, readonly Answer[]> = {
  "unit0 checkStandardize": [
    answer(
      "a norm in place of the standard deviation",
      "const d = tf.sub(x, tf.mean(x, -1, true)); return tf.div(d, tf.norm(d, 2, -1, true));",
      "with the root of the sum of the squared deviations",
    ),
    answer(
      "rows brought to 0…1",
      `const least = tf.min(x, -1, true);
  return tf.div(tf.sub(x, least), tf.sub(tf.max(x, -1, true), least));`,
      "by its smallest and largest value",
    ),
    answer(
      "moments that drop their axis",
      `const { mean, variance } = tf.moments(x, -1);
  return tf.div(tf.sub(x, mean), tf.sqrt(variance));`,
      "`tf.moments(x, axis, true)`",
    ),

    answer(
      "the mean of the absolute deviations",
      "const d = tf.sub(x, tf.mean(x, -1, true)); return tf.div(d, tf.mean(tf.abs(d), -1, true));",
      "with the mean of the absolute deviations",
    ),
    answer(
      "absolute deviations in place of squares",
      `const d = tf.sub(x, tf.mean(x, -1, true));
  return tf.div(d, tf.sqrt(tf.mean(tf.abs(d), -1, true)));`,
      "absolute deviations in place of their squares",
    ),
  ],
  "unit1 checkPatches": [
    answer(
      "windows one pixel apart",
      `const patches: tf.Tensor[] = [];
  for (let i = 0; i < height / patchSize; i++) {
    for (let j = 0; j < width / patchSize; j++) {
      const patch = tf.slice(images, [0, i, j, 0], [-1, patchSize, patchSize, -1]);
      patches.push(tf.reshape(patch, [batch, 1, -1]));
    }
  }
  return tf.concat(patches, 1) as tf.Tensor3D;`,
      "each patch begins one pixel after the last",
    ),

    answer(
      "the axes cut the other way round",
      `const [rows, columns] = [height / patchSize, width / patchSize];
  const split = tf.reshape(images, [batch, patchSize, rows, patchSize, columns, channels]);
  const ordered = tf.transpose(split, [0, 2, 4, 1, 3, 5]);
  return tf.reshape(ordered, [batch, rows * columns, patchSize * patchSize * channels]);`,
      "cut the other way round, as [p, rows, p, columns]",
    ),
  ],
  "unit1 checkVisionTransformer": [
    answer(
      "a sum of what each block makes of the tokens",
      `const patches = this.projection.forward(imageToPatches(images, this.patchSize));
    const [batch, count, width] = patches.shape as [number, number, number];
    const classTokens = tf.mul(tf.ones([batch, 1, 1]), this.classToken);
    const tokens = tf.concat([classTokens, patches], 1);
    const positions = tf.slice(this.positions, [0, 0, 0], [1, count + 1, width]);
    const x = this.dropout.forward(tf.add(tokens, positions));
    let sum = tf.zerosLike(x);
    for (const block of this.blocks) sum = tf.add(sum, block.forward(x));
    const classToken = tf.squeeze(tf.slice(sum, [0, 0, 0], [batch, 1, width]), [1]);
    return this.head.forward(this.norm.forward(classToken));`,
      "are those of `for (const block of this.blocks) sum = tf.add(sum, block.forward(x));` in ViT.forward",
    ),
    answer(
      "all positions, and a softmax",
      `const patches = this.projection.forward(imageToPatches(images, this.patchSize));
    const [batch, , width] = patches.shape as [number, number, number];
    const classTokens = tf.mul(tf.ones([batch, 1, 1]), this.classToken);
    let x = this.dropout.forward(tf.add(tf.concat([classTokens, patches], 1), this.positions));
    for (const block of this.blocks) x = block.forward(x);
    const classToken = tf.squeeze(tf.slice(x, [0, 0, 0], [batch, 1, width]), [1]);
    return tf.softmax(this.head.forward(this.norm.forward(classToken)));`,
      "`tf.slice` to shape [7, 20] is missing on its second input; and",
      "`tf.softmax(this.head.forward(this.norm.forward(classToken)))` is too much",
    ),

    answer(
      "a class token that is added to every patch",
      `const patches = this.projection.forward(imageToPatches(images, this.patchSize));
    const [batch, count, width] = patches.shape as [number, number, number];
    const positions = tf.slice(this.positions, [0, 0, 0], [1, count, width]);
    let x = this.dropout.forward(tf.add(tf.add(patches, this.classToken), positions));
    for (const block of this.blocks) x = block.forward(x);
    const classToken = tf.squeeze(tf.slice(x, [0, 0, 0], [batch, 1, width]), [1]);
    return this.head.forward(this.norm.forward(classToken));`,
      "the class token is added to every patch",
    ),
  ],
  "unit2 checkNormalisedCnn": [
    answer(
      "the batch behind the features",
      `let x = this.pool.forward(tf.relu(this.norm1.forward(this.convolution1.forward(images))));
    x = this.pool.forward(tf.relu(this.norm2.forward(this.convolution2.forward(x))));
    x = tf.reshape(x, [-1, images.shape[0]]);
    return this.output.forward(tf.relu(this.hidden.forward(x)));`,
      "`tf.reshape(x, [-1, images.shape[0]])` reshapes to [-1, 2], but should to [2, -1]",
    ),
    answer(
      "a fixed number of features",
      `let x = this.pool.forward(tf.relu(this.norm1.forward(this.convolution1.forward(images))));
    x = this.pool.forward(tf.relu(this.norm2.forward(this.convolution2.forward(x))));
    x = tf.reshape(x, [-1, 4096]);
    return this.output.forward(tf.relu(this.hidden.forward(x)));`,
      "`tf.reshape(x, [-1, 4096])` reshapes to [-1, 4096], but should to [-1, 45]",
    ),
    {
      ...answer(
        "layers in plain objects of an array",
        `const x = this.stages.reduce((map, { convolution, norm }) =>
      this.pool.forward(tf.relu(norm.forward(convolution.forward(map)))), images);
    const flat = tf.reshape(x, [images.shape[0], -1]);
    return this.output.forward(tf.relu(this.hidden.forward(flat)));`,
        "`this.stages` holds plain objects.",
      ),
      also: [
        / {4}this\.convolution1 = [^]+?this\.norm2 = .*/,
        `    this.stages = [channels, width].map((inputs) => ({
      convolution: new Conv2d(inputs, width, { padding: 1, bias: false, random }),
      norm: new BatchNorm2d(width),
    }));`,
      ],
    },
  ],
  "unit2 checkStridedCnn": [{
    ...answer(
      "a bias that one convolution keeps",
      `let x = tf.relu(this.norm1.forward(this.convolution1.forward(images)));
    x = tf.relu(this.norm2.forward(this.convolution2.forward(x)));
    x = tf.reshape(x, [images.shape[0], -1]);
    return this.output.forward(tf.relu(this.hidden.forward(x)));`,
      "the convolution `convolution2` keeps its bias",
      "parameters that it should not have: convolution2.bias [5].",
    ),
    also: [
      "new Conv2d(width, width, settings)",
      "new Conv2d(width, width, { ...settings, bias: true })",
    ],
  }],
  "unit2 checkAttentionHead": [
    answer(
      "values before weights",
      `const [query, key, value] = [this.query, this.key, this.value].map((each) => each.forward(x));
    const scores = tf.div(tf.matMul(query, key, false, true), Math.sqrt(query.shape[2]!));
    return tf.matMul(value, tf.softmax(scores), true);`,
      "the two inputs of `tf.matMul(value, tf.softmax(scores), true)` are exchanged: `tf.matMul(b, a, false, false)`",
    ),
    answer(
      "cosines in place of products",
      `const unit = (y: tf.Tensor) => tf.div(y, tf.norm(y, 2, -1, true));
    const [query, key, value] = [this.query, this.key, this.value].map((each) => each.forward(x));
    const products = tf.matMul(unit(query), unit(key), false, true);
    return tf.matMul(tf.softmax(tf.div(products, Math.sqrt(query.shape[2]!))), value);`,
      "`tf.div(y, tf.norm(y, 2, -1, true))` is too much; its first input goes on as it is",
    ),
    answer(
      "later tokens masked",
      `const [query, key, value] = [this.query, this.key, this.value].map((each) => each.forward(x));
    const scores = tf.div(tf.matMul(query, key, false, true), Math.sqrt(query.shape[2]!));
    const count = x.shape[1]!;
    const earlier = tf.linalg.bandPart(tf.ones([count, count]), -1, 0);
    const masked = tf.sub(scores, tf.mul(1e9, tf.sub(1, earlier)));
    return tf.matMul(tf.softmax(masked), value);`,
      "`tf.sub(scores, tf.mul(1e9, tf.sub(1, earlier)))` is too much; its first input goes on as it is",
    ),
  ],
  "unit2 checkEncoder": [{
    ...answer(
      "a block too few",
      "for (const block of this.blocks) x = block.forward(x);\n    return x;",
      "`blocks` has 2 items, but should have 3, which is `depth` of the options",
    ),
    also: ["{ length: depth }", "{ length: depth - 1 }"],
  }],
  "unit2 checkStepSchedule": [
    answer(
      "an epoch that is rounded up",
      dropsAt("milestones.filter((each) => Math.ceil(step / stepsPerEpoch) >= each).length"),
      "the epoch is rounded up",
    ),

    answer(
      "a division too many from the start",
      dropsAt("(1 + milestones.filter((each) => step >= each * stepsPerEpoch).length)"),
      "once more than milestones have passed",
    ),
    answer(
      "a multiple of ten in place of a power",
      `return (step) =>
    learningRate / (10 * (1 + milestones.filter((each) => step >= each * stepsPerEpoch).length));`,
      "10 times the number of drops and one more",
    ),
    answer(
      "`findIndex` that finds none",
      dropsAt("milestones.findIndex((each) => step < each * stepsPerEpoch)"),
      "give −1 where there is none",
    ),
    answer(
      "drops in the middle of an epoch",
      dropsAt("milestones.filter((each) => step >= each * stepsPerEpoch + 2).length"),
      "Yours changes at step 14, 22; it should at step 12, 20",
    ),
  ],
  "unit2 checkResidualBlock": [{
    ...answer(
      "a shortcut that is cut out",
      `const hidden = tf.relu(this.norm1.forward(this.convolution1.forward(x)));
    const residual = this.norm2.forward(this.convolution2.forward(hidden));
    return tf.relu(tf.add(residual, this.shortcut(x)));`,
      "cuts the first places out of the map, its upper left corner",
    ),
    also: [
      "subsample(x, this.stride)",
      "tf.slice(x, [0, 0, 0, 0], [-1, x.shape[1]! / this.stride, x.shape[2]! / this.stride, -1])",
    ],
  }],
  "unit2 checkVit": [{
    ...answer(
      "fixed heads",
      `const tokens = this.encoder.forward(this.embedding.forward(images));
    return this.head.forward(this.norm.forward(tf.gather(tokens, 0, 1)));`,
      "should be 4, which is `patchSize` or `width / heads` of the options",
    ),
    also: ["new Encoder(options)", "new Encoder({ ...options, heads: 4 })"],
  }],
  "unit2 checkTransformerBlock": [{
    ...answer(
      "a dropout of rate 0",
      `const y = tf.add(x, this.attention.forward(this.attentionNorm.forward(x)));
    return tf.add(y, this.mlp.forward(this.mlpNorm.forward(y)));`,
      "the rate is 0; pass `dropout` of the options on",
    ),
    also: ["hiddenWidth: mlpWidth, dropout, random", "hiddenWidth: mlpWidth, dropout: 0, random"],
  }],
  "unit2 checkSinusoidalPositions": [
    answer(
      "`tf.range` without its step",
      table("tf.div(tf.range(0, width), width)"),
      "`tf.range(0, width, 2)` has D / 2 numbers",
    ),
    answer(
      "`tf.range` with its step in the wrong place",
      table("tf.div(tf.range(0, 2, width), width)"),
      "`tf.range(0, width, 2)` has D / 2 numbers",
    ),
    answer(
      "a step in the positions",
      table("tf.div(tf.range(0, width, 2), width)", "tf.range(0, positions, 2)"),
      "`tf.range(0, positions)` one for each position",
    ),
  ],
  "unit2 checkEmbedding": [
    answer(
      "a class token that is only added",
      `const patches = this.projection.forward(patchify(images, this.patchSize));
    return this.positions.forward(tf.add(patches, this.classToken));`,
      "what is added to them makes none",
    ),
    answer(
      "a class token that is added too",
      `const patches = this.projection.forward(patchify(images, this.patchSize));
    const tokens = tf.concat([tf.tile(this.classToken, [patches.shape[0], 1, 1]), patches], 1);
    return this.positions.forward(tf.add(tokens, this.classToken));`,
      "put in front of the patches and added to all tokens",
    ),
  ],
  "unit3 checkSelfAttention2d 1": [
    answer(
      "rows and columns exchanged at the end",
      grid(
        `const [query, key, value] = tf.split(joined, 3, -1);
    const shares = tf.softmax(tf.div(tf.matMul(query, key, false, true), Math.sqrt(headWidth)));
    const y = this.output.forward(tf.matMul(shares, value));`,
        "tf.transpose(tf.reshape(y, [batch, width, height, features]), [0, 2, 1, 3])",
      ),
      "exchanged as the tokens go back to the grid",
    ),
  ],
  "unit3 checkSelfAttention2d 2": [
    answer(
      "queries in place of values",
      grid(
        `const [query, key] = tf.split(joined, 3, -1).map((part) => {
      const split = tf.reshape(part, [batch, tokens, this.heads, headWidth]);
      return tf.transpose(split, [0, 2, 1, 3]);
    });
    const shares = tf.softmax(tf.div(tf.matMul(query, key, false, true), Math.sqrt(headWidth)));
    const results = tf.transpose(tf.matMul(shares, query), [0, 2, 1, 3]);`,
        "this.output.forward(tf.reshape(results, x.shape))",
      ),
      "should get the third result of `tf.transpose(split, [0, 2, 1, 3])` as its second input",
    ),

    answer(
      "no transpose at all",
      grid(
        `const split = (part: tf.Tensor) => tf.reshape(part, [batch, tokens, this.heads, headWidth]);
    const [query, key, value] = tf.split(joined, 3, -1).map(split);
    const shares = tf.softmax(tf.div(tf.matMul(query, key, false, true), Math.sqrt(headWidth)));`,
        "this.output.forward(tf.reshape(tf.matMul(shares, value), x.shape))",
      ),
      "what one gets when heads attend to each other within each token",
    ),
  ],
  "unit3 checkGridModel": [{
    ...answer(
      "positions in one row",
      `const tokens = this.projection.forward(imageToPatches(images, this.patchSize));
    let x = tf.add(tokens, tf.reshape(this.positions, tokens.shape.slice(1)));
    for (const block of this.blocks) x = block.forward(x);
    return this.head.forward(tf.mean(this.norm.forward(x), [1, 2]));`,
      "the positions stand in one row",
    ),
    also: ["random.normal([side, side, width]", "random.normal([1, side * side, width]"],
  }],
  "unit4 checkAttention": [
    answer(
      "sums that drop their axis",
      exponentials("powers.sum(-1)"),
      "`powers.sum(-1)` drops its axis, but should keep it",
    ),
    answer(
      "one sum for all",
      exponentials("powers.sum()"),
      "`powers.sum()` goes over all axes, but should go over axis 3 and keep it",
    ),
    answer(
      "features that the heads take in turns",
      heads(inTurns, "tf.transpose(results, [0, 2, 3, 1])"),
      "the heads take the features in turns",
    ),
  ],
  "unit5 checkAttention": [
    answer(
      "features that the heads take in turns",
      heads(inTurns, "tf.transpose(results, [0, 2, 3, 1])"),
      "the heads take the features in turns",
    ),
    answer(
      "features that are only divided in turns",
      heads(inTurns, "tf.transpose(results, [0, 2, 1, 3])"),
      "in turns, but are joined one after the other",
    ),
  ],
  "unit5 checkMomentum": [
    answer(
      "the momentum of the parameter",
      `const pull = tf.add(gradient, tf.mul(weightDecay, parameter));
  const next = tf.add(tf.mul(momentum, parameter), pull);
  return { parameter: tf.sub(parameter, tf.mul(learningRate, next)), velocity: next };`,
      "`tf.mul(momentum, parameter)` should get",
    ),
    answer(
      "a velocity that points down",
      `const pull = tf.add(gradient, tf.mul(weightDecay, parameter));
  const next = tf.sub(tf.mul(momentum, velocity), pull);
  return { parameter: tf.add(parameter, tf.mul(learningRate, next)), velocity: next };`,
      "the velocity points down the slope",
    ),
    answer(
      "a learning rate on the gradient alone",
      `const pull = tf.add(gradient, tf.mul(weightDecay, parameter));
  const kept = tf.mul(momentum, velocity);
  const moved = tf.sub(parameter, tf.add(kept, tf.mul(learningRate, pull)));
  return { parameter: moved, velocity: tf.add(kept, pull) };`,
      "the learning rate multiplies the gradient alone",
    ),
    answer(
      "the momentum alone",
      `const pull = tf.add(gradient, tf.mul(weightDecay, parameter));
  const next = tf.add(momentum, pull);
  return { parameter: tf.sub(parameter, tf.mul(learningRate, next)), velocity: next };`,
      "with the momentum itself in place of momentum · velocity",
    ),
    answer(
      "the rest of the momentum",
      `const pull = tf.add(gradient, tf.mul(weightDecay, parameter));
  const next = tf.add(tf.mul(1 - momentum, velocity), pull);
  return { parameter: tf.sub(parameter, tf.mul(learningRate, next)), velocity: next };`,
      "with 1 − μ times the old velocity",
    ),

    answer(
      "Keras's velocity",
      `const pull = tf.add(gradient, tf.mul(weightDecay, parameter));
  const next = tf.sub(tf.mul(momentum, velocity), tf.mul(learningRate, pull));
  return { parameter: tf.add(parameter, next), velocity: next };`,
      "as in Keras: v ← μ·v − η·g",
    ),
    answer(
      "Keras's velocity and AdamW's decay",
      `const next = tf.sub(tf.mul(momentum, velocity), tf.mul(learningRate, gradient));
  const decayed = tf.sub(parameter, tf.mul(learningRate * weightDecay, parameter));
  return { parameter: tf.add(decayed, next), velocity: next };`,
      "as in Keras: v ← μ·v − η·g",
      "as in AdamW",
    ),
  ],
  "unit5 checkCrossAttention": [
    answer(
      "the first image in place of the first token",
      asking(
        "tf.slice(x, [0, 0, 0], [1, -1, -1])",
        "return this.output.forward(tf.reshape(results, [batch, 1, width]));",
      ),
      "cuts axis 0, but should cut axis 1: `tf.slice(x, [0, 0, 0], [-1, 1, -1])`",
    ),
    answer(
      "all tokens that ask, and their mean",
      asking(
        "x",
        "return tf.mean(this.output.forward(tf.reshape(results, [batch, tokens, width])), 1, true);",
      ),
      "every token asks, and the mean of what they gather is taken",
    ),
  ],
  "unit5 checkFusion": [
    answer(
      "the other images in place of the patches",
      `const classToken = this.there.forward(tf.slice(own, [0, 0, 0], [-1, 1, -1]));
    const patches = tf.slice(other, [1, 0, 0], [-1, -1, -1]);
    const tokens = this.norm.forward(tf.concat([classToken, patches], 1));
    const gathered = tf.add(classToken, this.attention.forward(tokens));
    return tf.concat([this.back.forward(gathered), tf.slice(own, [0, 1, 0], [-1, -1, -1])], 1);`,
      "cuts axis 0, but should cut axis 1: `tf.slice(x, [0, 1, 0], [-1, -1, -1])`",
    ),
    answer(
      "the branch's own patches",
      `const classToken = this.there.forward(tf.slice(own, [0, 0, 0], [-1, 1, -1]));
    const ownPatches = tf.slice(own, [0, 1, 0], [-1, -1, -1]);
    const tokens = this.norm.forward(tf.concat([classToken, this.there.forward(ownPatches)], 1));
    const gathered = tf.add(classToken, this.attention.forward(tokens));
    return tf.concat([this.back.forward(gathered), ownPatches], 1);`,
      "with the branch's own patches, mapped to the other's width",
    ),
  ],
  "unit5 checkCrossViT": [
    answer(
      "a branch that is not encoded yet",
      rounds(`const s = this.small.encoders[k].forward(small);
      const l = this.large.encoders[k].forward(large);
      small = this.small.fusions[k].forward(s, large);
      large = this.large.fusions[k].forward(l, small);`),
      "the branch with small patches looks at the other's tokens from before that round's encoder",
    ),
    answer(
      "the first round's fusions in every round",
      rounds(`const s = this.small.encoders[k].forward(small);
      const l = this.large.encoders[k].forward(large);
      small = this.small.fusions[0].forward(s, l);
      large = this.large.fusions[0].forward(l, s);`),
      "with the first round's fusions in every round",
    ),
    answer(
      "the first round's encoders in every round",
      rounds(`const s = this.small.encoders[0].forward(small);
      const l = this.large.encoders[0].forward(large);
      small = this.small.fusions[k].forward(s, l);
      large = this.large.fusions[k].forward(l, s);`),
      "with the first round's encoders in every round",
    ),
    answer(
      "the first round's fusion in one branch",
      rounds(`const s = this.small.encoders[k].forward(small);
      const l = this.large.encoders[k].forward(large);
      small = this.small.fusions[k].forward(s, l);
      large = this.large.fusions[0].forward(l, s);`),
      "`this.large.fusions[0].forward(l, s)` stands where `this.large.fusions[1].forward` belongs",
      "Changed so, all values are right.",
    ),
    answer(
      "the other branch that is not encoded yet",
      rounds(`const before = small;
      small = this.small.encoders[k].forward(small);
      large = this.large.encoders[k].forward(large);
      const s = this.small.fusions[k].forward(small, large);
      large = this.large.fusions[k].forward(large, before);
      small = s;`),
      "the branch with large patches looks at the other's tokens from before that round's encoder",
    ),
    answer(
      "one fusion at the end",
      rounds(`small = this.small.encoders[k].forward(small);
      large = this.large.encoders[k].forward(large);
      if (k < this.small.encoders.length - 1) continue;
      [small, large] = [
        this.small.fusions[k].forward(small, large),
        this.large.fusions[k].forward(large, small),
      ];`),
      "with one fusion after the last round",
    ),
  ],
  "unit5 checkRollout": [
    answer(
      "the first block left out",
      `const flows = weights.slice(1).map((each) =>
    tf.div(tf.add(tf.mean(each, 1), tf.eye(tokens)), 2)
  );
  return flows.reduce((before, flow) => tf.matMul(flow, before)) as tf.Tensor3D;`,
      "`reduce` gets a list without items",
    ),

    answer(
      "columns that are normalised",
      flows(
        "tf.div(each, tf.sum(each, 1, true))",
        "weights = weights.map((each) => tf.add(tf.mean(each, 1), tf.eye(tokens))) as never;",
      ),
      "each column of A + I is divided by its sum",
    ),
    answer(
      "a sum that drops its axis",
      flows(
        "tf.div(each, tf.sum(each, -1))",
        "weights = weights.map((each) => tf.add(tf.mean(each, 1), tf.eye(tokens))) as never;",
      ),
      "`tf.sum` drops the axis that it goes over",
      "`tf.sum(x, axis, true)`",
    ),
    answer(
      "a mean that keeps the axis of heads",
      flows("tf.div(tf.add(tf.mean(each, 1, true), tf.eye(tokens)), 2)"),
      "`tf.mean(x, 1)` takes it away",
    ),
  ],
  "unit5 checkClassAttention": [
    answer(
      "the first head in place of the first token",
      "return tf.squeeze(tf.slice(weights, [0, 0, 0, 1], [-1, 1, -1, -1]), [2]);",
      "cuts axis 1, but should cut axis 2: `tf.slice(x, [0, 0, 0, 1], [-1, -1, 1, -1])`",
    ),

    answer(
      "the mean of the heads in place of each",
      `const mean = tf.tile(tf.mean(weights, 1, true), [1, weights.shape[1], 1, 1]);
  return tf.squeeze(tf.slice(mean, [0, 0, 0, 1], [-1, -1, 1, -1]), [2]);`,
      "with the mean of the heads in place of each",
    ),
    answer(
      "one map for all heads",
      `const mean = tf.mean(weights, 1, true);
  return tf.squeeze(tf.slice(mean, [0, 0, 0, 1], [-1, -1, 1, -1]), [2]);`,
      "the heads were averaged",
    ),
  ],
};

let loaded: Promise<Task[]> | undefined;

async function taskOf(name: string): Promise<Task> {
  loaded ??= tasks((each) => Object.keys(answers).some((key) => key.startsWith(each)), {
    areSure: true,
  });
  return (await loaded).find((each) => each.name === name)!;
}

/** A task's cell with other lines in place of its last solution. */
function answered(cell: string, { lines, also }: Answer): string {
  const [begin, end] = ["// BEGIN SOLUTION", "// END SOLUTION"];
  const start = cell.lastIndexOf(begin) + begin.length;
  const changed = `${cell.slice(0, start)}\n${lines}\n${cell.slice(cell.lastIndexOf(end))}`;
  if (!also) return changed;
  const other = changed.replace(...also);
  assert(other !== changed, "the solution has other words now");
  return other;
}

for (const [name, ofTask] of Object.entries(answers)) {
  const [unit, check] = name.split(" ");
  for (const each of ofTask) {
    Deno.test(`${check} names a student's mistake: ${each.mistake}, in ${unit}`, async () => {
      const task = await taskOf(name);
      await fails(async () => {
        const error = await runCheck(task, answered(task.cell, each));
        if (error) throw error;
      }, ...each.words);
    });
  }
}
