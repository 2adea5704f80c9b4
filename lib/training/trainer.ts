import { atEnd, kernelDoor } from "../platform/kernel_door.ts";
import { settings } from "../tensor/settings.ts";
import { backendReport } from "../tensor/tf.ts";
import type * as tf from "../tensor/tf.ts";
import { environment } from "../platform/environment.ts";
import { nextTurn } from "../platform/turns.ts";
import { permutation, Random } from "../random.ts";
import type { Module } from "../nn/module.ts";
import type { Callback, Outcome } from "./callback.ts";
import {
  damagedDescription,
  loadTraining,
  modelState,
  saveTraining,
  saveWeights,
} from "./checkpoint.ts";
import { describeProcesses, tellDevice } from "./device_line.ts";
import { type EvaluationLimits, Evaluator, type ExampleResults, metricsOf } from "./evaluate.ts";
import { type Interruption, watchForInterruption } from "./interruption.ts";
import { crossEntropyOfEach } from "./losses.ts";
import type { Metrics } from "./metrics.ts";
import { areFinite, NotFiniteError } from "./not_finite.ts";
import { explainMemory } from "./out_of_memory.ts";
import { lengthWarning, Pace } from "./pace.ts";
import { Position } from "./position.ts";
import { type Progress, type ProgressState, startProgress } from "./progress.ts";
import { describeReport, type EpochReport, formatRate, type StepReport } from "./report.ts";
import { OtherTrainingError } from "./result.ts";
import { requireOptions, requireTogether, type TrainerOptions } from "./trainer_options.ts";
import { type StepValues, TrainingStep } from "./training_step.ts";
import { WeightAverage } from "./weight_average.ts";

export { NotFiniteError };

/** How a training is told to a learner. */
export interface RunOptions {
  /** What to do after Stop, for the line that says where it stopped. Default: to call `fit` or `run` again. */
  advice?: () => string;
}

const sanityBatches = 2;
const smallestEvaluationBatch = 250;
/** Why a training ends at Stop. */
const asked = "Stopped as you asked";

/**
 * Trains a model; knows no concrete model or data set.
 *
 * `for await (const report of trainer.fit())` gives a report after each epoch, and `break` stops
 * early; `await trainer.run()` is the same without a loop. Both go on where the last call ended.
 */
export class Trainer {
  readonly model: Module;
  readonly options: Readonly<TrainerOptions>;
  readonly epochs: number;
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  #checkpoint: { path: string; step: number } | undefined;
  #position = new Position();
  readonly #seed: number;
  readonly #random: Random;
  readonly #average: WeightAverage | undefined;
  readonly #step: TrainingStep;
  readonly #evaluator: Evaluator | undefined;
  #pace = new Pace();
  /** Steps that are under way, while the values of the one before them are read (on a graphics card). */
  #started: { values: Promise<StepValues>; examples: number; learningRate: number }[] = [];
  /** Steps that are done and counted, of which the callbacks were not told yet. */
  #done: StepReport[] = [];
  #isRunning = false;
  #isDisposed = false;
  #stopReason: string | undefined;

