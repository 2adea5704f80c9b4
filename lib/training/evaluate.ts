import * as tf from "../tensor/tf.ts";
import { compile, type CompiledStep } from "../tensor/compile.ts";
import type { Cluster } from "../tensor/cluster/cluster.ts";
import type { Precision } from "../tensor/precision.ts";
import { Random } from "../random.ts";
import type { Module } from "../nn/module.ts";
import type { Batch, Dataset } from "../datasets/dataset.ts";
import type { Transform } from "../augmentations/transform.ts";
import { crossEntropyOfEach, type Loss } from "./losses.ts";
import { given } from "../platform/given.ts";
import { atEnd } from "../platform/kernel_door.ts";
import { snapshot } from "./snapshot.ts";
import { labelClasses, type Metrics, MetricSums, predictedClasses } from "./metrics.ts";

/** How {@link evaluate} goes through a data set. */
export interface EvaluationOptions {
  /** What happens to a batch before the model sees it: the normalisation, no augmentation. */
  transform?: Transform;
  loss?: Loss;
  /** How many examples a batch has. Default: 256. */
  batchSize?: number;
  /** Whether the evaluation runs as one compiled function. Default: true. */
  compile?: boolean;
  /** What a graphics card computes in. Default: what is set when it runs. */
  precision?: Precision;
}

/** What a model makes of each example of a data set, in its order. */
export interface ExampleResults {
  losses: Float32Array;
  /** The most likely classes. */
  predictions: Int32Array;
  /** The right classes. */
  labels: Int32Array;
}

export interface EvaluationLimits {
  /** Evaluate only so many batches. */
  maximumBatches?: number;
  /** Asked after each batch; where it returns true the evaluation ends without a result. */
  isStopped?: () => boolean;
}

/** The mean loss and the accuracy of a model on a data set, in evaluation mode. */
export async function evaluate(
  model: Module,
  dataset: Dataset,
  options: EvaluationOptions = {},
): Promise<Metrics> {
  return metricsOf(await evaluateExamples(model, dataset, options));
}

/** The loss, the predicted class and the right class of each example, in evaluation mode. */
export async function evaluateExamples(
  model: Module,
  dataset: Dataset,
  options: EvaluationOptions = {},
): Promise<ExampleResults> {
  const evaluator = new Evaluator(model, dataset, options);
  try {
    return (await evaluator.run())!;
  } finally {
    evaluator.dispose();
  }
}

/** Sums over examples, divided once. */
export function metricsOf({ losses, predictions, labels }: ExampleResults): Metrics {
  const sums = new MetricSums();
  losses.forEach((loss, index) => sums.add(loss, predictions[index] === labels[index] ? 1 : 0, 1));
  return sums.result();
}

/** Evaluates one model on one data set, again and again, by one compiled function. */
export class Evaluator {
  readonly #model: Module;
  readonly #dataset: Dataset;
  readonly #batchSize: number;
  readonly #random = new Random(0);
  /** A transform that draws draws the same in every run. */
  readonly #resetRandom = snapshot([this.#random.state]);
  readonly #step: CompiledStep<[tf.Tensor1D], tf.Tensor[]>;
  readonly #cluster: Cluster | undefined;

