import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { CheckError } from "../../lib/exercises/check.ts";
import { checkEncoder, type EncoderOptions } from "../../lib/exercises/encoder.ts";
import { checkReceptiveField } from "../../lib/exercises/receptive_field.ts";
import { checkSearch } from "../../lib/exercises/search.ts";
import { checkVit, type VitOptions } from "../../lib/exercises/small_vit.ts";
import { checkStepSchedule, type StepScheduleOptions } from "../../lib/exercises/step_schedule.ts";
import { type BlockOptions, checkTransformerBlock } from "../../lib/exercises/transformer_block.ts";
import { transferWeights } from "../../lib/exercises/weights.ts";
import { PlainCnn } from "../../lib/models/plain_cnn.ts";
import { VisionTransformer } from "../../lib/models/vision_transformer.ts";
import { type AttentionOptions } from "../../lib/nn/attention.ts";
import { ConcatenatedHeads } from "../../lib/nn/attention_head.ts";
import { sinusoidalPositions } from "../../lib/nn/functional.ts";
import { buffer } from "../../lib/nn/initialization.ts";
import { Linear } from "../../lib/nn/linear.ts";
import { Mlp } from "../../lib/nn/mlp.ts";
import { Module } from "../../lib/nn/module.ts";
import { LayerNorm } from "../../lib/nn/normalization.ts";
import type { Part } from "../../lib/nn/part.ts";
import { PatchEmbedding } from "../../lib/nn/patch_embedding.ts";
import { SinusoidalPositions } from "../../lib/nn/position_encoding.ts";
import { Random } from "../../lib/random.ts";
import { multiStep, perEpoch } from "../../lib/training/schedules.ts";
import { printed } from "./printed.ts";

async function fails(check: () => Promise<void>, ...words: string[]): Promise<void> {
  const error = await assertRejects(check, CheckError);
  for (const each of words) assertStringIncludes(error.message, each);
}

async function passes(check: () => Promise<void>): Promise<string> {
  const before = tf.memory().numTensors;
  const [line] = await printed(check);
  assertEquals(tf.memory().numTensors, before);
  return line;
}

/** A block with attention of concatenated heads. */
function block(
  forward?: (block: Module & Parts, x: tf.Tensor) => tf.Tensor,
  Attention: Part<AttentionOptions> = ConcatenatedHeads,
) {
  return class AttentionBlock extends Module implements Parts {
    attentionNorm: LayerNorm;
    attention: Module;
    mlpNorm: LayerNorm;
    mlp: Mlp;
    constructor({ width, mlpWidth, heads, dropout, random }: BlockOptions) {
      super();
      this.attentionNorm = new LayerNorm(width);
      this.attention = new (Attention as typeof ConcatenatedHeads)({ width, heads, random });
      this.mlpNorm = new LayerNorm(width);
      this.mlp = new Mlp({ width, hiddenWidth: mlpWidth, dropout, random });
    }
    forward(x: tf.Tensor) {
      if (forward) return forward(this, x);
      x = tf.add(x, this.attention.forward(this.attentionNorm.forward(x)));
      return tf.add(x, this.mlp.forward(this.mlpNorm.forward(x)));
    }
  };
}

interface Parts {
  attentionNorm: Module;
  attention: Module;
  mlpNorm: Module;
  mlp: Module;
}

const attention = ConcatenatedHeads;
const postNorm = block((parts, x) => {
  x = parts.attentionNorm.forward(tf.add(x, parts.attention.forward(x)));
  return parts.mlpNorm.forward(tf.add(x, parts.mlp.forward(x)));
});

Deno.test("checkTransformerBlock: takes attention of concatenated heads, and explains mistakes in it", async () => {
  await passes(() => checkTransformerBlock(block(), { attention, points: 1 }));
  await fails(() => checkTransformerBlock(postNorm, { attention }), "(post-LN)");
  const Reversed = class extends ConcatenatedHeads {
    override forward(x: tf.Tensor) {
      return this.output.forward(
        tf.concat(this.heads.map((head) => head.forward(x)).reverse(), -1),
      );
    }
  };
  const line = await passes(() => checkTransformerBlock(block(undefined, Reversed), { attention }));
  assertStringIncludes(line, "in place of your MultiHeadAttention, which is wrong");
});

function encoder(
  run: (blocks: Module[], x: tf.Tensor) => tf.Tensor = (blocks, x) =>
    blocks.reduce((tokens, each) => each.forward(tokens), x),
  Block: Part<BlockOptions> = block(),
  change: Partial<EncoderOptions> = {},
) {
  return class Encoder extends Module {
    blocks: Module[];
    constructor({ depth, ...options }: EncoderOptions) {
      super();
      this.blocks = Array.from(
        { length: depth },
        () => new (Block as ReturnType<typeof block>)({ ...options, ...change }),
      );
    }
    forward(x: tf.Tensor) {
      return run(this.blocks, x);
    }
  };
}