  /** Throws a RangeError where a setting is out of range or the data does not fill one batch. */
  constructor(options: TrainerOptions) {
    requireOptions(options);
    const { model, train, validation, optimizer, transforms = {} } = options;
    const { loss = crossEntropyOfEach, compile = true, averageDecay, precision, cluster } = options;
    this.options = options;
    this.model = model;
    this.epochs = options.epochs;
    this.batchSize = options.batchSize ?? 128;
    const steps = train.size / this.batchSize;
    this.stepsPerEpoch = options.dropLast ?? true ? Math.floor(steps) : Math.ceil(steps);
    this.#seed = (options.seed ?? 42) >>> 0;
    const root = new Random(this.#seed);
    this.#random = root.fork("augmentation");
    root.dispose();
    if (averageDecay !== undefined) this.#average = new WeightAverage(model, averageDecay);
    this.#step = new TrainingStep({
      model,
      dataset: train,
      optimizer,
      loss,
      random: this.#random,
      transform: transforms.train,
      maximumGradientNorm: options.maximumGradientNorm,
      average: this.#average,
      compile,
      precision,
      cluster,
      synchronizedBatchNorm: options.synchronizedBatchNorm,
      exchange: options.exchange,
    });
    if (validation) {
      const batchSize = Math.max(this.batchSize, smallestEvaluationBatch);
      const { evaluation: transform } = transforms;
      const settings = { transform, loss, compile, batchSize, precision, cluster };
      this.#evaluator = new Evaluator(model, validation, settings);
    }
  }

  /** Whole epochs done. */
  get epoch(): number {
    return this.#position.epoch;
  }

  /** Steps done. */
  get step(): number {
    return this.#position.step;
  }

  /** The reports of all epochs so far. */
  get log(): readonly EpochReport[] {
    return this.#position.log;
  }

  /** The report of the best epoch so far. */
  get best(): EpochReport | undefined {
    return this.#position.best;
  }

  /** The newest checkpoint that the training can go on from, if there is one. */
  get lastCheckpoint(): string | undefined {
    return this.#checkpoint?.path;
  }

  /** Whether {@link dispose} was called: then it trains no more. */
  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** The learning rate of a step; by default of the next one. */
  learningRate(step: number = this.step): number {
    return this.options.schedule(step);
  }

  /** Trains until all epochs are done, and gives their reports. */
  async run(options?: RunOptions): Promise<readonly EpochReport[]> {
    for await (const _report of this.fit(options)) { /* the reports are in the log */ }
    return this.log;
  }

  /** Ends the running training after its step, or after the epoch when called at its end. */
  stop(reason: string): void {
    this.#stopReason = reason;
  }

  /**
   * Trains epoch by epoch, and gives a report after each.
   *
   * Stop in a notebook, and Ctrl-C, SIGTERM and SIGHUP in a terminal, end it after the step that is running;
   * after SIGUSR1, a batch system's warning, it saves and goes on. Throws a TypeError where the optimizer is
   * another model's or weights are disposed of, a {@link NotFiniteError} when the
   * loss, the validation loss or the weights at an epoch's end are not finite numbers, and a ClusterError when one of
   * several processes fails; the training goes on from its last checkpoint then, by another trainer.
   */
  async *fit({ advice }: RunOptions = {}): AsyncGenerator<EpochReport, void, void> {
    if (this.#isRunning) throw new Error("This trainer is training already; stop that first");
    requireTogether(this.model, this.options.optimizer);
    if (this.options.cluster) await this.options.cluster.begin();
    this.#isRunning = true;
    this.#stopReason = undefined;
    this.#pace = new Pace();
    const progress = startProgress({ bar: this.options.progress ?? true });
    const watch = watchForInterruption();
    let outcome: Outcome = "left";
    const end = () => this.#end(outcome, progress, advice).finally(() => watch.end());
    const endAfterCut = () => {
      outcome = "failed";
      end().catch((error) => console.error("After Stop the training did not end well:", error));
    };
    const { repairs } = kernelDoor() ?? {};
    repairs?.add(endAfterCut);
    try {
      await this.#notify((callback) => callback.onStart?.(this));
      if (this.options.progress ?? true) this.#tellDevice(progress);
      if (this.step === 0) await this.#checkSanity(progress);
      while (this.epoch < this.epochs && !this.#isStopped(watch)) {
        const report = await this.#runEpoch(progress, watch);
        if (report) yield report;
      }
      outcome = this.#stopReason === undefined ? "finished" : "stopped";
    } catch (error) {
      outcome = "failed";
      throw error;
    } finally {
      repairs?.delete(endAfterCut);
      await end();
    }
  }

  /**
   * Writes everything that {@link load} needs to go on exactly here.
   *
   * Throws a {@link NotFiniteError} when the weights are not finite, and a FileError when the file
   * cannot be written; an old file is kept then.
   */
  async save(path: string): Promise<void> {
    await this.#settle();
    await this.#requireFiniteWeights();
    const info = { epoch: this.epoch, settings: this.#settings(), position: this.#position };
    await saveTraining(path, this.#variables(), info);
    this.#checkpoint = { path, step: this.step };
  }

  /**
   * Goes back to where a training with the same settings was when it was saved.
   *
   * Throws a FileError when the settings differ, or the file does not fit the model.
   */
  async load(path: string): Promise<void> {
    let position = this.#position;
    await loadTraining(path, this.#variables(), (saved) => {
      const settings = saved.settings as Record<string, unknown> | undefined;
      try {
        position = Position.from(saved.position as Partial<Position>);
        if (typeof settings !== "object" || settings === null) throw new TypeError("no settings");
      } catch (cause) {
        throw damagedDescription(path, cause);
      }
      for (const [name, value] of Object.entries(this.#settings())) {
        // Older files do not have all of the settings.
        if (!(name in settings) || settings[name] === value) continue;
        throw new OtherTrainingError(
          `${path} was trained with ${name} ${settings[name] ?? "none"}, not ${value ?? "none"}`,
        );
      }
    });
    this.#position = position;
    this.#checkpoint = { path, step: this.step };
  }

  /** Writes the model's weights (their average, where one is kept) with the log; throws as {@link save}. */
  async saveWeights(path: string): Promise<void> {
    await this.#settle();
    await this.#requireFiniteWeights();
    const info = { epoch: this.epoch, best: this.best, log: this.log };
    await this.#withAverage(() => saveWeights(this.model, path, info));
  }

  /** The training step's graph as a serialized `GraphDef`; null while it is not compiled. */
  graphDef(): Uint8Array<ArrayBuffer> | null {
    return this.#step.graphDef();
  }

  /** Frees what the trainer made; the model, the data and the optimizer stay. */
  dispose(): void {
    this.#isDisposed = true;
    this.#step.dispose();
    this.#evaluator?.dispose();
    this.#average?.dispose();
    this.#random.dispose();
  }

  /** Whether the training is to end; throws what a timer has thrown meanwhile. */
  #isStopped(watch: Interruption): boolean {
    watch.throwIfFailed();
    if (watch.stopRequested) this.#stopReason ??= asked;
    return this.#stopReason !== undefined;
  }

  /** Runs the rest of an epoch; undefined where it was stopped before its end. */
  async #runEpoch(progress: Progress, watch: Interruption): Promise<EpochReport | undefined> {
    const position = this.#position;
    const isStopped = () => this.#isStopped(watch);
    const order = permutation(this.options.train.size, seedOfEpoch(this.#seed, position.epoch));
    while (position.stepInEpoch < this.stepsPerEpoch || this.#done.length > 0) {
      await this.#runStep(order, progress);
      if (watch.takeWarning()) await this.#takeWarning(progress);
      if (isStopped()) {
        await this.#settle();
        return undefined;
      }
    }
    await this.#settle();
    await this.options.cluster?.requireEqual(this.#variables());
    await this.#requireFiniteWeights();
    const validation = await this.#validate(progress, isStopped);
    if (isStopped()) return undefined;
    if (validation && !Number.isFinite(validation.loss)) {
      throw this.#notFinite(`The validation loss is ${validation.loss} after`, this.step);
    }
    const learningRate = this.learningRate(position.step - 1);
    const report = position.endEpoch({ validation, learningRate });
    await this.#notify((callback) => callback.onEpoch?.(report, this));
    if (this.options.progress ?? true) progress.line(describeReport(report, this.epochs));
    return report;
  }

  async #runStep(order: Int32Array, progress: Progress): Promise<void> {
    const position = this.#position;
    const begun = performance.now();
    if (!this.model.training) this.model.setTraining(true);
    const { callbacks = [], cluster } = this.options;
    const mayBeLate = callbacks.every((each) => !each.onStep || each.onStepMayBeLate);
    // Several processes hand variables over between steps.
    const stepsAhead = mayBeLate && !cluster ? settings().stepsAhead : 0;
    const isBefore = () => position.stepInEpoch + this.#started.length < this.stepsPerEpoch;
    while (this.#started.length <= stepsAhead && isBefore()) this.#startStep(order);
    if (this.#done.length === 0) await this.#finishStep();
    const report = this.#done.shift()!;
    await this.#notify((callback) => callback.onStep?.(report, this));
    const seconds = (performance.now() - begun) / 1000;
    position.trainingSeconds += seconds;
    this.#pace.addStep(seconds);
    progress.update(this.#progressState(`epoch ${this.epoch + 1}/${this.epochs}`));
    // A step that runs eagerly has held up timers, signals and messages: now it is their turn.
    await nextTurn();
    position.seconds += (performance.now() - begun) / 1000;
  }

  async #takeWarning(progress: Progress): Promise<void> {
    await this.#notify((callback) => callback.onWarning?.(this));
    progress.line(
      `Warned of an end soon: after step ${this.step.toLocaleString("en")}.` +
        `${this.#describeCheckpoint()} The training goes on.`,
    );
  }

  /** Starts the step after all that were started. */
  #startStep(order: Int32Array): void {
    const start = (this.#position.stepInEpoch + this.#started.length) * this.batchSize;
    const indices = order.slice(start, start + this.batchSize);
    const learningRate = this.learningRate(this.step + this.#started.length);
    const values = this.#step.run(indices, learningRate);
    // Whoever awaits it sees an error; where an earlier step failed nobody does.
    values.catch(() => {});
    this.#started.push({ values, examples: indices.length, learningRate });
  }

  /** Waits for the first of the steps that were started, and counts it. */
  async #finishStep(): Promise<void> {
    const { values, examples, learningRate } = this.#started[0];
    const { loss, correct, eager } = await values
      .catch((error) => {
        throw explainMemory(error, "A training step", this.batchSize);
      })
      .finally(() => this.#started.shift());
    if (!Number.isFinite(loss)) throw this.#notFinite(`The loss is ${loss} at`, this.step + 1);
    this.#position.addStep({ loss, correct, eager, examples });
    const accuracy = correct / examples;
    this.#done.push({ epoch: this.epoch + 1, step: this.step, loss, accuracy, learningRate });
  }

  /** Waits for all steps that were started: then the variables are those of the position. */
  async #settle(): Promise<void> {
    while (this.#started.length > 0) await this.#finishStep();
    await this.options.cluster?.refresh();
  }

  async #validate(progress: Progress, isStopped: () => boolean): Promise<Metrics | undefined> {
    if (!this.#evaluator) return undefined;
    const begun = performance.now();
    progress.update(this.#progressState(`epoch ${this.epoch + 1}/${this.epochs}, validation`));
    const results = await this.#withAverage(() => this.#evaluate({ isStopped }));
    const seconds = (performance.now() - begun) / 1000;
    this.#position.seconds += seconds;
    this.#pace.addValidation(seconds);
    return results && metricsOf(results);
  }

  async #evaluate(limits: EvaluationLimits): Promise<ExampleResults | undefined> {
    try {
      return await this.#evaluator!.run(limits);
    } catch (error) {
      throw explainMemory(error, "The validation", this.batchSize);
    }
  }

  /** Finds most mistakes in data, model and loss before an epoch is spent on them. */
  async #checkSanity(progress: Progress): Promise<void> {
    if (!this.#evaluator) return;
    progress.update({ phase: "sanity check", fraction: 0 });
    const begun = performance.now();
    const results = await this.#evaluate({ maximumBatches: sanityBatches });
    const { loss, accuracy, examples } = metricsOf(results!);
    if (!Number.isFinite(loss)) {
      throw new NotFiniteError(
        `The validation loss is ${loss} before the first step: look at the images that the ` +
          "transforms give, and at the model's output",
      );
    }
    if (this.options.progress ?? true) {
      progress.line(
        `before training, ${examples} validation images: loss ${loss.toFixed(3)}, ` +
          `accuracy ${accuracy.toFixed(3)}`,
      );
    }
    const seconds = (performance.now() - begun) / 1000;
    const warning = lengthWarning(backendReport, { seconds, images: examples }, {
      trainingImages: this.epochs * this.stepsPerEpoch * this.batchSize,
      validationImages: this.epochs * this.options.validation!.size,
    });
    if (warning) progress.line(warning);
  }

  /** Only an update can spoil weights, and only the next step's loss would show it. */
  async #requireFiniteWeights(): Promise<void> {
    if (await areFinite(this.options.optimizer.parameters.values())) return;
    throw this.#notFinite("The weights are not finite after", this.step);
  }

  /** `what` leads up to the step, which counts from 1. */
  #notFinite(what: string, step: number): NotFiniteError {
    const epoch = Math.ceil(step / this.stepsPerEpoch);
    const good = this.lastCheckpoint;
    return new NotFiniteError(
      `${what} step ${step} (epoch ${epoch}) with learning rate ` +
        `${formatRate(this.learningRate(step - 1))}. A lower learning rate or ` +
        "maximumGradientNorm may help. " +
        (good ? `The last good checkpoint is ${good}.` : "There is no checkpoint to go back to."),
    );
  }

  async #end(outcome: Outcome, progress: Progress, advice?: () => string): Promise<void> {
    this.model.setTraining(false);
    // Of a training that failed or was cut off what is under way still counts.
    await this.#settle().catch(() => this.#started = []);
    this.#done = [];
    this.options.cluster?.end();
    this.#isRunning = false;
    try {
      await this.#notify((callback) => callback.onEnd?.(outcome, this));
      if (outcome === "stopped") progress.line(this.#describeStop(advice));
      const { eagerReason } = this.#step;
      if (eagerReason !== "") {
        progress.line(`Steps could not be compiled and ran more slowly: ${eagerReason}.`);
      }
    } finally {
      const place = outcome === "finished"
        ? `after epoch ${this.epoch}`
        : `in epoch ${Math.min(this.epoch + 1, this.epochs)} of ${this.epochs}`;
      const state = this.#progressState(`${outcome} ${place}`);
      await progress.finish({ ...state, secondsLeft: undefined });
    }
  }

  #tellDevice(progress: Progress): void {
    const processes = describeProcesses(this.options);
    if (processes === undefined) return tellDevice(progress, this.options.precision);
    progress.line(`on ${processes}`);
  }

  #describeStop(advice?: () => string): string {
    const epoch = `epoch ${Math.min(this.epoch + 1, this.epochs)} of ${this.epochs}`;
    const place = this.step === 0
      ? "before the first step"
      : `after step ${this.step.toLocaleString("en")}, ${epoch}`;
    const stopped = `${this.#stopReason}: ${place}.`;
    if (advice) return `${stopped} ${advice()}`;
    const saved = stopped + this.#describeCheckpoint();
    if (environment() === "terminal") return saved;
    // What the stopped cell itself trains next ends at once.
    return `${saved} Call fit() or run() ${
      this.#stopReason === asked ? "in another cell" : "again"
    } to go on.`;
  }

  #describeCheckpoint(): string {
    if (!this.#checkpoint) return "";
    const { path, step } = this.#checkpoint;
    if (step === this.step) return ` Saved in ${path}.`;
    return ` The last checkpoint is ${path}, of step ${step.toLocaleString("en")}.`;
  }

  #progressState(phase: string): ProgressState {
    const { epoch, stepInEpoch, step, examples, train } = this.#position;
    const total = this.epochs * this.stepsPerEpoch;
    const { stepsPerSecond } = this.#pace;
    return {
      phase,
      fraction: Math.min(1, (epoch * this.stepsPerEpoch + stepInEpoch) / total),
      loss: examples > 0 ? train.loss : this.log.at(-1)?.train.loss,
      imagesPerSecond: stepsPerSecond && stepsPerSecond * this.batchSize,
      secondsLeft: this.#pace.secondsFor(total - step, this.epochs - epoch),
    };
  }

  async #notify(call: (callback: Callback) => void | Promise<void>): Promise<void> {
    for (const callback of this.options.callbacks ?? []) await call(callback);
  }

  /** Calls `use` while the model has its averaged weights, where an average is kept. */
  async #withAverage<T>(use: () => Promise<T>): Promise<T> {
    this.#average?.swap();
    const end = atEnd(() => this.#average?.swap());
    try {
      return await use();
    } finally {
      end();
    }
  }

  /** What must be the same for a training to go on exactly. */
  #settings(): Record<string, unknown> {
    const { train, dropLast = true, averageDecay = null, maximumGradientNorm } = this.options;
    return {
      seed: this.#seed,
      batchSize: this.batchSize,
      examples: train.size,
      dropLast,
      averageDecay,
      optimizer: `${this.options.optimizer}`,
      // As in JSON, where no limit and an infinite one are null.
      maximumGradientNorm: Number.isFinite(maximumGradientNorm) ? maximumGradientNorm : null,
    };
  }

  /** Every variable that training changes, by a path of its own. */
  #variables(): Map<string, tf.Variable> {
    const variables = modelState(this.model);
    const add = (kind: string, named: ReadonlyMap<string, tf.Variable> | undefined) =>
      named?.forEach((variable, path) => variables.set(`${kind}.${path}`, variable));
    add("optimizer", this.options.optimizer.namedVariables());
    add("average", this.#average?.namedVariables());
    variables.set("random.augmentation", this.#random.state);
    return variables;
  }
}

/** A seed for the order of one epoch's examples: any epoch's order is known without the others'. */
function seedOfEpoch(seed: number, epoch: number): number {
  return Math.imul(seed ^ Math.imul(epoch + 1, 0x9e3779b1), 0x85ebca6b) >>> 0;
}