  /**
   * `cluster`: processes that take the batches in turns, in the midst of a training on them. Throws a RangeError when
   * the data set is empty or the batch size is not a whole number.
   */
  constructor(
    model: Module,
    dataset: Dataset,
    options: EvaluationOptions & { cluster?: Cluster } = {},
  ) {
    const {
      transform,
      loss = crossEntropyOfEach,
      batchSize = 256,
      compile: enabled = true,
      precision,
      cluster,
    } = options;
    if (dataset.size === 0) throw new RangeError("evaluate: the data set has no examples");
    requireBatchSize("evaluate", batchSize);
    this.#model = model;
    this.#dataset = dataset;
    this.#batchSize = Math.min(batchSize, dataset.size);
    const step = (indices: tf.Tensor1D) => {
      const raw = dataset.batch(indices);
      const batch = transform ? transform(raw, this.#random) : raw;
      const logits = model.forward(batch.images) as tf.Tensor2D;
      requireLogits(logits, batch, dataset);
      const losses = requireLossOfEach(loss(logits, batch.labels), logits);
      return [losses, predictedClasses(logits), labelClasses(batch.labels)];
    };
    this.#cluster = cluster;
    const name = "evaluation step";
    this.#step = compile(step, { name, enabled, precision, together: cluster });
  }

  /** The results of each example; undefined where `isStopped` ended it. */
  async run(limits: EvaluationLimits = {}): Promise<ExampleResults | undefined> {
    const { maximumBatches = Infinity, isStopped = () => false } = limits;
    const count = Math.min(this.#dataset.size, maximumBatches * this.#batchSize);
    const results = {
      losses: new Float32Array(count),
      predictions: new Int32Array(count),
      labels: new Int32Array(count),
    };
    const wasTraining = this.#model.training;
    const end = atEnd(() => this.#model.setTraining(wasTraining));
    this.#model.setTraining(false);
    try {
      this.#resetRandom();
      const starts = Array.from(
        { length: Math.ceil(count / this.#batchSize) },
        (_, batch) => batch * this.#batchSize,
      );
      const atOnce = this.#cluster?.size ?? 1;
      for (let first = 0; first < starts.length; first += atOnce) {
        await this.#runBatches(starts.slice(first, first + atOnce), results);
        if (isStopped()) return undefined;
      }
    } finally {
      end();
    }
    return results;
  }

  dispose(): void {
    this.#step.dispose();
    this.#random.dispose();
  }

  /** The indices of one batch; a short last one is filled up with its last example. */
  #indices(start: number, last: number): Int32Array {
    return Int32Array.from(
      { length: this.#batchSize },
      (_, offset) => Math.min(start + offset, last),
    );
  }

  /** Fills the results from each of `starts` on; what a short last batch was filled up with is ignored. */
  async #runBatches(
    starts: readonly number[],
    { losses, predictions, labels }: ExampleResults,
  ): Promise<void> {
    const inputs = starts.map((start): [tf.Tensor1D] => [
      tf.tensor1d(this.#indices(start, losses.length - 1), "int32"),
    ]);
    const batches = await this.#outputsOf(inputs).finally(() => tf.dispose(inputs));
    for (const [batch, outputs] of batches.entries()) {
      const [loss, prediction, label] = await Promise.all(outputs.map((output) => output.data()));
      tf.dispose(outputs);
      const start = starts[batch];
      const used = Math.min(this.#batchSize, losses.length - start);
      losses.set(loss.subarray(0, used), start);
      predictions.set(prediction.subarray(0, used), start);
      labels.set(label.subarray(0, used), start);
    }
  }

  async #outputsOf(inputs: [tf.Tensor1D][]): Promise<tf.Tensor[][]> {
    const cluster = this.#cluster;
    if (!cluster) return [await this.#step(...inputs[0])];
    const step = await this.#step.exported(inputs[0], () => cluster.refresh());
    return await cluster.run(inputs.map(() => step), inputs) as tf.Tensor[][];
  }
}

/** Throws a RangeError where a batch size is not a whole number above 0. */
export function requireBatchSize(place: string, batchSize: number): void {
  if (Number.isInteger(batchSize) && batchSize > 0) return;
  throw new RangeError(
    `${place}: batchSize is ${given(batchSize)}, must be a whole number above 0`,
  );
}

/** Throws a RangeError where a model's output is not `[B, classes]` for its batch. */
export function requireLogits(logits: tf.Tensor, batch: Batch, dataset: Dataset): void {
  const expected = [batch.images.shape[0], dataset.classNames.length];
  if (logits.shape.join() === expected.join()) return;
  throw new RangeError(
    `The model returns [${logits.shape}], but a batch of ${expected[0]} images of ` +
      `${expected[1]} classes needs logits [${expected}]`,
  );
}

/** Throws a RangeError where a loss is not one number an example. */
export function requireLossOfEach(losses: tf.Tensor, logits: tf.Tensor): tf.Tensor1D {
  if (losses.rank === 1 && losses.shape[0] === logits.shape[0]) return losses as tf.Tensor1D;
  throw new RangeError(
    `The loss returns [${losses.shape}], but must return one number an example, ` +
      `[${logits.shape[0]}] (crossEntropyOfEach, not crossEntropy)`,
  );
}
