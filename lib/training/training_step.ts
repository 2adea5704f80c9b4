import * as tf from "../tensor/tf.ts";
import * as ops from "../tensor/ops.ts";
import { compile, type CompiledStep, type CompileReport } from "../tensor/compile.ts";
import type { Cluster } from "../tensor/cluster/cluster.ts";
import { withSharedStatistics } from "../tensor/cluster/sums.ts";
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
import { type Exchange, overProcesses, sharesOf } from "./shares.ts";
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
  /** The processes that run the step together. Default: this one alone. */
  cluster?: Cluster;
  /** Whether batch normalisation takes the batch of all processes, rather than the share of each. */
  synchronizedBatchNorm?: boolean;
  /** How they exchange gradients. */
  exchange?: Exchange;
}

/** A step's mean loss, the number of right examples, and whether it ran eagerly though it should not. */
export interface StepValues {
  loss: number;
  correct: number;
  eager: boolean;
}

/** The examples' indices, the learning rate and, on several processes, the share's weight. */
type StepInputs = [tf.Tensor1D, tf.Scalar, ...tf.Scalar[]];

interface StepOutputs {
  loss: tf.Scalar;
  correct: tf.Scalar;
  [name: string]: tf.Tensor;
}

/**
 * One step of training as one function of tensors: gathers the batch, augments it, runs the model
 * forwards and backwards, and updates the weights. On several processes each takes a share of the batch, and they sum
 * gradients, loss and hits before the update.
 */
export class TrainingStep {
  readonly #step: CompiledStep<StepInputs, StepOutputs>;
  readonly #cluster: Cluster | undefined;

  constructor(parts: TrainingStepParts) {
    const { model, dataset, optimizer, loss, random, transform, average, cluster } = parts;
    const paths = [...optimizer.parameters.keys()];
    const variables = [...optimizer.parameters.values()];
    const step = (...[indices, learningRate, weight]: StepInputs) => {
      const raw = dataset.batch(indices);
      const { images, labels } = transform ? transform(raw, random) : raw;
      let correct!: tf.Scalar;
      const changed = changedStatistics(model, optimizer);
      const { value, gradients } = gradientsByPath(paths, variables, () => {
        const forward = () => model.forward(images) as tf.Tensor2D;
        const logits = weight && parts.synchronizedBatchNorm
          ? withSharedStatistics(tf.sign(weight), forward)
          : forward();
        requireLogits(logits, { images, labels }, dataset);
        // The gradient's scope would free it.
        correct = tf.keep(correctCount(logits, labels));
        const mean = tf.mean(requireLossOfEach(loss(logits, labels), logits)) as tf.Scalar;
        return weight ? tf.mul(mean, weight) : mean;
      });
      const whole = weight
        ? overProcesses({ loss: value, correct, gradients }, {
          ...{ weight, statistics: changed(), exchange: parts.exchange },
        })
        : { loss: value, correct, gradients };
      optimizer.apply(clipped(whole.gradients, parts.maximumGradientNorm), learningRate);
      average?.update();
      return { loss: whole.loss, correct: whole.correct };
    };
    const { compile: enabled, precision } = parts;
    this.#cluster = cluster;
    const name = "training step";
    this.#step = compile(step, { name, enabled, precision, together: cluster });
  }

  /**
   * Trains on the examples at `indices`; gives their mean loss, the number of right ones, and whether the
   * step ran eagerly, more slowly, because it could not be compiled.
   */
  async run(indices: Int32Array, learningRate: number): Promise<StepValues> {
    const eagerBefore = this.#eagerCalls;
    const outputs = this.#cluster
      ? await this.#runShares(this.#cluster, indices, learningRate)
      : await this.#runAlone(indices, learningRate);
    const [[loss], [correct]] = await Promise.all([outputs.loss.data(), outputs.correct.data()]);
    tf.dispose(outputs);
    return { loss, correct, eager: this.#eagerCalls > eagerBefore };
  }

  async #runAlone(indices: Int32Array, learningRate: number): Promise<StepOutputs> {
    const inputs = [tf.tensor1d(indices, "int32"), tf.scalar(learningRate)] as const;
    return await this.#step(...inputs).finally(() => tf.dispose([...inputs]));
  }

  async #runShares(
    cluster: Cluster,
    indices: Int32Array,
    learningRate: number,
  ): Promise<StepOutputs> {
    const inputs = sharesOf(indices, cluster.size).map((share): StepInputs => [
      tf.tensor1d(share.indices, "int32"),
      tf.scalar(learningRate),
      tf.scalar(share.weight),
    ]);
    try {
      const steps = [];
      for (const each of inputs) {
        steps.push(await this.#step.exported(each, () => cluster.refresh()));
      }
      const [first, ...same] = await cluster.run(steps, inputs) as StepOutputs[];
      tf.dispose(same);
      return first;
    } finally {
      tf.dispose(inputs);
    }
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

/** Gives, when called, which of the model's variables were assigned since, beside the parameters. */
function changedStatistics(model: Module, { parameters }: Optimizer): () => tf.Variable[] {
  const trained = new Set(parameters.values());
  const before = [...model.namedVariables().values()]
    .filter((each) => each.dtype === "float32" && !trained.has(each))
    .map((variable) => ({ variable, value: variable.dataId }));
  return () =>
    before.filter(({ variable, value }) => variable.dataId !== value)
      .map(({ variable }) => variable);
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
