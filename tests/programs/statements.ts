/** What the statements of random programs can be: what learners write, with arguments that keep values small. */
import * as ops from "../../lib/tensor/ops.ts";
import * as tf from "../../lib/tensor/tf.ts";
import type { Random } from "../../lib/random.ts";
import type { Choices } from "./choices.ts";

/** What a program finds when it runs. */
export interface World {
  /** Trained variables, in the order in which the program asked for them. */
  variables: tf.Variable[];
  /** Variables that the program assigns in its objective. */
  statistics: tf.Variable[];
  /** Tensors from outside of the step. */
  constants: tf.Tensor[];
  /** Masks and noise for this call. */
  draws: tf.Tensor[];
  /** Row numbers for this call. */
  indices: tf.Tensor1D;
  /** Draws masks and noise in the step itself, in the place of `draws`. */
  random: Random | null;
}

/** A value that a statement can use. */
export interface Live {
  shape: number[];
  name: string;
  get(values: readonly tf.Tensor[], world: World): tf.Tensor;
}

export interface Statement {
  text: string;
  shape: number[];
  run(values: readonly tf.Tensor[], world: World): tf.Tensor;
}

/** What a program's author has at hand. */
export interface Author {
  choices: Choices;
  live: Live[];
  rows: number;
  /** A new trained variable. */
  variable(shape: number[]): Live;
  statistic(shape: number[]): Live & { of(world: World): tf.Variable };
  constant(shape: number[]): Live;
  /** A mask (1 or 0) or noise that every call draws anew. */
  draw(kind: "mask" | "noise", shape: number[]): Live;
}

type Unary = [text: string, compute: (x: tf.Tensor) => tf.Tensor];

export const smooth: Unary[] = [
  ["tanh", tf.tanh],
  ["sigmoid", tf.sigmoid],
  ["softplus", tf.softplus],
  ["sin", tf.sin],
  ["cos", tf.cos],
  ["erf", tf.erf],
  ["neg", tf.neg],
  ["gelu", ops.gelu],
  ["square(tanh)", (x) => tf.square(tf.tanh(x))],
  ["exp(tanh)", (x) => tf.exp(tf.tanh(x))],
  ["sqrt(x² + 0.5)", (x) => tf.sqrt(tf.add(tf.square(x), 0.5))],
  ["log(x² + 0.5)", (x) => tf.log(tf.add(tf.square(x), 0.5))],
  ["rsqrt(x² + 1)", (x) => tf.rsqrt(tf.add(tf.square(x), 1))],
  ["x · sigmoid(x)", (x) => tf.mul(x, tf.sigmoid(x))],
  ["atan", tf.atan],
  ["0.7 x − 0.1", (x) => tf.sub(tf.mul(x, 0.7), 0.1)],
];

const kinked: Unary[] = [
  ["relu", (x) => ops.relu(x)],
  ["tf.relu", tf.relu],
  ["leakyRelu", (x) => tf.leakyRelu(x, 0.1)],
  ["elu", tf.elu],
  ["relu6", tf.relu6],
  ["abs", tf.abs],
  ["clipByValue", (x) => tf.clipByValue(x, -0.8, 0.9)],
  ["floor", (x) => tf.floor(tf.mul(x, 2))],
  ["sign", tf.sign],
];

const overLastAxis: Unary[] = [
  ["softmax", (x) => tf.softmax(x)],
  ["ops.softmax", (x) => ops.softmax(x)],
  ["logSoftmax", (x) => tf.logSoftmax(x)],
  ["cumsum", (x) => tf.cumsum(x, x.rank - 1)],
  ["reverse", (x) => tf.reverse(x, x.rank - 1)],
];

type Binary = [text: string, compute: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor];
const binary: Binary[] = [
  ["add", tf.add],
  ["sub", tf.sub],
  ["mul", tf.mul],
  ["div by 1 + b²", (a, b) => tf.div(a, tf.add(tf.square(b), 1))],
  ["maximum", tf.maximum],
  ["minimum", tf.minimum],
  ["squaredDifference", (a, b) => tf.tanh(tf.squaredDifference(a, b))],
  ["where(a > b)", (a, b) => tf.where(tf.greater(a, b), tf.mul(a, 0.5), tf.add(b, 0.2))],
  ["pow", (a, b) => tf.pow(tf.add(tf.square(tf.tanh(a)), 0.5), tf.tanh(b))],
];

