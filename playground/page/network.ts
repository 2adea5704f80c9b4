import { normalize } from "../../lib/augmentations/normalize.ts";
import type { Transform } from "../../lib/augmentations/transform.ts";
import { VisionTransformer } from "../../lib/models/vision_transformer.ts";
import { attentionRollout } from "../../lib/nn/attention_maps.ts";
import { Random } from "../../lib/random.ts";
import * as tf from "../../lib/tensor/tf.ts";
import type { PageData } from "../page_data.ts";

/** What the model says of one image, and where it looked: T tokens, the class token at place 0. */
export interface Prediction {
  /** One a class. */
  logits: Float32Array;
  probabilities: Float32Array;
  /** Attention `[T, T]`, row by row what a token takes from each token. */
  attention: {
    /** The last block's heads, one after the other, and their mean. */
    heads: Float32Array[];
    mean: Float32Array;
    rollout: Float32Array;
  };
  milliseconds: number;
}

/** The bytes that base64 text stands for. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/** The trained model, as the library builds it. */
export class Network {
  readonly #model: VisionTransformer;
  readonly #random = new Random(0);
  readonly #normalize: Transform;
  readonly #weights: Map<string, Float32Array>;
  readonly #heads: number;
  readonly parameters: number;

  /** Throws an Error where the weights are not this model's. */
  constructor(data: PageData) {
    this.#model = new VisionTransformer({ ...data.sizes, random: this.#random });
    this.#normalize = normalize(data.mean, data.standardDeviation);
    this.#heads = data.sizes.heads;
    const variables = this.#model.namedVariables();
    if ([...variables.keys()].join() !== data.variables.join()) {
      throw new Error("the weights are of another model");
    }
    const values = new Float32Array(bytesOf(data.weights).buffer);
    let start = 0;
    this.#weights = new Map(
      [...variables].map(([name, { size }]) => [name, values.subarray(start, start += size)]),
    );
    if (start !== values.length) throw new Error("the weights are of a model of another size");
    this.parameters = start;
    this.load();
  }

  /** Puts the weights where tfjs computes now. */
  load(): void {
    for (const [name, variable] of this.#model.namedVariables()) {
      tf.tidy(() => variable.assign(tf.tensor(this.#weights.get(name)!, variable.shape)));
    }
  }

  /** Looks at one image of bytes, row by row. */
  async predict(pixels: Uint8Array): Promise<Prediction> {
    const started = performance.now();
    const { values, classes, tokens } = tf.tidy(() => {
      const shape: [number, number, number, number] = [1, ...this.#model.imageShape];
      const images = tf.tensor4d(Float32Array.from(pixels), shape);
      const batch = this.#normalize({ images, labels: tf.tensor1d([0]) }, this.#random);
      const { output, weights } = this.#model.forwardWithWeights(batch.images);
      const last = weights.at(-1)!; // [1, H, T, T]
      const parts = [output, tf.softmax(output), last, tf.mean(last, 1), attentionRollout(weights)];
      const values = tf.concat(parts.map((part) => tf.reshape(part, [-1]))); // read at once
      return { values, classes: output.shape[1]!, tokens: last.shape[2] };
    });
    const numbers = await values.data() as Float32Array;
    values.dispose();
    let start = 0;
    const take = (size: number) => numbers.slice(start, start += size);
    return {
      logits: take(classes),
      probabilities: take(classes),
      attention: {
        heads: Array.from({ length: this.#heads }, () => take(tokens * tokens)),
        mean: take(tokens * tokens),
        rollout: take(tokens * tokens),
      },
      milliseconds: performance.now() - started,
    };
  }
}
