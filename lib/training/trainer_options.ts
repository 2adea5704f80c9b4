import { given } from "../platform/given.ts";
import type { Cluster } from "../tensor/cluster/cluster.ts";
import { type Precision, requirePrecision } from "../tensor/requests.ts";
import type { Module } from "../nn/module.ts";
import type { Dataset } from "../datasets/dataset.ts";
import type { Transform } from "../augmentations/transform.ts";
import type { Callback } from "./callback.ts";
import { requireBatchSize } from "./evaluate.ts";
import type { Loss } from "./losses.ts";
import type { Optimizer } from "./optimizers.ts";
import type { Schedule } from "./schedules.ts";
import { type Exchange, requireExchange } from "./shares.ts";

/** What a {@link Trainer} trains, on what, and how. */
export interface TrainerOptions {
  model: Module;
  train: Dataset;
  /** Measured after each epoch; the best epoch is chosen by it. */
  validation?: Dataset;
  optimizer: Optimizer;
  /** The learning rate of each step. */
  schedule: Schedule;
  epochs: number;
  /** Default: 128. */
  batchSize?: number;
  /** What happens to batches on the device: augmentation for training, normalisation for both. */
  transforms?: { train?: Transform; evaluation?: Transform };
  /** The loss of each example. Default: cross-entropy. */
  loss?: Loss;
  /** Decides the order of the examples and the augmentation. Default: 42. */
  seed?: number;
  callbacks?: readonly Callback[];
  /** Whether a step runs as one compiled function. Default: true. */
  compile?: boolean;
  /**
   * What a graphics card computes products and convolutions in: "tf32" rounds their factors to 10 bits, which
   * is faster. The processor computes in full float32 always. Default: `TESSERA_PRECISION`, or "float32".
   */
  precision?: Precision;
  /** Whether an epoch leaves out the examples that do not fill a last batch. Default: true. */
  dropLast?: boolean;
  /** Scales gradients down to this global norm. Default: no limit. */
  maximumGradientNorm?: number;
  /** Keeps a moving average of the weights, which is then validated and saved as the best. */
  averageDecay?: number;
  /** Whether a progress bar is shown and one line per epoch printed. Default: true. */
  progress?: boolean;
  /**
   * Processes that train together, each on its share of every batch ({@link localCluster}). The weights here follow at
   * the end of each epoch and whenever the training is saved; the cluster stays the caller's. Default: this process
   * alone.
   */
  cluster?: Cluster;
  /**
   * Whether batch normalisation takes its statistics over all processes, for four exchanges more a layer, rather than
   * from each process's share (PyTorch's `SyncBatchNorm`). Default: false.
   */
  synchronizedBatchNorm?: boolean;
  /**
   * How processes exchange gradients: `type` "bfloat16", half the bytes and 8 bits of each gradient; in how many
   * `parts`, each of which goes on beside the rest of the backward pass. Default: one part, "float32".
   */
  exchange?: Exchange;
}

/**
 * Throws a RangeError where a setting is out of range or the data does not fill one batch, and a TypeError where the
 * cluster is none.
 */
export function requireOptions(
  { train, batchSize = 128, epochs, seed = 42, precision, cluster, compile = true, exchange = {} }:
    TrainerOptions,
): void {
  requireExchange(exchange);
  if (cluster) requireCluster(cluster);
  if (precision !== undefined) requirePrecision("Trainer: precision", precision);
  requireBatchSize("Trainer", batchSize);
  if (!(Number.isInteger(epochs) && epochs > 0)) {
    throw new RangeError(`Trainer: epochs is ${given(epochs)}, must be a whole number above 0`);
  }
  if (!Number.isInteger(seed)) {
    throw new RangeError(`Trainer: seed is ${given(seed)}, must be a whole number`);
  }
  if (cluster && batchSize < cluster.size) {
    throw new RangeError(
      `Trainer: batchSize is ${batchSize}, must be at least the number of processes, ${cluster.size}`,
    );
  }
  if (cluster?.device === "gpu" && exchange.type === "bfloat16") {
    throw new RangeError(
      'Trainer: exchange.type is "bfloat16", which TensorFlow does not sum by NCCL: on graphics cards it is "float32"',
    );
  }
  if (cluster && !compile) {
    throw new RangeError("Trainer: compile is false, but processes run compiled steps alone");
  }
  if (train.size < batchSize) {
    throw new RangeError(
      `Trainer: batchSize is ${batchSize}, but there are only ${train.size} training examples`,
    );
  }
}

/** Cells are not type-checked before they run: a number of processes, or what was not awaited, comes as far as here. */
function requireCluster(cluster: Cluster): void {
  if (typeof cluster.begin === "function") return;
  const size = typeof cluster === "number" ? cluster : 2;
  throw new TypeError(
    `Trainer: cluster is ${given(cluster)}, must be a Cluster: write await localCluster(${size})`,
  );
}

/**
 * Throws a TypeError where model and optimizer cannot be trained together: cells are run again in any order,
 * and the optimizer may be of the model that was there before.
 */
export function requireTogether(model: Module, optimizer: Optimizer): void {
  const variables = new Set(model.namedVariables().values());
  const optimized = [...optimizer.parameters.values()];
  const name = model.constructor.name;
  if (!optimized.some((parameter) => variables.has(parameter))) {
    throw new TypeError(
      `Trainer: the optimizer changes nothing in this ${name}: it was made for another model. Make it anew`,
    );
  }
  if ([...variables, ...optimized].some((variable) => variable.isDisposed)) {
    throw new TypeError(
      `Trainer: weights of the ${name} are disposed of: make model and optimizer anew`,
    );
  }
}
