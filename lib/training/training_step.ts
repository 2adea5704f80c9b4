import * as tf from "../tensor/tf.ts";
import * as ops from "../tensor/ops.ts";
import { compile, type CompiledStep, type CompileReport } from "../tensor/compile.ts";
import type { Precision } from "../tensor/precision.ts";
import type { Random } from "../random.ts";
import type { Module } from "../nn/module.ts";
import type { Dataset } from "../datasets/dataset.ts";
import type { Transform } from "../augmentations/transform.ts";
import { requireLogits, requireLossOfEach } from "./evaluate.ts";
import { clipByGlobalNorm } from "./gradients.ts";
import type { Loss } from "./losses.ts";
import { correctCount } from "./metrics.ts";
import type { Optimizer } from "./optimizers.ts";
import type { WeightAverage } from "./weight_average.ts";

export interface TrainingStepParts {
  model: Module;
  dataset: Dataset;
  optimizer: Optimizer;
  loss: Loss;
  /** Draws for the transform. */
  random: Random;
  transform?: Transform;
  maximumGradientNorm?: number;
  average?: WeightAverage;
  compile: boolean;
  /** What a graphics card computes in. */
  precision?: Precision;
}

/** A step's mean loss, the number of right examples, and whether it ran eagerly though it should not. */
export interface StepValues {
  loss: number;
  correct: number;
  eager: boolean;
}

/**
 * One step of training as one function of tensors: gathers the batch, augments it, runs the model
 * forwards and backwards, and updates the weights.
 */
export class TrainingStep {
  readonly #step: CompiledStep<[tf.Tensor1D, tf.Scalar], { loss: tf.Scalar; correct: tf.Scalar }>;

  constructor(parts: TrainingStepParts) {
    const { model, dataset, optimizer, loss, random, transform, average } = parts;
    const paths = [...optimizer.parameters.keys()];
    const variables = [...optimizer.parameters.values()];
    const step = (indices: tf.Tensor1D, learningRate: tf.Scalar) => {
      const raw = dataset.batch(indices);
      const { images, labels } = transform ? transform(raw, random) : raw;
      let correct!: tf.Scalar;
      const { value, gradients } = gradientsByPath(paths, variables, () => {
        const logits = model.forward(images) as tf.Tensor2D;
        requireLogits(logits, { images, labels }, dataset);
        // The gradient's scope would free it.
        correct = tf.keep(correctCount(logits, labels));
        return tf.mean(requireLossOfEach(loss(logits, labels), logits)) as tf.Scalar;
      });
      optimizer.apply(clipped(gradients, parts.maximumGradientNorm), learningRate);
      average?.update();
      return { loss: value, correct };
    };
    const { compile: enabled, precision } = parts;
    this.#step = compile(step, { name: "training step", enabled, precision });
  }

  /**
   * Trains on the examples at `indices`; gives their mean loss, the number of right ones, and whether the
   * step ran eagerly, more slowly, because it could not be compiled.
   */
  async run(indices: Int32Array, learningRate: number): Promise<StepValues> {
    const eagerBefore = this.#eagerCalls;
    const inputs = [tf.tensor1d(indices, "int32"), tf.scalar(learningRate)] as const;
    const outputs = await this.#step(...inputs).finally(() => tf.dispose([...inputs]));
    const [[loss], [correct]] = await Promise.all([outputs.loss.data(), outputs.correct.data()]);
    tf.dispose(outputs);
    return { loss, correct, eager: this.#eagerCalls > eagerBefore };
  }

  get #eagerCalls(): number {
    return this.#fallbacks().reduce((sum, { calls }) => sum + calls, 0);
  }

  #fallbacks() {
    return this.#step.reports().filter(({ mode, calls }) => mode === "eager" && calls > 0);
  }

  /** How the step came to run, of its first form; undefined before its first call. */
  get report(): CompileReport | undefined {
    return this.#step.reports()[0];
  }

  /** Why steps ran eagerly that should have been compiled; empty where none did. */
  get eagerReason(): string {
    return this.#fallbacks()[0]?.reason ?? "";
  }

  /** The step's graph as a serialized `GraphDef`; null where it runs eagerly. */
  graphDef(): Uint8Array<ArrayBuffer> | null {
    return this.#step.graphDef();
  }

  dispose(): void {
    this.#step.dispose();
  }
}

function clipped(gradients: readonly tf.Tensor[], maximumNorm?: number): readonly tf.Tensor[] {
  return maximumNorm === undefined ? gradients : clipByGlobalNorm(gradients, maximumNorm);
}

/** As `ops.valueAndGradients`; where a parameter has no gradient, the error names it by its path. */
function gradientsByPath(
  paths: readonly string[],
  variables: readonly tf.Variable[],
  objective: () => tf.Scalar,
): { value: tf.Scalar; gradients: tf.Tensor[] } {
  try {
    return ops.valueAndGradients(objective, variables);
  } catch (error) {
    const index = /^no gradient for variable (\d+)/.exec((error as Error).message)?.[1];
    if (index === undefined) throw error;
    throw new Error(
      `No gradient reaches ${
        paths[Number(index)]
      }: the loss does not depend on it. Is it used in ` +
        "forward?",
      { cause: error },
    );
  }
}