Deno.test("checkEncoder: accepts the solution, and counts a wrong block once", async () => {
  await passes(() => checkEncoder(encoder(), { points: 1 }));
  const line = await passes(() => checkEncoder(encoder(undefined, postNorm)));
  assertStringIncludes(line, "in place of your AttentionBlock, which is wrong");
});

Deno.test("checkEncoder: names what is wrong", async () => {
  const check = (...parts: Parameters<typeof encoder>) => () => checkEncoder(encoder(...parts));
  await fails(check((blocks, x) => blocks[0].forward(x)), "with the first block only");
  await fails(
    check((blocks, x) => blocks.slice(0, -1).reduce((tokens, each) => each.forward(tokens), x)),
    "without the last block",
  );
  await fails(
    check((blocks, x) => blocks.reduceRight((tokens, each) => each.forward(tokens), x)),
    "in reverse order",
  );
  await fails(
    check((blocks, x) => blocks.reduce((_tokens, each) => each.forward(x), x)),
    "each block gets the encoder's input",
  );
  await fails(check(undefined, undefined, { dropout: 0 }), "Pass `dropout` on to the blocks");
  await fails(check(undefined, undefined, { mlpWidth: 9 }), "has the wrong shape");
});

interface Steps {
  slots?: (patches: number) => number;
  pool?: (x: tf.Tensor) => tf.Tensor;
  finish?: (head: Linear, norm: LayerNorm, x: tf.Tensor) => tf.Tensor;
  width?: number;
}

const classTokenOf = (x: tf.Tensor) => tf.squeeze(tf.slice(x, [0, 0, 0], [-1, 1, -1]), [1]);

function vit(
  { slots = (patches) => patches + 1, pool = classTokenOf, finish, width: fixed }: Steps = {},
) {
  return class Vit extends Module {
    patches: PatchEmbedding;
    classToken: tf.Variable;
    positions: tf.Variable;
    encoder: Module;
    norm: LayerNorm;
    head: Linear;
    constructor(options: VitOptions) {
      super();
      const { imageSize, channels, patchSize, classes, random } = options;
      const width = fixed ?? options.width;
      this.patches = new PatchEmbedding({ patchSize, channels, width, random });
      this.classToken = tf.variable(random.normal([1, 1, width]));
      const count = slots((imageSize / patchSize) ** 2);
      this.positions = buffer(() => sinusoidalPositions(count, width));
      this.encoder = new (encoder())({ ...options, width });
      this.norm = new LayerNorm(width);
      this.head = new Linear(width, classes, { random });
    }
    forward(images: tf.Tensor) {
      const patches = this.patches.forward(images);
      const token = tf.mul(tf.ones([images.shape[0], 1, 1]), this.classToken);
      const x = this.encoder.forward(tf.add(tf.concat([token, patches], 1), this.positions));
      return finish?.(this.head, this.norm, x) ?? this.head.forward(this.norm.forward(pool(x)));
    }
  };
}

Deno.test("checkVit: accepts the solution and counts its parameters", async () => {
  const sizes = {
    ...{ imageSize: 32, channels: 3, patchSize: 4, classes: 10, dropout: 0.1 },
    ...{ width: 128, mlpWidth: 256, heads: 4, depth: 6 },
  };
  const line = await passes(() => checkVit(vit(), { points: 3, sizes }));
  assertStringIncludes(line, "802,826 parameters (3 points)");
  await fails(
    () => checkVit(vit({ width: 20 }), { sizes }),
    "has 74,906 parameters",
    "fixed in the code",
  );
});

Deno.test("checkVit: names what is wrong", async () => {
  const check = (steps: Steps) => () => checkVit(vit(steps));
  await fails(check({ slots: (patches) => patches }), "Likely cause: the number of slots");
  await fails(check({ pool: (x) => tf.mean(x, 1) }), "reads the mean of all tokens");
  await fails(check({ pool: (x) => x }), "applied to all tokens");
  await fails(
    check({ finish: (head, _norm, x) => head.forward(classTokenOf(x)) }),
    "without the LayerNorm before the head",
  );
});

Deno.test("checkStepSchedule: accepts what gives the right rates", async () => {
  await passes(() =>
    checkStepSchedule(
      ({ learningRate, milestones, stepsPerEpoch }) =>
        perEpoch(multiStep({ learningRate, milestones }), stepsPerEpoch),
      { points: 2 },
    )
  );
});

