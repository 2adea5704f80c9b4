/** Seeded randomness, passed on explicitly: one seed gives the same run twice, bit for bit. */
import { given } from "./platform/given.ts";
import * as tf from "./tensor/tf.ts";
import { type Draw, drawOnHost, generator, mix } from "./tensor/host_random.ts";
import { attribute, nativeBackend } from "./tensor/native.ts";
import { noteRandomState } from "./tensor/random_states.ts";

/**
 * A stream of random numbers. Its whole state, a key and a counter, lies in a variable; draws are made
 * on the device by TensorFlow's stateless ops (Philox, "Parallel random numbers: as easy as 1, 2, 3",
 * Salmon et al., 2011). A draw inside a compiled step therefore advances the stream there, and a
 * checkpoint that holds the variable resumes the stream where it was.
 *
 * On a backend without these ops the numbers are drawn on the host, from the same state: other numbers,
 * just as reproducible.
 *
 * ```ts
 * new Random(1).uniform([2, 3]).shape; // [2, 3]
 * ```
 */
export class Random {
  readonly seed: number;
  /** Key and counter, int32 `[2]`. */
  readonly state: tf.Variable<tf.Rank.R1>;

  /** Throws a RangeError where the seed is not a whole number. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) {
      throw new RangeError(`Random: the seed is ${given(seed)}; it must be a whole number`);
    }
    this.seed = seed >>> 0;
    this.state = tf.tidy(() => tf.variable(tf.tensor1d([this.seed | 0, 0], "int32"), false));
    noteRandomState(this.state);
  }

  /** A stream of its own, which depends on this one's seed and on `name` alone, not on draws. */
  fork(name: string): Random {
    let key = mix(this.seed ^ 0x9e3779b9);
    for (const character of name) key = mix(key ^ character.codePointAt(0)!);
    return new Random(key);
  }

  /** Uniform in [low, high): float32 of the given shape. */
  uniform(shape: number[], low = 0, high = 1): tf.Tensor {
    return tf.tidy(() => {
      const unit = this.#draw(shape, "StatelessRandomUniform", "uniform");
      return low === 0 && high === 1 ? unit : tf.add(tf.mul(unit, high - low), low);
    });
  }

  /** Normally distributed: float32 of the given shape. */
  normal(shape: number[], mean = 0, standardDeviation = 1): tf.Tensor {
    return tf.tidy(() => {
      const standard = this.#draw(shape, "StatelessRandomNormal", "normal");
      return mean === 0 && standardDeviation === 1
        ? standard
        : tf.add(tf.mul(standard, standardDeviation), mean);
    });
  }

  /** Normally distributed, values beyond two standard deviations drawn anew. */
  truncatedNormal(shape: number[], mean = 0, standardDeviation = 1): tf.Tensor {
    return tf.tidy(() => {
      const standard = this.#draw(shape, "StatelessTruncatedNormal", "truncated normal");
      return tf.add(tf.mul(standard, standardDeviation), mean);
    });
  }

  /** Whole numbers in [low, high): int32 of the given shape. Throws a RangeError where there is none. */
  integers(shape: number[], low: number, high: number): tf.Tensor {
    if (!(high > low)) throw new RangeError(`Random: no whole numbers in [${low}, ${high})`);
    return tf.tidy(() => {
      const backend = nativeBackend();
      const seed = this.#advance();
      if (backend === null) return drawOnHost(seed, shape, { kind: "integers", low, high });
      return backend.executeSingleOutput("StatelessRandomUniformInt", [
        attribute.type("dtype", "int32"),
        attribute.type("T", "int32"),
        attribute.type("Tseed", "int32"),
      ], [tf.tensor1d(shape, "int32"), seed, tf.scalar(low, "int32"), tf.scalar(high, "int32")]);
    });
  }

  /** 1 with the given probability, else 0: float32 of the given shape. */
  bernoulli(shape: number[], probability: number): tf.Tensor {
    return tf.tidy(() => tf.cast(this.chance(shape, probability), "float32"));
  }

  /**
   * True with the given probability: bool of the given shape. On the device a draw of 32 bits decides
   * twice, so that the probability is rounded to a multiple of 1/65,536.
   */
  chance(shape: number[], probability: number): tf.Tensor {
    return tf.tidy(() => {
      const backend = nativeBackend();
      if (backend === null) {
        return drawOnHost(this.#advance(), shape, { kind: "chance", probability });
      }
      const size = shape.reduce((product, length) => product * length, 1);
      if (Math.round(probability * 0x10000) > 0xffff) {
        this.#advance();
        return tf.ones(shape, "bool"); // certain, and more than 16 bits can say
      }
      const words = [tf.tensor1d([Math.ceil(size / 2)], "int32"), this.#advance()];
      const limit = tf.scalar(Math.round(probability * 0x10000) - 0x8000, "int32");
      const { binding } = backend;
      // tfjs has no 16-bit numbers: these tensors are known to the binding alone.
      const [drawn] = binding.executeOp(
        "StatelessRandomUniformFullInt",
        [
          attribute.type("dtype", "int32"),
          attribute.type("T", "int32"),
          attribute.type("Tseed", "int32"),
        ],
        backend.getInputTensorIds(words),
        1,
      );
      const [halves] = binding.executeOp(
        "Bitcast",
        [
          attribute.type("T", "int32"),
          attribute.type("type", "int16"),
        ],
        [drawn.id],
        1,
      );
      const [limit16] = binding.executeOp(
        "Cast",
        [
          attribute.type("SrcT", "int32"),
          attribute.type("DstT", "int16"),
          attribute.bool("Truncate", false),
        ],
        backend.getInputTensorIds([limit]),
        1,
      );
      const isBelow = [attribute.type("T", "int16")];
      const [decisions] = binding.executeOp("Less", isBelow, [halves.id, limit16.id], 1);
      for (const { id } of [drawn, halves, limit16]) binding.deleteTensor(id);
      const flat = tf.reshape(backend.createOutputTensor(decisions), [-1]);
      return tf.reshape(size % 2 === 0 ? flat : tf.slice(flat, 0, size), shape);
    });
  }

  /** Frees the state. */
  dispose(): void {
    this.state.dispose();
  }

  /** This draw's seed; the counter moves on. */
  #advance(): tf.Tensor1D {
    const seed = this.state.clone();
    this.state.assign(tf.add(seed, tf.tensor1d([0, 1], "int32")));
    return seed;
  }

  #draw(
    shape: number[],
    op: string,
    kind: Exclude<Draw["kind"], "integers" | "chance">,
  ): tf.Tensor {
    const backend = nativeBackend();
    const seed = this.#advance();
    if (backend === null) return drawOnHost(seed, shape, { kind });
    return backend.executeSingleOutput(op, [
      attribute.type("dtype", "float32"),
      attribute.type("T", "int32"),
      attribute.type("Tseed", "int32"),
    ], [tf.tensor1d(shape, "int32"), seed]);
  }
}

/**
 * A permutation of 0 … size − 1, which depends on `seed` alone: for splits and the order of an epoch,
 * which are made on the host.
 *
 * ```ts
 * permutation(5, 1).length; // 5
 * ```
 */
export function permutation(size: number, seed: number): Int32Array {
  const order = Int32Array.from({ length: size }, (_, index) => index);
  const next = generator(mix(seed >>> 0), mix(size));
  for (let last = size - 1; last > 0; last--) {
    const other = Math.floor(next() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}
