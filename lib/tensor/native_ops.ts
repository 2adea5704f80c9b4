/** TensorFlow's fused kernels with their gradients, which tfjs does not reach or composes slowly. */
import * as tf from "tfjs";
import { settings } from "./settings.ts";
import { attribute, type NativeBackend } from "./native.ts";
import { NativeConvolution, type Zeros } from "./native_convolution.ts";
import { ownNumber } from "./own_value.ts";
import { hasLongVectors } from "./processor.ts";

type Gradient<Inputs extends tf.Tensor[]> = (dy: tf.Tensor, saved: tf.Tensor[]) => Inputs;
type WithGradient<Inputs extends tf.Tensor[]> = { value: tf.Tensor; gradient: Gradient<Inputs> };

/** `tf.customGrad` without its loose types: `forward` may save tensors for the gradient. */
function withGradient<Inputs extends tf.Tensor[]>(
  inputs: Inputs,
  forward: (save: (tensors: tf.Tensor[]) => void) => WithGradient<Inputs>,
): tf.Tensor {
  const custom = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as tf.GradSaveFunc;
    const { value, gradient } = forward(save);
    return {
      value,
      // tfjs tidies up after its own gradients alone.
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        tf.tidy(() => gradient(dy, saved) as tf.Tensor[]),
    };
  });
  return custom(...inputs);
}

const float = attribute.type("T", "float32");
const channelsLast = attribute.string("data_format", "NHWC");
const transposed = (a: boolean, b: boolean) => [
  float,
  attribute.bool("transpose_a", a),
  attribute.bool("transpose_b", b),
];

/** Native versions of `ops.ts`, which describes them. */
export class NativeOps {
  readonly #backend: NativeBackend;

  constructor(backend: NativeBackend) {
    this.#backend = backend;
  }