Deno.test("checkStepSchedule: names what is wrong", async () => {
  const dropping = (
    is: (step: number, milestone: number, stepsPerEpoch: number) => boolean,
    factor = 0.1,
  ) =>
  ({ learningRate, milestones, stepsPerEpoch }: StepScheduleOptions) =>
  (step: number) =>
    learningRate * factor ** milestones.filter((each) => is(step, each, stepsPerEpoch)).length;
  const cases: [unknown, string][] = [
    [dropping((step, each) => step >= each), "they count epochs"],
    [dropping((step, each, steps) => step >= (each + 1) * steps), "one epoch too late"],
    [dropping((step, each, steps) => step > each * steps), "one step too late"],
    [dropping((step, each, steps) => step >= each * steps, 0.5), "divided by 2"],
    [dropping((step, each, steps) => step >= each * steps, 10), "it is divided"],
    [dropping(() => false), "stays the same"],
    [() => 5e-4, "return a function of the step"],
    [() => () => undefined, "is undefined"],
    [() => {
      throw new Error("Not solved yet: write your code");
    }, "is not written yet"],
  ];
  for (const [learner, words] of cases) {
    await fails(() => checkStepSchedule(learner as never), words);
  }
  await fails(
    () => checkStepSchedule(dropping((step, each) => step >= each)),
    "step 3 is 0.00005, but should be 0.0005",
    "belongs to epoch 0",
  );
});

Deno.test("checkReceptiveField: compares an answer with what the network sees", async () => {
  const features = (images: tf.Tensor4D) => tf.avgPool(images, 6, 2, "valid");
  await passes(() => checkReceptiveField(6, features));
  await fails(() => checkReceptiveField(5, features), "does not see 5×5 pixels", "It sees more");
  await fails(() => checkReceptiveField(9, features), "It sees fewer");
  await fails(() => checkReceptiveField(2.5, features), "a whole number of pixels, but is 2.5");
  await fails(
    () =>
      checkReceptiveField(6, () => {
        throw new Error("a mistake");
      }),
    "while its receptive field was measured",
  );
});

Deno.test("checkSearch: wants enough trials, different ones, and short runs first", async () => {
  const trial = (learningRate: number, depth: number, ...epochs: number[]) => ({
    settings: { learningRate, depth, heads: 4 },
    results: epochs.map((each) => ({ epochs: each })),
  });
  const trials = [trial(1e-3, 2, 1, 3), trial(1e-4, 2, 1), trial(1e-3, 4, 1), trial(1e-5, 4, 1)];
  const line = await passes(() => checkSearch({ trials }, { trials: 4, points: 1 }));
  assertStringIncludes(line, "4 trials over learningRate, depth; 1 of them for 3 epochs");
  await fails(() => checkSearch({ trials }, { trials: 5 }), "4 trials have a result; at least 5");
  const unfinished = [...trials.slice(1), trial(1, 1)];
  await fails(() => checkSearch({ trials: unfinished }, { trials: 4 }), "it goes on where it was");
  await fails(() => checkSearch({ trials: trials.slice(1) }, { trials: 2 }), "3 of 3 trials");
  const same = trials.map((each, index) =>
    trial(1e-3, index, ...each.results.map((r) => r.epochs))
  );
  await fails(() => checkSearch({ trials: same }, { trials: 2 }), "only depth differs");
  await fails(() => checkSearch(undefined as never, { trials: 2 }), "should be a Search");
});

Deno.test("transferWeights: fits other names and batch normalisations, and refuses another function", () => {
  const random = new Random(7);
  const options = { imageSize: 8, classes: 4, width: 6, normalised: true, random } as const;
  const [source, target] = [new PlainCnn(options), new PlainCnn(options)];
  const images = random.normal([5, 8, 8, 3]);
  source.setTraining(true);
  tf.tidy(() => void source.forward(images)); // moves the running statistics
  source.setTraining(false);
  const values = (module: Module) =>
    tf.tidy(() => Array.from(module.forward(images).dataSync(), (value) => value.toFixed(4)));
  assert(values(source).join() !== values(target).join());
  const before = tf.memory().numTensors;
  assert(transferWeights(source, target, images));
  assertEquals(tf.memory().numTensors, before);
  assertEquals(values(target), values(source));

  // The same parameters, but another function of them.
  const other = class extends PlainCnn {
    override forward(x: tf.Tensor) {
      return tf.neg(super.forward(x));
    }
  };
  const different = new other(options);
  const own = values(different);
  assertEquals(transferWeights(source, different, images), false);
  assertEquals(values(different), own);
  for (const module of [source, target, different]) module.dispose();
  random.dispose();
});

Deno.test("transferWeights: gives a learner's ViT the weights of the library's", () => {
  const random = new Random(8);
  const options = {
    ...{ imageSize: 8, channels: 3, patchSize: 4, classes: 5, dropout: 0.1, random },
    ...{ width: 12, mlpWidth: 7, heads: 3, depth: 2 },
  };
  const source = new VisionTransformer({
    ...options,
    positionEncoding: SinusoidalPositions,
    attention: ConcatenatedHeads,
  });
  const target = new (vit())(options);
  const images = random.normal([2, 8, 8, 3]);
  assert(transferWeights(source, target, images));
  for (const module of [source, target]) module.dispose();
  random.dispose();
});
