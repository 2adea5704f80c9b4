import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { CheckError } from "../../../lib/exercises/engine/check.ts";
import {
  checkFeedForward,
  type FeedForwardOptions,
} from "../../../lib/exercises/transformer/feed_forward.ts";
import { Gelu, Relu } from "../../../lib/nn/activation.ts";
import { Dropout } from "../../../lib/nn/dropout.ts";
import { Linear } from "../../../lib/nn/linear.ts";

import { Module } from "../../../lib/nn/module.ts";
import type { Random } from "../../../lib/random.ts";
import { Sequential } from "../../../lib/nn/sequential.ts";
import { printed } from "../printed.ts";

/** The solution, with a forward that tests replace. */
class FeedForward extends Module {
  hidden: Linear;
  hiddenDropout: Dropout;
  output: Linear;
  outputDropout: Dropout;
  activation: Module = new Gelu();

  constructor({ width, hiddenWidth, dropout = 0, random }: FeedForwardOptions) {
    super();
    this.hidden = new Linear(width, hiddenWidth, { random });
    this.hiddenDropout = new Dropout(dropout, { random });
    this.output = new Linear(hiddenWidth, width, { random });
    this.outputDropout = new Dropout(dropout, { random });
  }

  forward(x: tf.Tensor): tf.Tensor {
    const hidden = this.hiddenDropout.forward(this.activation.forward(this.hidden.forward(x)));
    return this.outputDropout.forward(this.output.forward(hidden));
  }
}

/** The solution with another forward. */
function forwarding(compute: (part: FeedForward, x: tf.Tensor) => tf.Tensor) {
  return class extends FeedForward {
    override forward(x: tf.Tensor): tf.Tensor {
      return compute(this, x);
    }
  };
}

/** A dropout as learners may write it. */
class HandDropout extends Module {
  constructor(private rate: number, private random: Random) {
    super();
  }
  forward(x: tf.Tensor): tf.Tensor {
    return this.training ? drop(x, this.rate, this.random) : x;
  }
}

const drop = (x: tf.Tensor, rate: number, random: Random) =>
  tf.div(tf.mul(x, random.bernoulli(x.shape, 1 - rate)), 1 - rate);

/** The solution with dropouts by hand in its forward pass, at rates of a test's choice. */
function dropping(...rates: ((rate: number) => number)[]) {
  return class extends FeedForward {
    rates: number[];
    random: Random;
    constructor(options: FeedForwardOptions) {
      super(options);
      this.rates = rates.map((rate) => rate(options.dropout));
      this.random = options.random;
    }
    override forward(x: tf.Tensor): tf.Tensor {
      const [first, second] = this.rates.map((rate) => (y: tf.Tensor) =>
        this.training ? drop(y, rate, this.random) : y
      );
      return second(this.output.forward(first(this.activation.forward(this.hidden.forward(x)))));
    }
  };
}

