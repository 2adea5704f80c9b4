/** Right solutions of convolutional, residual and grid tasks, of variants and functions, in unusual styles. */
import {
  checkBasicBlock,
  checkBasicBlockVariants,
  checkBlockVariants,
  checkGlobalAveragePool,
  checkGridBlock,
  checkGridFeedForward,
  checkGridModel,
  checkGridModelConstructor,
  checkGridPatches,
  checkMomentum,
  checkNormalisedCnn,
  checkPooledCnn,
  checkResidualBlock,
  checkResNet,
  checkSelfAttention2d,
  checkSelfAttentionConstructor,
  checkStandardize,
  checkStepSchedule,
  checkStridedCnn,
} from "../../lib/mod.ts";
import { cell } from "./cells.ts";
import { printed } from "./printed.ts";

/** Checks what a cell defines: its code, the name, and the check. */
type Case = [code: string, name: string, check: (part: never) => Promise<void>];

const convolution = (inputs: string, outputs: string, more = "") =>
  `new Conv2d(${inputs}, ${outputs}, { padding: 1, bias: false, random, ${more} })`;

const residualBlock = `
class Unit extends Module {
  constructor(inputs, outputs, { stride = 1, last = false, random }) {
    super();
    this.layers = new Sequential(
      ${convolution("inputs", "outputs", "stride")},
      new BatchNorm2d(outputs),
      ...(last ? [] : [new Relu()]),
    );
  }
  forward(x) { return this.layers.forward(x); }
}
class Residual extends Module {
  constructor({ inputs, outputs, stride, random }) {
    super();
    this.units = [new Unit(inputs, outputs, { stride, random }), new Unit(outputs, outputs, { last: true, random })];
    this.stride = stride;
    this.outputs = outputs;
  }
  forward(x) {
    const past = tf.pad(subsample(x, this.stride), [[0, 0], [0, 0], [0, 0], [0, this.outputs - x.shape[3]]]);
    return this.units.reduce((y, unit) => unit.forward(y), x).add(past).relu();
  }
}`;

const basicBlock = `
class Basic extends Module {
  convs;
  norms = new Map();
  past;
  constructor({ inputs, outputs, stride, random }) {
    super();
    this.norms.set("second", new BatchNorm2d(outputs));
    this.norms.set("first", new BatchNorm2d(outputs));
    this.convs = [${convolution("inputs", "outputs", "stride")}, ${
  convolution("outputs", "outputs")
}];
    const fits = inputs === outputs && stride === 1;
    this.past = fits ? new Identity() : new Sequential(
      new Conv2d(inputs, outputs, { size: 1, stride, bias: false, random }),
      new BatchNorm2d(outputs),
    );
  }
  forward(x) {
    let y = this.norms.get("first").forward(this.convs[0].forward(x));
    y = tf.maximum(0, y);
    y = this.norms.get("second").forward(this.convs[1].forward(y));
    return tf.relu(tf.addN([this.past.forward(x), y]));
  }
}`;

const gridAttention = `
class GridAttention extends Module {
  #width;
  constructor({ width, heads, random }) {
    super();
    this.output = new Linear(width, width, { random });
    this.heads = heads;
    this.qkv = new Linear(width, 3 * width, { random });
    this.#width = width / heads;
  }
  forward(x) {
    const [batch, rows, columns, features] = x.shape;
    const all = this.qkv.forward(x.reshape([batch, rows * columns, features]));
    const head = (index) => {
      const [q, k, v] = [0, 1, 2].map((part) =>
        tf.slice(all, [0, 0, part * features + index * this.#width], [batch, rows * columns, this.#width]));
      const scores = q.mul(1 / Math.sqrt(this.#width)).matMul(k, false, true);
      const e = scores.sub(scores.max(-1, true)).exp();
      return e.div(e.sum(-1, true)).matMul(v);
    };
    const heads = Array.from({ length: this.heads }, (_, index) => head(index));
    return this.output.forward(tf.concat(heads, -1)).reshape(x.shape);
  }
}`;

const gridFeedForward = `
class GridFeedForward extends Module {
  constructor({ width, hiddenWidth, random }) {
    super();
    this.layers = new Sequential(
      new Linear(width, hiddenWidth, { random }), new Gelu(), new Linear(hiddenWidth, width, { random }));
  }
  forward(x) { return this.layers.forward(x); }
}`;