type Reduction = [text: string, compute: (x: tf.Tensor, axis: number[]) => tf.Tensor];
const reductions: Reduction[] = [
  ["sum", (x, axis) => tf.sum(x, axis)],
  ["mean", (x, axis) => tf.mean(x, axis)],
  ["max", (x, axis) => tf.max(x, axis)],
  ["min", (x, axis) => tf.min(x, axis)],
  ["logSumExp", (x, axis) => tf.logSumExp(x, axis)],
  ["variance", (x, axis) => tf.moments(x, axis).variance],
  ["norm", (x, axis) => tf.sqrt(tf.add(tf.sum(tf.square(x), axis), 0.1))],
];

const ofTheRow: Unary[] = [
  ["own softmax", (x) => {
    const e = tf.exp(tf.sub(x, tf.max(x, -1, true)));
    return tf.div(e, tf.sum(e, -1, true));
  }],
  ["standardized", (x) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 0.1)));
  }],
  ["of length one", (x) => tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), -1, true), 0.1)))],
  ["above the mean", (x) => tf.relu(tf.sub(x, tf.mean(x, -1, true)))],
  ["centred columns", (x) => tf.sub(x, tf.mean(x, 0, true))],
];

const size = (shape: readonly number[]) => shape.reduce((product, each) => product * each, 1);

/** Makes a statement from what is live; null where nothing fits. */
type Kind = (author: Author) => Statement | null;

function unary(list: Unary[]): Kind {
  return ({ choices, live }) => {
    const x = choices.pick(live);
    const [name, compute] = choices.pick(list);
    if (x.shape.length === 0 && list === overLastAxis) return null;
    const run: Statement["run"] = (values, world) => compute(x.get(values, world));
    return { text: `${name}(${x.name})`, shape: x.shape, run };
  };
}

/** One live value of at least so many axes. */
function pickOfRank({ choices, live }: Author, rank: number): Live | null {
  const fitting = live.filter(({ shape }) => shape.length >= rank && size(shape) <= 400);
  return fitting.length > 0 ? choices.pick(fitting) : null;
}