const wrong: Record<string, [unknown, string[]]> = {
  "no class": [42, ["should be a class, but is a number"]],
  "a class that is no Module": [class {}, ["should be a Module", "extends Module"]],
  "an empty constructor": [
    class extends Module {
      constructor(_options: FeedForwardOptions) {
        super();
        throw new Error("not solved yet");
      }
      forward = (x: tf.Tensor) => x;
    },
    ["is not written yet"],
  ],
  "an empty forward": [
    forwarding(() => {
      throw new Error("not solved yet");
    }),
    ["FeedForward.forward is not written yet"],
  ],
  "no return": [forwarding(() => undefined as unknown as tf.Tensor), ["is a `return` missing?"]],
  "a part that is missing": [
    class extends FeedForward {
      constructor(options: FeedForwardOptions) {
        super(options);
        this.output = undefined as unknown as Linear;
      }
    },
    ["these are missing: output.weight [7, 12], output.bias [12]", "not kept as a field"],
  ],
  "a layer in a private field": [
    class extends Module {
      hidden: Linear;
      #last: Linear;
      constructor({ width, hiddenWidth, random }: FeedForwardOptions) {
        super();
        this.hidden = new Linear(width, hiddenWidth, { random });
        this.#last = new Linear(hiddenWidth, width, { random });
      }
      forward(x: tf.Tensor) {
        return this.#last.forward(tf.relu(this.hidden.forward(x)));
      }
    },
    ["the weight of a Linear [7, 12]", "the field `#last` of", "is private"],
  ],
  "layers in a set": [
    class extends Module {
      layers: Set<Module>;
      constructor({ width, hiddenWidth, random }: FeedForwardOptions) {
        super();
        this.layers = new Set([
          new Linear(width, hiddenWidth, { random }),
          new Linear(hiddenWidth, width, { random }),
        ]);
      }
      forward(x: tf.Tensor) {
        return x;
      }
    },
    ["these are missing", "`this.layers` is a Set"],
  ],
  "exchanged sizes": [
    class extends FeedForward {
      constructor(options: FeedForwardOptions) {
        super({ ...options, width: options.hiddenWidth, hiddenWidth: options.width });
      }
    },
    ["`hidden.weight` has the wrong shape", "[7, 12]", "inputs and outputs are exchanged"],
  ],
  "a layer too many": [
    class extends FeedForward {
      extra = new Linear(3, 4, { random: undefined! });
    },
    ["threw an error when it was made", "options.random is missing"],
  ],
  "a parameter too many": [
    class extends FeedForward {
      extra = tf.variable(tf.zeros([3]));
    },
    ["has parameters that it should not have: extra [3]"],
  ],
  "no second layer": [
    forwarding((part, x) => part.hidden.forward(x)),
    ["wrong shape", "[2, 5, 7]", "the second Linear layer is missing"],
  ],
  "no GELU": [
    forwarding((part, x) => part.output.forward(part.hidden.forward(x))),
    ["wrong values", "without GELU"],
  ],
  "ReLU": [
    class extends FeedForward {
      override activation = new Relu();
    },
    ["with ReLU in place of GELU"],
  ],
  "an approximate GELU": [
    forwarding((part, x) => {
      const h = part.hidden.forward(x);
      const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(h, tf.mul(0.044715, tf.pow(h, 3))));
      return part.output.forward(tf.mul(tf.mul(0.5, h), tf.add(1, tf.tanh(inner))));
    }),
    ["tanh approximation"],
  ],
  "GELU approximated by a sigmoid": [
    forwarding((part, x) => {
      const h = part.hidden.forward(x);
      return part.output.forward(tf.mul(h, tf.sigmoid(tf.mul(h, 1.702))));
    }),
    ["x · sigmoid(1.702 x)"],
  ],
  "GELU last": [
    forwarding((part, x) => part.activation.forward(part.output.forward(part.hidden.forward(x)))),
    ["with GELU after the second Linear layer"],
  ],
  "a residual": [
    forwarding((part, x) =>
      tf.add(x, part.output.forward(part.activation.forward(part.hidden.forward(x))))
    ),
    ["with a residual connection inside the feed-forward part"],
  ],
  "two mistakes": [
    forwarding((part, x) => tf.add(x, part.output.forward(tf.relu(part.hidden.forward(x))))),
    ["with ReLU in place of GELU, and with a residual connection"],
  ],
  "something that nobody has thought of": [
    forwarding((part, x) => part.output.forward(tf.sin(part.hidden.forward(x)))),
    ["FeedForward.forward has the right shape, but wrong values", "Largest difference"],
  ],
  "dropout in evaluation": [
    forwarding((part, x) =>
      tf.dropout(part.output.forward(part.activation.forward(part.hidden.forward(x))), 0.5)
    ),
    ["another result each time", "dropout is active in evaluation"],
  ],
  "no dropout": [
    forwarding((part, x) => part.output.forward(part.activation.forward(part.hidden.forward(x)))),
    ["dropout has no effect in training"],
  ],
  "only the first dropout": [
    forwarding((part, x) =>
      part.output.forward(
        part.hiddenDropout.forward(part.activation.forward(part.hidden.forward(x))),
      )
    ),
    ["the last dropout is missing"],
  ],
  "only the last dropout": [
    forwarding((part, x) =>
      part.outputDropout.forward(
        part.output.forward(part.activation.forward(part.hidden.forward(x))),
      )
    ),
    ["the dropout after GELU is missing"],
  ],
  "a fixed dropout rate": [
    class extends FeedForward {
      constructor(options: FeedForwardOptions) {
        super({ ...options, dropout: 0.1 });
      }
    },
    [
      "`hiddenDropout` drops 10 % of the values",
      "should drop 30 %, `dropout` of the options",
      "a fixed rate",
    ],
  ],
  "dropout before GELU": [
    forwarding((part, x) => {
      const hidden = part.activation.forward(part.hiddenDropout.forward(part.hidden.forward(x)));
      return part.outputDropout.forward(part.output.forward(hidden));
    }),
    ["does not act on the result of GELU", "it stands before GELU"],
  ],
  "dropout of the input": [
    forwarding((part, x) => {
      const hidden = part.activation.forward(part.hidden.forward(part.hiddenDropout.forward(x)));
      return part.outputDropout.forward(part.output.forward(hidden));
    }),
    ["does not act on the result of GELU", "before the first Linear layer"],
  ],
  "a fixed rate of the first dropout": [
    class extends FeedForward {
      constructor(options: FeedForwardOptions) {
        super(options);
        this.hiddenDropout = new Dropout(0.1, options);
      }
    },
    ["`hiddenDropout` drops 10 % of the values", "a fixed rate"],
  ],
  "a rate of what is kept": [
    class extends FeedForward {
      constructor(options: FeedForwardOptions) {
        super({ ...options, dropout: 1 - options.dropout });
      }
    },
    ["`hiddenDropout` drops 70 % of the values", "`1 - rate`, the share that is kept"],
  ],
  "a dropout by hand at a rate of what is kept": [
    dropping((rate) => 1 - rate, (rate) => 1 - rate),
    ["though the dropout rate is 0.3", "yours is the share that is kept"],
  ],
  "a dropout by hand at a fixed rate": [
    dropping((rate) => rate, () => 0.5),
    [
      "multiply what they keep by 2.041; yours multiply it by 2.857",
      "one of them has a fixed rate",
    ],
  ],
  "a layer of dropout by hand at a fixed rate": [
    class extends FeedForward {
      constructor(options: FeedForwardOptions) {
        super(options);
        Object.assign(this, { outputDropout: new HandDropout(0.5, options.random) });
      }
    },
    ["`outputDropout` drops 50 % of the values", "a fixed rate"],
  ],
  "tfjs's dropout": [
    forwarding((part, x) => {
      const hidden = part.activation.forward(part.hidden.forward(x));
      const output = part.output.forward(part.training ? tf.dropout(hidden, 0.5) : hidden);
      return part.training ? tf.dropout(output, 0.5) : output;
    }),
    ["dropout differs between two modules made from the same seed", "`tf.dropout`"],
  ],
  "first values from elsewhere": [
    class extends FeedForward {
      constructor(options: FeedForwardOptions) {
        super(options);
        this.output.weight.assign(tf.randomNormal([options.hiddenWidth, options.width]));
      }
    },
    ["the first values of `output.weight` differ", "random.normal"],
  ],
  "weights read out": [
    forwarding((part, x) => {
      const weight = tf.tensor2d(part.hidden.weight.dataSync(), part.hidden.weight.shape);
      const [batch, tokens] = x.shape;
      const hidden = tf.add(tf.matMul(tf.reshape(x, [-1, 12]), weight), part.hidden.bias!);
      const activated = part.hiddenDropout.forward(part.activation.forward(hidden));
      return tf.reshape(part.outputDropout.forward(part.output.forward(activated)), [
        batch,
        tokens!,
        12,
      ]);
    }),
    ["no gradient reaches the parameter `hidden.weight`", "values leave TensorFlow"],
  ],
};