const gridBlock = `${gridAttention}${gridFeedForward}
/** A part after its norm, with the way past it. */
class Half extends Module {
  constructor(width, part) {
    super();
    this.part = part;
    this.norm = new LayerNorm(width);
  }
  forward(x) { return this.part.forward(this.norm.forward(x)).add(x); }
}
class GridBlock extends Module {
  constructor({ width, mlpWidth, heads, random }) {
    super();
    this.halves = [
      new Half(width, new GridAttention({ width, heads, random })),
      new Half(width, new GridFeedForward({ width, hiddenWidth: mlpWidth, random })),
    ];
  }
  forward(x) {
    for (const half of this.halves) x = half.forward(x);
    return x;
  }
}`;

const patches = `
function cut(images, p) {
  const [batch, height, width, channels] = images.shape;
  // Row by row of patches, and patch by patch of each.
  const rows = tf.split(images, height / p, 1).map((band) =>
    tf.stack(tf.split(band, width / p, 2).map((patch) => tf.reshape(patch, [batch, p * p * channels])), 1));
  return tf.stack(rows, 1);
}`;

const gridModel = `${gridBlock}${patches}
const repeat = (count, make) => [...Array(count).keys()].map(make);
class GridModel extends Module {
  constructor({ imageSize, channels, patchSize: p, width, mlpWidth, heads, depth, classes, random }) {
    super();
    this.patchSize = p;
    const side = imageSize / p;
    this.positions = tf.variable(random.normal([1, side, side, width], 0, 0.02));
    this.classify = new Linear(width, classes, { random });
    this.blocks = new Sequential(...repeat(depth, () => new GridBlock({ width, mlpWidth, heads, random })));
    this.enter = new Linear(p * p * channels, width, { random });
    this.last = new LayerNorm(width);
  }
  forward(images) {
    const tokens = this.last.forward(this.blocks.forward(this.enter.forward(cut(images, this.patchSize)).add(this.positions)));
    const [batch, rows, columns, width] = tokens.shape;
    return this.classify.forward(tokens.reshape([batch, rows * columns, width]).mean(1));
  }
}`;