const kinds: Record<string, Kind> = {
  smooth: unary(smooth),
  kinked: unary(kinked),
  overLastAxis: unary(overLastAxis),

  binary: (author) => {
    const { choices, live } = author;
    const a = choices.pick(live);
    const same = live.filter((each) => each.shape.join() === a.shape.join());
    const [name, compute] = choices.pick(binary);
    const broadcast = a.shape.map((length) => choices.chance(0.5) ? 1 : length);
    const b = choices.chance(0.4)
      ? choices.pick(same)
      : choices.chance(0.5)
      ? author.variable(broadcast.slice(choices.integer(0, broadcast.length)))
      : author.constant(broadcast.slice(choices.integer(0, broadcast.length)));
    const swap = choices.chance(0.3);
    return {
      text: `${name}(${swap ? `${b.name}, ${a.name}` : `${a.name}, ${b.name}`})`,
      shape: a.shape,
      run: (values, world) => {
        const [x, y] = [a.get(values, world), b.get(values, world)];
        return swap ? compute(y, x) : compute(x, y);
      },
    };
  },

  /** Both sides are repeated: each number of the one with each of the other. */
  everyPair: (author) => {
    const { choices, live } = author;
    const a = choices.pick(live.filter(({ shape }) => shape.length < 4 && size(shape) <= 60));
    if (a === undefined) return null;
    const length = choices.integer(1, 17);
    const b = choices.chance(0.5) ? author.variable([length]) : author.constant([length]);
    const [name, compute] = choices.pick(binary);
    const at = choices.integer(0, a.shape.length);
    const expanded = [...a.shape.slice(0, at), 1, ...a.shape.slice(at)];
    const own = [length, ...a.shape.slice(at).map(() => 1)];
    return {
      text: `${name}(${a.name} as [${expanded}], ${b.name} as [${own}])`,
      shape: [...a.shape.slice(0, at), length, ...a.shape.slice(at)],
      run: (values, world) =>
        compute(
          tf.reshape(a.get(values, world), expanded),
          tf.reshape(b.get(values, world), own),
        ),
    };
  },

  axisOfOne: (author) => {
    const x = author.choices.pick(author.live);
    const at = author.choices.integer(0, x.shape.length);
    const shape = [...x.shape.slice(0, at), 1, ...x.shape.slice(at)];
    const [name, compute] = author.choices.pick(smooth);
    return {
      text: `${name}(expandDims(${x.name}, ${at}))`,
      shape,
      run: (values, world) => compute(tf.expandDims(x.get(values, world), at)),
    };
  },

  /** What a row's numbers are together, given back to each of them. */
  ofTheRow: (author) => {
    const x = pickOfRank(author, 1);
    if (x === null) return null;
    const [name, compute] = author.choices.pick(ofTheRow);
    return {
      text: `${name}(${x.name})`,
      shape: x.shape,
      run: (values, world) => compute(x.get(values, world)),
    };
  },

  reduction: (author) => {
    const x = pickOfRank(author, 1);
    if (x === null) return null;
    const axes = x.shape.flatMap((_, axis) => author.choices.chance(0.5) ? [axis] : []);
    if (axes.length === 0) axes.push(x.shape.length - 1);
    const [name, compute] = author.choices.pick(reductions);
    return {
      text: `${name}(${x.name}, [${axes}])`,
      shape: x.shape.filter((_, axis) => !axes.includes(axis)),
      run: (values, world) => compute(x.get(values, world), axes),
    };
  },

  reshape: (author) => {
    const x = author.choices.pick(author.live);
    const count = size(x.shape);
    const first = author.choices.pick([1, 2, 3, 4, 5].filter((each) => count % each === 0));
    const shape = author.choices.chance(0.5) ? [first, count / first] : [count];
    return {
      text: `reshape(${x.name}, [${shape}])`,
      shape,
      run: (values, world) => tf.reshape(x.get(values, world), shape),
    };
  },

  transpose: (author) => {
    const x = pickOfRank(author, 2);
    if (x === null) return null;
    const order = x.shape.map((_, axis) => axis).sort(() => author.choices.number() - 0.5);
    return {
      text: `transpose(${x.name}, [${order}])`,
      shape: order.map((axis) => x.shape[axis]),
      run: (values, world) => tf.transpose(x.get(values, world), order),
    };
  },

  padAndSlice: (author) => {
    const x = pickOfRank(author, 1);
    if (x === null) return null;
    const pads = x.shape.map(() => [0, 0].map(() => author.choices.integer(0, 2)));
    const padded = x.shape.map((length, axis) => length + pads[axis][0] + pads[axis][1]);
    const begin = padded.map((length) => author.choices.integer(0, Math.floor(length / 2)));
    const shape = padded.map((length, axis) =>
      Math.min(length - begin[axis], x.shape[axis] + author.choices.integer(0, 1))
    );
    return {
      text: `slice(pad(${x.name}, ${JSON.stringify(pads)}), [${begin}], [${shape}])`,
      shape,
      run: (values, world) =>
        tf.slice(
          tf.pad(x.get(values, world), pads as [number, number][], 0.3),
          begin,
          shape,
        ),
    };
  },

  concatAndStack: (author) => {
    const x = pickOfRank(author, 1);
    if (x === null) return null;
    const axis = author.choices.integer(0, x.shape.length - 1);
    const stack = author.choices.chance(0.4);
    const shape = stack
      ? [...x.shape.slice(0, axis), 2, ...x.shape.slice(axis)]
      : x.shape.map((length, at) => at === axis ? 2 * length : length);
    return {
      text: `${stack ? "stack" : "concat"}([${x.name}, tanh(${x.name})], ${axis})`,
      shape,
      run: (values, world) => {
        const both = [x.get(values, world), tf.tanh(x.get(values, world))];
        return stack ? tf.stack(both, axis) : tf.concat(both, axis);
      },
    };
  },

  splitAndUnstack: (author) => {
    const x = pickOfRank(author, 1);
    if (x === null) return null;
    const axis = author.choices.integer(0, x.shape.length - 1);
    const even = x.shape[axis] % 2 === 0 && author.choices.chance(0.7);
    const shape = even
      ? x.shape.map((length, at) => at === axis ? length / 2 : length)
      : x.shape.filter((_, at) => at !== axis);
    return {
      text: `sum of ${even ? "split" : "unstack"}(${x.name}, ${axis}), weighted`,
      shape,
      run: (values, world) => {
        const tensor = x.get(values, world);
        const parts = even ? tf.split(tensor, 2, axis) : tf.unstack(tensor, axis);
        return parts.map((part, index) => tf.mul(part, (index + 1) / parts.length))
          .reduce((a, b) => tf.add(a, b));
      },
    };
  },

  tile: (author) => {
    const x = pickOfRank(author, 1);
    if (x === null || size(x.shape) > 60) return null;
    const repeats = x.shape.map(() => author.choices.integer(1, 2));
    return {
      text: `tile(${x.name}, [${repeats}])`,
      shape: x.shape.map((length, axis) => length * repeats[axis]),
      run: (values, world) => tf.tile(x.get(values, world), repeats),
    };
  },

  matMul: (author) => {
    const x = pickOfRank(author, 2);
    if (x === null) return null;
    const inner = x.shape.at(-1)!, columns = author.choices.integer(1, 5);
    const weight = author.variable([inner, columns]);
    const form = author.choices.pick(["matMul", "ops.linear", "dot of transposed"]);
    const bias = form === "ops.linear" ? author.variable([columns]) : null;
    return {
      text: `${form}(${x.name}, ${weight.name}${bias ? `, ${bias.name}` : ""})`,
      shape: [...x.shape.slice(0, -1), columns],
      run: (values, world) => {
        const w = tf.mul(weight.get(values, world), 1 / Math.sqrt(inner)) as tf.Tensor2D;
        const tensor = x.get(values, world);
        if (bias) return ops.linear(tensor, w, bias.get(values, world) as tf.Tensor1D);
        if (form === "matMul") return tf.matMul(tensor, w);
        const rows = tf.reshape(tensor, [-1, inner]) as tf.Tensor2D;
        const product = tf.matMul(rows, tf.transpose(w) as tf.Tensor2D, false, true);
        return tf.reshape(product, [...tensor.shape.slice(0, -1), columns]);
      },
    };
  },

  attention: (author) => {
    const x = pickOfRank(author, 2);
    if (x === null || x.shape.length > 3) return null;
    return {
      text: `attention(${x.name})`,
      shape: x.shape,
      run: (values, world) => {
        const tensor = x.get(values, world);
        const scores = tf.matMul(tensor, tensor, false, true);
        return tf.matMul(tf.softmax(tf.mul(scores, 0.3)), tensor);
      },
    };
  },

  /** Attention of several heads, with what learners write around it; of a single token too. */
  heads: (author) => {
    const { choices } = author;
    const x = pickOfRank(author, 2);
    if (x === null || x.shape.length > 3) return null;
    const [tokens, inner] = x.shape.slice(-2), batch = size(x.shape.slice(0, -2));
    const heads = choices.integer(1, 3), width = choices.integer(1, choices.chance(0.7) ? 4 : 9);
    const shape = [...x.shape.slice(0, -1), heads * width];
    if (batch * heads * tokens * tokens > 400) return null;
    const weight = author.variable([inner, 3 * heads * width]);
    const isMasked = choices.chance(0.3), drops = choices.chance(0.3);
    const kept = drops ? author.draw("mask", [batch, heads, tokens, tokens]) : null;
    return {
      text: `${isMasked ? "causal " : ""}attention of ${heads} heads ${width} wide(${x.name}, ` +
        `${weight.name}${kept ? `, dropout by ${kept.name}` : ""})`,
      shape,
      run: (values, world) => {
        const w = tf.mul(weight.get(values, world), 1 / Math.sqrt(inner)) as tf.Tensor2D;
        const rows = tf.reshape(x.get(values, world), [batch * tokens, inner]) as tf.Tensor2D;
        const all = tf.reshape(tf.matMul(rows, w), [batch, tokens, 3, heads, width]);
        const [q, k, v] = tf.unstack(tf.transpose(all, [2, 0, 3, 1, 4]));
        const scores = tf.mul(tf.matMul(q, k, false, true), width ** -0.5);
        const earlier = tf.linalg.bandPart(tf.ones([tokens, tokens]), -1, 0);
        const seen = isMasked ? tf.where(tf.greater(earlier, 0.5), scores, -1e9) : scores;
        const shares = tf.softmax(seen);
        const left = kept
          ? ops.masked(shares, tf.greater(kept.get(values, world), 0.5), 1 / 0.7)
          : shares;
        return tf.reshape(tf.transpose(tf.matMul(left, v), [0, 2, 1, 3]), shape);
      },
    };
  },

  convolution: (author) => {
    const { choices } = author;
    const x = pickOfRank(author, 1);
    if (x === null) return null;
    const count = size(x.shape);
    const channels = choices.pick([1, 2, 3].filter((each) => count % each === 0));
    const height = choices.pick([1, 2, 3, 4].filter((each) => count / channels % each === 0));
    const width = count / channels / height;
    if (width > 40) return null;
    const rows = choices.integer(1, 3), outputs = choices.integer(1, 3);
    const stride = choices.integer(1, 2),
      same = choices.chance(0.6) || rows > Math.min(height, width);
    const kernel = author.variable([rows, rows, channels, outputs]);
    const pool = choices.pick(["none", "maxPool", "avgPool"]);
    const length = (extent: number) =>
      same ? Math.ceil(extent / stride) : Math.floor((extent - rows) / stride) + 1;
    const pooled = (extent: number) => pool === "none" ? extent : Math.ceil(extent / 2);
    return {
      text:
        `${pool} of conv2d(${x.name} as [1, ${height}, ${width}, ${channels}], ${kernel.name}, ` +
        `${stride}, "${same ? "same" : "valid"}")`,
      shape: [1, pooled(length(height)), pooled(length(width)), outputs],
      run: (values, world) => {
        const images = tf.reshape(x.get(values, world), [1, height, width, channels]);
        const filter = tf.mul(kernel.get(values, world), 0.5) as tf.Tensor4D;
        const y = tf.conv2d(images as tf.Tensor4D, filter, stride, same ? "same" : "valid");
        if (pool === "none") return y;
        return pool === "maxPool" ? tf.maxPool(y, 2, 2, "same") : tf.avgPool(y, 2, 2, "same");
      },
    };
  },

  normalization: (author) => {
    const x = pickOfRank(author, 2);
    if (x === null) return null;
    const width = x.shape.at(-1)!;
    const [scale, shift] = [author.variable([width]), author.variable([width])];
    const batch = author.choices.chance(0.4) && size(x.shape) / width > 2;
    return {
      text: `${batch ? "batchNormTraining" : "layerNorm"}(${x.name}, ${scale.name}, ${shift.name})`,
      shape: x.shape,
      run: (values, world) => {
        const tensor = x.get(values, world);
        const [a, b] = [scale, shift].map((each) => each.get(values, world) as tf.Tensor1D);
        if (!batch) return ops.layerNorm(tensor, a, b, 0.1);
        const images = tf.reshape(tensor, [-1, 1, 1, width]) as tf.Tensor4D;
        return tf.reshape(ops.batchNormTraining(images, a, b, 0.1).y, tensor.shape);
      },
    };
  },

  gather: (author) => {
    const { choices, rows } = author;
    const width = choices.integer(1, 4);
    const table = choices.chance(0.6)
      ? author.variable([rows, width])
      : author.live.find(({ shape }) => shape.length > 0 && shape[0] === rows) ?? null;
    if (table === null) return null;
    const oneHot = rows > 1 && choices.chance(0.3) && table.shape.length === 2;
    return {
      text: oneHot ? `oneHot(indices) · ${table.name}` : `gather(${table.name}, indices)`,
      shape: [rows, ...table.shape.slice(1)],
      run: (values, world) => {
        const from = table.get(values, world);
        if (!oneHot) return tf.gather(from, world.indices);
        const chosen = tf.cast(tf.oneHot(world.indices, rows), "float32") as tf.Tensor2D;
        return tf.matMul(chosen, from as tf.Tensor2D);
      },
    };
  },

  dropout: (author) => {
    const x = author.choices.pick(author.live);
    const mask = author.draw("mask", x.shape);
    return {
      text: `dropout(${x.name}, ${mask.name})`,
      shape: x.shape,
      run: (values, world) =>
        ops.masked(x.get(values, world), tf.greater(mask.get(values, world), 0.5), 1 / 0.7),
    };
  },

  noise: (author) => {
    const x = author.choices.pick(author.live);
    const noise = author.draw("noise", x.shape);
    return {
      text: `${x.name} + 0.1 · ${noise.name}`,
      shape: x.shape,
      run: (values, world) => tf.add(x.get(values, world), tf.mul(noise.get(values, world), 0.1)),
    };
  },

  innerGradient: (author) => {
    const { choices } = author;
    const x = choices.pick(author.live);
    const [[first, f], [second, g]] = [choices.pick(smooth), choices.pick(smooth)];
    const factor = choices.chance(0.5) ? author.variable(x.shape) : author.constant(x.shape);
    const penalty = choices.chance(0.3);
    return {
      text:
        `${penalty ? "length of " : ""}grad(t => sum(${second}(${first}(t)) · ${factor.name}))` +
        `(${x.name})`,
      shape: penalty ? [] : x.shape,
      run: (values, world) => {
        const weight = factor.get(values, world);
        const slope = tf.grad((t: tf.Tensor) => tf.sum(tf.mul(g(f(t)), weight)))(
          x.get(values, world),
        );
        return penalty ? tf.sqrt(tf.add(tf.sum(tf.square(slope)), 0.1)) : tf.tanh(slope);
      },
    };
  },

  loop: (author) => {
    const x = author.choices.pick(author.live);
    const [name, compute] = author.choices.pick(smooth);
    const times = author.choices.integer(2, 4);
    const step = author.choices.chance(0.5) ? author.variable([]) : author.constant([]);
    return {
      text: `${times} times y = ${name}(0.8 y + ${step.name}), from ${x.name}`,
      shape: x.shape,
      run: (values, world) => {
        let y = x.get(values, world);
        for (let time = 0; time < times; time++) {
          y = compute(tf.add(tf.mul(y, 0.8), step.get(values, world)));
        }
        return y;
      },
    };
  },

  tidyAndDispose: (author) => {
    const x = author.choices.pick(author.live);
    const [name, compute] = author.choices.pick(smooth);
    const dispose = author.choices.chance(0.5);
    return {
      text: dispose
        ? `t = ${name}(${x.name}); 1 + 0.5 t; t.dispose()`
        : `tidy(() => square(tanh(${name}(${x.name}))))`,
      shape: x.shape,
      run: (values, world) => {
        const tensor = x.get(values, world);
        if (!dispose) return tf.tidy(() => tf.square(tf.tanh(compute(tensor))));
        const temporary = compute(tensor);
        const y = tf.add(tf.mul(temporary, 0.5), 1);
        temporary.dispose();
        return y;
      },
    };
  },

  statistic: (author) => {
    const x = pickOfRank(author, 1);
    if (x === null) return null;
    const width = x.shape.at(-1)!;
    const running = author.statistic([width]);
    const axes = x.shape.slice(0, -1).map((_, axis) => axis);
    const [readBefore, readAfter] = [author.choices.chance(0.4), author.choices.chance(0.7)];
    return {
      text:
        `${readBefore ? `old = ${running.name}.clone(); ` : ""}${running.name} ← 0.9 of itself + ` +
        `0.1 mean(${x.name}); ${x.name}${readAfter ? ` − ${running.name}` : ""}` +
        `${readBefore ? " + 0.3 old" : ""}`,
      shape: x.shape,
      run: (values, world) => {
        const tensor = x.get(values, world);
        const variable = running.of(world);
        const old = readBefore ? variable.clone() : null;
        const mean = axes.length > 0 ? tf.mean(tensor, axes) : tensor;
        variable.assign(tf.add(tf.mul(variable, 0.9), tf.mul(mean, 0.1)));
        const centred = readAfter ? tf.sub(tensor, variable) : tf.add(tensor, 0);
        return old ? tf.add(centred, tf.mul(old, 0.3)) : centred;
      },
    };
  },

  classes: (author) => {
    const x = author.live.find(({ shape }) => shape.length === 2 && shape[0] === author.rows);
    if (x === undefined || x.shape[1] < 2) return null;
    const classes = x.shape[1];
    const own = author.choices.chance(0.5);
    return {
      text: `${
        own ? "ops.crossEntropy" : "softmaxCrossEntropy"
      }(${x.name}, indices mod ${classes})`,
      shape: own ? [author.rows] : [],
      run: (values, world) => {
        const labels = tf.mod(world.indices, tf.scalar(classes, "int32")) as tf.Tensor1D;
        const logits = x.get(values, world) as tf.Tensor2D;
        if (own) return ops.crossEntropy(logits, tf.cast(labels, "int32"));
        return tf.losses.softmaxCrossEntropy(
          tf.oneHot(tf.cast(labels, "int32"), classes),
          logits,
        );
      },
    };
  },

  hard: (author) => {
    const x = pickOfRank(author, 2);
    if (x === null) return null;
    return {
      text: `cast(argMax(${x.name}, −1)) / ${x.shape.at(-1)}`,
      shape: x.shape.slice(0, -1),
      run: (values, world) =>
        tf.div(tf.cast(tf.argMax(x.get(values, world), -1), "float32"), x.shape.at(-1)!),
    };
  },
};

const names = Object.keys(kinds);

/** A random statement about what is live. */
export function randomStatement(author: Author): Statement {
  while (true) {
    const statement = kinds[author.choices.pick(names)](author);
    if (statement && size(statement.shape) <= 400 && statement.shape.length <= 4) return statement;
  }
}