Deno.test("checkFeedForward: accepts the solution", async () => {
  const lines = await printed(() => checkFeedForward(FeedForward, { points: 1 }));
  assertEquals(lines.length, 1);
  assertStringIncludes(lines[0], "✔ Feed-forward part");
  assertStringIncludes(lines[0], "(1 point)");
});

Deno.test("checkFeedForward: accepts layers under other names", async () => {
  class Stacked extends Module {
    net: Sequential;
    constructor({ width, hiddenWidth, dropout = 0, random }: FeedForwardOptions) {
      super();
      this.net = new Sequential(
        new Linear(width, hiddenWidth, { random }),
        new Gelu(),
        new Dropout(dropout, { random }),
        new Linear(hiddenWidth, width, { random }),
        new Dropout(dropout, { random }),
      );
    }
    forward(x: tf.Tensor) {
      return this.net.forward(x);
    }
  }
  assertEquals((await printed(() => checkFeedForward(Stacked))).length, 1);
});

Deno.test("checkFeedForward: accepts one dropout in both places, and layers in an array as well", async () => {
  class OneDropout extends FeedForward {
    layers: Module[];
    constructor(options: FeedForwardOptions) {
      super(options);
      this.outputDropout = this.hiddenDropout;
      const { hidden, activation, hiddenDropout, output, outputDropout } = this;
      this.layers = [hidden, activation, hiddenDropout, output, outputDropout];
    }
    override forward(x: tf.Tensor): tf.Tensor {
      return this.layers.reduce((values, layer) => layer.forward(values), x);
    }
  }
  assertEquals((await printed(() => checkFeedForward(OneDropout))).length, 1);
});

for (const [title, [learner, words]] of Object.entries(wrong)) {
  Deno.test(`checkFeedForward: names what is wrong with ${title}`, async () => {
    const error = await assertRejects(() => checkFeedForward(learner as never), CheckError);
    assertStringIncludes(error.message, "✘ Feed-forward part: ");
    for (const word of words) assertStringIncludes(error.message, word);
  });
}

Deno.test("checkFeedForward: leaves no tensor behind", async () => {
  const before = tf.memory().numTensors;
  await printed(() => checkFeedForward(FeedForward));
  await assertRejects(() => checkFeedForward(forwarding((part, x) => part.hidden.forward(x))));
  assertEquals(tf.memory().numTensors, before);
});