  #run(name: string, attributes: ReturnType<typeof attribute.type>[], ...inputs: tf.Tensor[]) {
    return this.#backend.executeSingleOutput(name, attributes, inputs);
  }

  #matMul(a: tf.Tensor, b: tf.Tensor, transposeA = false, transposeB = false): tf.Tensor {
    return this.#run("MatMul", transposed(transposeA, transposeB), a, b);
  }

  /** `[M, D], [D, E], [E] → [M, E]` */
  linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
    return withGradient([x, weight, bias], (save) => {
      save([x, weight]);
      return {
        value: this.#run("BiasAdd", [float, channelsLast], this.#matMul(x, weight), bias),
        gradient: (dy, [x, weight]) => [
          this.#matMul(dy, weight, false, true),
          this.#weightGradient(x, dy),
          this.#run("BiasAddGrad", [float, channelsLast], dy),
        ],
      };
    });
  }

  /**
   * `xᵀ · dy`. With AVX2 oneDNN takes a transposed first factor at two thirds of its usual speed, and a result
   * that is higher than wide faster than the other way round: large factors are transposed beforehand. With
   * AVX-512 it takes it at its usual speed.
   */
  #weightGradient(x: tf.Tensor, dy: tf.Tensor): tf.Tensor {
    const [rows, inputs] = x.shape, outputs = dy.shape[1]!;
    if (!settings().transposedFactors || hasLongVectors()) return this.#matMul(x, dy, true);
    if (rows < 1024 || Math.min(inputs, outputs) < 128) return this.#matMul(x, dy, true);
    return inputs < outputs
      ? tf.transpose(this.#matMul(tf.transpose(dy), x))
      : this.#matMul(tf.transpose(x), dy);
  }

  relu(x: tf.Tensor): tf.Tensor {
    return withGradient([x], (save) => {
      const y = this.#run("Relu", [float], x);
      save([y]);
      return { value: y, gradient: (dy, [y]) => [this.#run("ReluGrad", [float], dy, y)] };
    });
  }

  gelu(x: tf.Tensor): tf.Tensor {
    return withGradient([x], (save) => {
      // Φ(x), the share of a normal distribution below x.
      const below = tf.add(tf.mul(tf.erf(tf.mul(x, Math.SQRT1_2)), 0.5), 0.5);
      const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      // The slope is kept instead of x and Φ(x): half the memory, and one product going backwards.
      save([tf.add(below, tf.mul(x, density))]);
      return { value: tf.mul(x, below), gradient: (dy, [slope]) => [tf.mul(dy, slope)] };
    });
  }

  /** `x · scale` where `mask` (bool) is true, else 0. Keeps a byte for each value. */
  masked(x: tf.Tensor, mask: tf.Tensor, scale: number): tf.Tensor {
    const apply = (x: tf.Tensor, mask: tf.Tensor) =>
      tf.mul(x, tf.mul(tf.cast(mask, "float32"), scale));
    return withGradient([x], (save) => {
      save([mask]);
      return { value: apply(x, mask), gradient: (dy, [mask]) => [apply(dy, mask)] };
    });
  }

  softmax(x: tf.Tensor): tf.Tensor {
    return withGradient([x], (save) => {
      const y = this.#run("Softmax", [float], x);
      save([y]);
      return {
        value: y,
        gradient: (dy, [y]) => {
          const weighted = tf.mul(dy, y);
          return [tf.sub(weighted, tf.mul(y, tf.sum(weighted, -1, true)))];
        },
      };
    });
  }

  /** `[…, D], [D], [D] → […, D]` */
  layerNorm(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor, epsilon: number): tf.Tensor {
    return withGradient([x, scale, shift], (save) => {
      const centred = tf.sub(x, tf.mean(x, -1, true));
      const variance = tf.mean(tf.square(centred), -1, true);
      const inverse = tf.rsqrt(tf.add(variance, epsilon));
      const normal = tf.mul(centred, inverse);
      save([normal, inverse, scale]);
      return {
        value: tf.add(tf.mul(normal, scale), shift),
        gradient: (dy, [normal, inverse, scale]) => {
          const width = normal.shape.at(-1)!;
          const overRows = (t: tf.Tensor) => tf.sum(tf.reshape(t, [-1, width]), 0);
          const dNormal = tf.mul(dy, scale);
          const mean = tf.mean(dNormal, -1, true);
          const slope = tf.mean(tf.mul(dNormal, normal), -1, true);
          const dx = tf.mul(tf.sub(tf.sub(dNormal, mean), tf.mul(normal, slope)), inverse);
          const dShift = this.#run(
            "BiasAddGrad",
            [float, channelsLast],
            tf.reshape(dy, [-1, width]),
          );
          return [dx, overRows(tf.mul(dy, normal)), dShift];
        },
      };
    });
  }

  /** Normalised images, and the batch's mean and unbiased variance of each channel. */
  batchNorm(
    x: tf.Tensor,
    scale: tf.Tensor,
    shift: tf.Tensor,
    epsilon: number,
  ): { y: tf.Tensor; mean: tf.Tensor; variance: tf.Tensor } {
    const attributes = [
      float,
      attribute.type("U", "float32"),
      attribute.float("epsilon", epsilon),
      channelsLast,
      attribute.bool("is_training", true),
    ];
    const none = tf.tensor1d([]);
    const [normal, mean, variance, ...reserved] = this.#backend.executeMultipleOutputs(
      "FusedBatchNormV3",
      [...attributes, attribute.float("exponential_avg_factor", 1)],
      [x, scale, shift, none, none],
      6,
    );
    const y = withGradient([x, scale, shift], (save) => {
      save([x, scale, ...reserved]);
      return {
        value: tf.clone(normal),
        gradient: (dy, [x, scale, ...reserved]) =>
          this.#backend.executeMultipleOutputs(
            "FusedBatchNormGradV3",
            attributes,
            [dy, x, scale, ...reserved],
            5,
          ).slice(0, 3) as [tf.Tensor, tf.Tensor, tf.Tensor],
      };
    });
    return { y, mean, variance };
  }

  /** `[B, classes]`, and indices `[B]` or probabilities `[B, classes]`, to losses `[B]`. */
  crossEntropy(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
    if (!settings().fusedCrossEntropy) return this.#composedCrossEntropy(logits, labels);
    const [name, attributes] = labels.rank === 1
      ? ["SparseSoftmaxCrossEntropyWithLogits", [
        float,
        attribute.type("Tlabels", "int32"),
      ]] as const
      : ["SoftmaxCrossEntropyWithLogits", [float]] as const;
    return withGradient([logits], (save) => {
      const [losses, slope] = this.#backend.executeMultipleOutputs(
        name,
        [...attributes],
        [logits, labels],
        2,
      );
      save([slope]);
      return { value: losses, gradient: (dy, [slope]) => [tf.mul(slope, tf.expandDims(dy, 1))] };
    });
  }

  /** The same of ops that have deterministic kernels for a card. */
  #composedCrossEntropy(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
    return withGradient([logits], (save) => {
      const target = labels.rank === 1
        ? tf.oneHot(labels as tf.Tensor1D, logits.shape[1]!, 1, 0, "float32")
        : labels;
      const logarithms = this.#run("LogSoftmax", [float], logits);
      save([tf.sub(tf.exp(logarithms), target)]);
      // 0 where the target is, also for a probability of 0, whose logarithm is infinite.
      const products = this.#run("MulNoNan", [float], logarithms, target);
      return {
        value: tf.neg(tf.sum(products, -1)),
        gradient: (dy, [slope]) => [tf.mul(slope, tf.expandDims(dy, 1))],
      };
    });
  }

  /** Convolution with its own number of zeros on every side: `[B, height, width, C]`. */
  conv2d(
    x: tf.Tensor4D,
    weight: tf.Tensor4D,
    { stride, zeros }: { stride: number; zeros: readonly [Zeros, Zeros] },
  ): tf.Tensor {
    const sizes = { input: x.shape, weight: weight.shape, stride, zeros };
    const convolution = new NativeConvolution(this.#backend, sizes);
    return withGradient([x, weight] as tf.Tensor[], (save) => {
      save([x, weight]);
      return {
        value: convolution.forward(x, weight),
        gradient: (dy, [x, weight]) => [
          convolution.inputGradient(weight, dy),
          convolution.weightGradient(x, dy),
        ],
      };
    });
  }

  // ---- Updates in place ---------------------------------------------------------------------

  #ids(tensors: readonly tf.Tensor[]): number[] {
    return this.#backend.getInputTensorIds(tensors);
  }

  /** Updates variables in place by one of TensorFlow's training ops. */
  update(
    name: string,
    states: tf.Variable[],
    inputs: tf.Tensor[],
    { nesterov = false }: { nesterov?: boolean } = {},
  ): void {
    const attributes = nesterov ? [float, attribute.bool("use_nesterov", true)] : [float];
    const ownStates = states.map((state) => ownNumber(this.#backend, state));
    this.#backend.binding.updateCells(name, attributes, ownStates, this.#ids(inputs));
  }

  /** `variable ← variable − amount`, in place. */
  subtract(variable: tf.Variable, amount: tf.Tensor): void {
    this.#backend.binding.updateCells(
      "AssignSubVariableOp",
      [attribute.type("dtype", "float32")],
      [ownNumber(this.#backend, variable)],
      this.#ids([amount]),
    );
  }
}