const cases: Record<string, Case> = {
  "a network of Sequential with layers made in a loop": [
    `class Net extends Module {
      constructor({ imageSize, channels, width, classes, random }) {
        super();
        const layers = [];
        for (const inputs of [channels, width]) {
          layers.push(${
      convolution("inputs", "width")
    }, new BatchNorm2d(width), new Relu(), new MaxPool2d(2));
        }
        this.net = new Sequential(...layers, new Flatten(),
          new Linear((imageSize / 4) ** 2 * width, width, { random }), new Relu(), new Linear(width, classes, { random }));
      }
      forward(x) { return this.net.forward(x); }
    }`,
    "Net",
    checkNormalisedCnn,
  ],
  "a network with arrays by kind, and its pooling before ReLU": [
    `class Net extends Module {
      heads = [];
      norms = [];
      constructor({ imageSize: size, channels, width, classes, random }) {
        super();
        this.heads = [new Linear(size * size / 16 * width, width, { random }), new Linear(width, classes, { random })];
        this.norms = [0, 1].map(() => new BatchNorm2d(width));
        this.convs = [channels, width].map((inputs) => ${convolution("inputs", "width")});
      }
      forward(images) {
        let x = images;
        this.convs.forEach((conv, i) => {
          x = tf.maximum(tf.maxPool(this.norms[i].forward(conv.forward(x)), 2, 2, "valid"), 0);
        });
        const [hidden, last] = this.heads;
        return last.forward(hidden.forward(tf.reshape(x, [x.shape[0], -1])).relu());
      }
    }`,
    "Net",
    checkNormalisedCnn,
  ],
  "a network of a helper function, its fields made backwards": [
    `const step = (conv, norm, x) => tf.relu(norm.forward(conv.forward(x)));
    class Net extends Module {
      constructor({ imageSize, channels, width, classes, random }) {
        super();
        this.last = new Linear(width, classes, { random });
        this.hidden = new Linear((imageSize / 4) * (imageSize / 4) * width, width, { random });
        this.normB = new BatchNorm2d(width);
        this.convB = ${convolution("width", "width", "stride: 2")};
        this.normA = new BatchNorm2d(width);
        this.convA = ${convolution("channels", "width", "stride: 2")};
      }
      forward(images) {
        const map = step(this.convB, this.normB, step(this.convA, this.normA, images));
        return this.last.forward(tf.relu(this.hidden.forward(map.as2D(images.shape[0], -1))));
      }
    }`,
    "Net",
    checkStridedCnn,
  ],
  "a pooled network of stages in a map, with a third stride of 1": [
    `class Stage extends Module {
      constructor(inputs, width, stride, random) {
        super();
        this.parts = new Map([["norm", new BatchNorm2d(width)], ["conv", ${
      convolution("inputs", "width", "stride")
    }]]);
      }
      forward(x) { return this.parts.get("norm").forward(this.parts.get("conv").forward(x)).relu(); }
    }
    class Net extends Module {
      constructor({ channels, width, classes, random }) {
        super();
        this.stages = [[channels, 2], [width, 2], [width, 1]].map(([inputs, stride]) => new Stage(inputs, width, stride, random));
        this.output = new Linear(width, classes, { random });
      }
      features(x) { return this.stages.reduce((y, stage) => stage.forward(y), x); }
      forward(x) { return this.output.forward(this.features(x).mean([1, 2])); }
    }`,
    "Net",
    checkPooledCnn,
  ],
  "pooling in two means": [
    `class Pool extends Module { forward(x) { return x.mean(1).mean(1); } }`,
    "Pool",
    checkGlobalAveragePool,
  ],
  "pooling as a sum over a row of places, divided": [
    `class Pool extends Module {
      forward(x) {
        const [batch, height, width, channels] = x.shape;
        return tf.div(tf.sum(tf.reshape(x, [batch, height * width, channels]), 1), height * width);
      }
    }`,
    "Pool",
    checkGlobalAveragePool,
  ],
  "pooling as a window of the whole map": [
    `class Pool extends Module {
      forward(x) {
        return tf.squeeze(tf.avgPool(x, [x.shape[1], x.shape[2]], 1, "valid"), [1, 2]);
      }
    }`,
    "Pool",
    checkGlobalAveragePool,
  ],
  "a residual block of two units": [residualBlock, "Residual", checkResidualBlock],
  "a residual block whose shortcut joins zeros": [
    `class Block extends Module {
      constructor({ inputs, outputs, stride, random }) {
        super();
        this.conv2 = ${convolution("outputs", "outputs")};
        this.conv1 = ${convolution("inputs", "outputs", "stride")};
        [this.normA, this.normB] = [new BatchNorm2d(outputs), new BatchNorm2d(outputs)];
        Object.assign(this, { stride, extra: outputs - inputs });
      }
      forward(x) {
        const f = this.normB.forward(this.conv2.forward(this.normA.forward(this.conv1.forward(x)).relu()));
        if (this.stride === 1 && this.extra === 0) return tf.relu(f.add(x));
        const places = subsample(x, this.stride);
        const [b, h, w] = places.shape;
        const past = this.extra > 0 ? tf.concat([places, tf.zeros([b, h, w, this.extra])], 3) : places;
        return tf.relu(tf.add(past, f));
      }
    }`,
    "Block",
    checkResidualBlock,
  ],
  "a residual network of nested stages": [
    `${residualBlock}
    class Net extends Module {
      constructor({ depth, classes, random }) {
        super();
        const n = (depth - 2) / 6;
        const block = (inputs, outputs, stride) => new Residual({ inputs, outputs, stride, random });
        this.stages = [16, 32, 64].map((width, stage) =>
          Array.from({ length: n }, (_, i) => i > 0 || stage === 0 ? block(width, width, 1) : block(width / 2, width, 2)));
        this.head = new Linear(64, classes, { random });
        this.stem = new Unit(3, 16, { random });
      }
      forward(x) {
        const map = this.stages.flat().reduce((y, block) => block.forward(y), this.stem.forward(x));
        return this.head.forward(map.mean(2).mean(1));
      }
    }`,
    "Net",
    checkResNet,
  ],
  "a basic block with lists, a map and an identity": [basicBlock, "Basic", checkBasicBlock],
  "variants that share a base class": [
    `${basicBlock}
    class V2 extends Basic {
      forward(x) {
        const part = (i, name, y) => this.norms.get(name).forward(tf.relu(this.convs[i].forward(y)));
        return part(1, "second", part(0, "first", x)).add(this.past.forward(x));
      }
    }
    class V3 extends Basic {
      forward(x) {
        const y = this.convs[0].forward(x);
        const inner = this.convs[1].forward(this.norms.get("first").forward(y).relu());
        return this.norms.get("second").forward(inner.add(this.past.forward(x))).relu();
      }
    }
    const variants = { first: Basic, second: V2, third: V3 };`,
    "variants",
    checkBasicBlockVariants,
  ],
  "variants of a transformer block in parallel": [
    `class Block extends Module {
      constructor({ width, mlpWidth, heads, dropout, random }) {
        super();
        this.norms = [new LayerNorm(width), new LayerNorm(width)];
        this.attention = new MultiHeadAttention({ width, heads, random });
        this.mlp = new Mlp({ width, hiddenWidth: mlpWidth, dropout, random });
      }
      forward(x) {
        const y = x.add(this.attention.forward(this.norms[0].forward(x)));
        return y.add(this.mlp.forward(this.norms[1].forward(y)));
      }
    }
    class Parallel extends Block {
      forward(x) {
        const [a, b] = [this.attention, this.mlp].map((part, i) => part.forward(this.norms[i].forward(x)));
        return tf.addN([x, a, b]);
      }
    }
    class Late extends Block {
      forward(x) {
        const y = this.norms[0].forward(x.add(this.attention.forward(x)));
        return this.norms[1].forward(y.add(this.mlp.forward(y)));
      }
    }
    const variants = { first: Block, second: Parallel, third: Late };`,
    "variants",
    checkBlockVariants,
  ],
  "attention head by head, with a private field": [
    gridAttention,
    "GridAttention",
    async (part) => {
      await checkSelfAttentionConstructor(part);
      await checkSelfAttention2d(part, { heads: "one" });
      await checkSelfAttention2d(part, { heads: "several" });
    },
  ],
  "a feed-forward part of Sequential": [gridFeedForward, "GridFeedForward", checkGridFeedForward],
  "a block of halves": [gridBlock, "GridBlock", checkGridBlock],
  "patches by splitting and stacking": [patches, "cut", checkGridPatches],
  "a model of Sequential with positions for one image": [
    gridModel,
    "[GridModel, cut]",
    async ([part, patches]: never[]) => {
      const sizes = {
        ...{ imageSize: 32, channels: 3, patchSize: 4, width: 32, mlpWidth: 64, heads: 4 },
        ...{ depth: 2, classes: 10 },
      };
      await checkGridModelConstructor(part, { sizes });
      await checkGridModel(part, { patches });
    },
  ],
  "momentum in one expression": [
    `const step = ({ parameter: w, velocity: v }, g, { learningRate, momentum, weightDecay }) => {
      const velocity = v.mul(momentum).add(g).add(w.mul(weightDecay));
      return { velocity, parameter: w.sub(velocity.mul(learningRate)) };
    };`,
    "step",
    checkMomentum,
  ],
  "momentum in place, on copies": [
    `function step(state, gradient, settings) {
      let { parameter, velocity } = state;
      velocity = tf.addN([tf.mul(velocity, settings.momentum), gradient, tf.mul(settings.weightDecay, parameter)]);
      parameter = tf.add(parameter, tf.neg(tf.mul(velocity, settings.learningRate)));
      return { ...state, parameter, velocity };
    }`,
    "step",
    checkMomentum,
  ],
  "a schedule that multiplies in a loop": [
    `function schedule({ learningRate, milestones, stepsPerEpoch }) {
      return function (step) {
        let rate = learningRate;
        const epoch = Math.floor(step / stepsPerEpoch);
        for (const milestone of milestones) if (epoch >= milestone) rate *= 0.1;
        return rate;
      };
    }`,
    "schedule",
    checkStepSchedule,
  ],
  "a schedule of reduce": [
    `const schedule = ({ learningRate, milestones, stepsPerEpoch: n }) => (step) =>
      milestones.reduce((rate, each) => step < each * n ? rate : rate / 10, learningRate);`,
    "schedule",
    checkStepSchedule,
  ],
  "rows standardized by sums of squares": [
    `function standardize(x) {
      const n = x.shape.at(-1);
      const centred = x.sub(x.sum(-1, true).div(n));
      return centred.mul(tf.rsqrt(tf.sum(tf.square(centred), -1, true).div(n)));
    }`,
    "standardize",
    checkStandardize,
  ],
  "rows standardized by moments": [
    `const standardize = (x) => {
      const { mean, variance } = tf.moments(x, [x.rank - 1], true);
      return tf.div(tf.sub(x, mean), variance.sqrt());
    };`,
    "standardize",
    checkStandardize,
  ],
};

for (const [title, [code, name, check]] of Object.entries(cases)) {
  Deno.test(`a right solution is accepted: ${title}`, async () => {
    const part = await cell<never>(code, name);
    await printed(() => check(part));
  });
}
