import { given } from "../platform/given.ts";
import type { Chart } from "../display/chart.ts";
import { LiveDisplay } from "../display/live.ts";
import { parallelCoordinates } from "../display/parallel_coordinates.ts";
import { type Table, table } from "../display/tables.ts";
import { NotFound, readText } from "../platform/disk.ts";
import { FileError } from "../platform/files.ts";
import { atEnd } from "../platform/kernel_door.ts";
import { Checkpointing } from "./callbacks.ts";
import { writeInfo } from "./checkpoint.ts";
import { watchForInterruption } from "./interruption.ts";
import type { Metrics } from "./metrics.ts";
import { NotFiniteError } from "./not_finite.ts";
import { type Progress, startProgress } from "./progress.ts";
import { formatRate } from "./report.ts";
import type { Setting } from "./search_space.ts";
import { Trainer } from "./trainer.ts";
import type { TrainerOptions } from "./trainer_options.ts";
import { lockFolder } from "./training_folder.ts";

/** What a search decides about a trial's training itself. */
export type TrialTraining = Omit<TrainerOptions, "epochs" | "seed" | "callbacks" | "progress">;

/** One round of a {@link Search}, in which those that are left train on. */
export interface SearchRound {
  /** How many epochs a trial has been trained for after this round, earlier rounds included. */
  epochs: number;
  /** How many of the best trials of the round before take part. Default: all. */
  trials?: number;
}

/** What a {@link Search} tries, and in which rounds. */
export interface SearchOptions<Settings extends Partial<Record<keyof Settings, Setting>>> {
  /** The settings to try, as `gridTrials` and `randomTrials` give them; a trial may leave some out. */
  trials: readonly Settings[];
  /**
   * Makes a trial's training, with a model and an optimizer of its own, which the search frees. All
   * first values should come from the seed.
   */
  train: (settings: Settings, seed: number) => TrialTraining;
  /** Short trainings of all trials first; in each later round fewer go on where they were. */
  rounds: readonly SearchRound[];
  /** Where results and checkpoints are kept; a search goes on from there. */
  folder: string;
  /** The seed of every trial, so that trials differ by their settings alone. Default: 42. */
  seed?: number;
}

/** What a trial had reached at the end of a round. */
export interface TrialResult {
  epochs: number;
  /** Of the last epoch, on the validation data where there are any. NaN where the training failed. */
  accuracy: number;
  loss: number;
  /** Of training, all epochs so far. */
  seconds: number;
  /** Why there is no result, such as a loss that is not finite. */
  failure?: string;
}

/** One choice of settings in a {@link Search}, with what it reached. */
export interface Trial<Settings = Partial<Record<string, Setting>>> {
  settings: Settings;
  /** Its folder in the search's, with its checkpoints. */
  name: string;
  /** Whether its training has begun, so that a checkpoint in the folder is its own. */
  isBegun: boolean;
  /** One a round, the shortest first. */
  results: TrialResult[];
}

/** What is on disk. */
interface SearchFile {
  seed: number;
  trials: Trial[];
}

/**
 * Looks for good hyper-parameters by training: every trial for a short time, then only the best for
 * longer (successive halving, arXiv 1502.07943).
 *
 * `search.json` in the folder holds all results. A search that was stopped goes on where it was; one
 * with other trials in the same folder trains only what is new.
 */
export class Search<Settings extends Partial<Record<keyof Settings, Setting>>> {
  readonly options: Readonly<SearchOptions<Settings>>;
  readonly #seed: number;
  #known: Trial<Settings>[] = [];

  /** Throws a RangeError where there are no trials, or the rounds do not grow in epochs. */
  constructor(options: SearchOptions<Settings>) {
    const { trials, rounds, seed = 42 } = options;
    if (trials.length === 0) throw new RangeError("Search: there are no trials");
    if (rounds.length === 0) throw new RangeError("Search: there are no rounds");
    rounds.forEach(({ epochs, trials: count = 1 }, index) => {
      const before = rounds[index - 1]?.epochs ?? 0;
      if (!(Number.isInteger(epochs) && epochs > before)) {
        throw new RangeError(
          `Search: round ${index + 1} ends after ${given(epochs)} epochs, must be a whole number ` +
            `above ${before}`,
        );
      }
      if (Number.isInteger(count) && count > 0) return;
      throw new RangeError(`Search: round ${index + 1} has ${count} trials, must be above 0`);
    });
    this.options = options;
    this.#seed = seed;
  }

  /** The trials with their results so far, the best first: longer trained, then more accurate. */
  get trials(): readonly Trial<Settings>[] {
    const known = new Map(this.#known.map((trial) => [keyOf(trial.settings), trial]));
    const own = this.options.trials.map((settings) =>
      known.get(keyOf(settings)) ?? { settings, name: "", isBegun: false, results: [] }
    );
    return own.sort((a, b) => compareResults(this.#latest(a), this.#latest(b)));
  }

  /** The best trial so far. */
  get best(): Trial<Settings> | undefined {
    const [first] = this.trials;
    return first.results.some(({ failure }) => !failure) ? first : undefined;
  }

  /**
   * Trains what is not trained yet and gives all trials, the best first. Stop ends it after the running
   * step, or before the next trial; called again, it goes on there. A trial whose loss or weights are not
   * finite is left behind.
   *
   * Throws a FileError where the folder holds a search with another seed, or another one writes to it.
   */
  async run(): Promise<readonly Trial<Settings>[]> {
    const lock = await lockFolder(this.options.folder);
    const end = atEnd(() => lock.release());
    try {
      return await this.#run();
    } finally {
      end();
    }
  }

  async #run(): Promise<readonly Trial<Settings>[]> {
    await this.#readFile();
    const progress = startProgress();
    const display = new LiveDisplay();
    // The trainers watch only while they train: Stop must not be lost between two of them.
    const watch = watchForInterruption();
    let [done, isStopped] = [0, false];
    try {
      let group = this.options.trials.map((settings) => this.#entry(settings));
      for (const [index, { epochs, trials: count = Infinity }] of this.options.rounds.entries()) {
        if (index > 0) group = this.#bestOf(group, this.options.rounds[index - 1].epochs, count);
        for (const [place, trial] of group.entries()) {
          const phase = `round ${index + 1}/${this.options.rounds.length}, ` +
            `trial ${place + 1}/${group.length}`;
          if (!hasResult(trial, epochs)) {
            watch.throwIfFailed();
            if (watch.stopRequested) progress.line(`Stopped as you asked: before ${phase}.`);
            isStopped = watch.stopRequested ||
              !await this.#trainTrial(trial, { epochs, progress, phase, done });
            if (isStopped) break;
            await this.#writeFile();
            progress.line(`${phase} · ${describeTrial(trial, epochs)}`);
            display.update(this.table());
          }
          done += epochs - (this.options.rounds[index - 1]?.epochs ?? 0);
        }
        if (isStopped) break;
      }
    } finally {
      watch.end();
      const fraction = Math.min(1, done / this.#totalEpochs());
      await progress.finish({ phase: isStopped ? "stopped" : "finished", fraction });
      await display.finish(this.table());
    }
    return this.trials;
  }

  /** The trials with their settings and results, the best first. */
  table(): Table {
    const rows = this.trials.map((trial) => {
      const latest = this.#latest(trial);
      const { epochs, accuracy, loss, seconds, failure } = latest ?? {};
      return {
        ...trial.settings,
        epochs,
        accuracy: failure ? "failed" : accuracy,
        loss: failure ? undefined : loss,
        seconds: seconds && Number(seconds.toFixed(1)),
      };
    });
    return table(rows, {
      columns: [...namesIn(this.options.trials), "epochs", "accuracy", "loss", "seconds"],
      caption: `${rows.length} trials, the longest trained and then the most accurate first.`,
    });
  }

  /**
   * Each trial as a line through its settings, coloured by the accuracy at the end of a round: the first
   * one, unless `epochs` names another. Throws a RangeError where no trial has got so far.
   */
  chart({ epochs = this.options.rounds[0].epochs }: { epochs?: number } = {}): Chart {
    const shown = this.trials.flatMap(({ settings, results }) => {
      const result = results.find((each) => each.epochs === epochs && !each.failure);
      return result ? [{ settings, accuracy: result.accuracy }] : [];
    });
    if (shown.length === 0) {
      throw new RangeError(`Search: no trial has been trained for ${epochs} epochs`);
    }
    const names = namesIn(shown.map(({ settings }) => settings));
    const rows = shown.map(({ settings, accuracy }) => {
      const values: Trial["settings"] = settings;
      return { ...Object.fromEntries(names.map((name) => [name, values[name]])), accuracy };
    });
    return parallelCoordinates({
      trials: rows,
      colorBy: "accuracy",
      logarithmic: names.filter((name) =>
        spansPowers(rows.map((row: Trial["settings"]) => row[name]))
      ),
      caption:
        `${rows.length} trials after ${epochs} ${epochs === 1 ? "epoch" : "epochs"}: each is ` +
        "a line through its settings, the lighter the more accurate.",
    });
  }

  /** The newest result that belongs to one of the rounds. */
  #latest(trial: Trial<Settings>): TrialResult | undefined {
    const ends = this.options.rounds.map(({ epochs }) => epochs);
    return trial.results.findLast(({ epochs }) => ends.includes(epochs));
  }

  #bestOf(group: Trial<Settings>[], epochs: number, count: number): Trial<Settings>[] {
    const at = (trial: Trial<Settings>) => trial.results.find((each) => each.epochs === epochs);
    return group.filter((trial) => !at(trial)!.failure)
      .sort((a, b) => compareResults(at(a), at(b)))
      .slice(0, count);
  }

  #totalEpochs(): number {
    let [total, before, count] = [0, 0, this.options.trials.length];
    for (const { epochs, trials = count } of this.options.rounds) {
      count = Math.min(count, trials);
      total += count * (epochs - before);
      before = epochs;
    }
    return total;
  }

  /** Trains one trial up to a number of epochs; false where it was stopped before. */
  async #trainTrial(
    trial: Trial<Settings>,
    { epochs, progress, phase, done }: {
      epochs: number;
      progress: Progress;
      phase: string;
      done: number;
    },
  ): Promise<boolean> {
    const training = this.options.train(trial.settings, this.#seed);
    const checkpoints = new Checkpointing(`${this.options.folder}/${trial.name}`);
    const before = trial.results.at(-1)?.epochs ?? 0;
    const total = this.#totalEpochs();
    const trainer: Trainer = new Trainer({
      ...training,
      epochs,
      seed: this.#seed,
      progress: false,
      callbacks: [checkpoints, {
        onStep: ({ loss }) =>
          progress.update({
            phase: `${phase}, epoch ${trainer.epoch + 1}/${epochs}`,
            fraction: (done + trainer.step / trainer.stepsPerEpoch - before) / total,
            loss,
          }),
      }],
    });
    // In an earlier search the trial may have been trained for longer.
    const seconds = () => trainer.log.slice(0, epochs).reduce((sum, each) => sum + each.seconds, 0);
    try {
      if (trial.isBegun) await checkpoints.resume(trainer);
      trial.isBegun = true;
      await this.#writeFile();
      await trainer.run();
      if (trainer.epoch < epochs) return false;
      const { validation, train } = trainer.log[epochs - 1];
      const { accuracy, loss }: Metrics = validation ?? train;
      addResult(trial, { epochs, accuracy, loss, seconds: seconds() });
    } catch (error) {
      if (!(error instanceof NotFiniteError)) throw error;
      const failure = error.message;
      addResult(trial, { epochs, accuracy: NaN, loss: NaN, seconds: seconds(), failure });
    } finally {
      trainer.dispose();
      training.optimizer.dispose();
      training.model.dispose();
    }
    return true;
  }

  /** A trial's entry among those known, made where there is none. */
  #entry(settings: Settings): Trial<Settings> {
    const key = keyOf(settings);
    let entry = this.#known.find((trial) => keyOf(trial.settings) === key);
    if (!entry) {
      const name = `trial-${String(this.#known.length + 1).padStart(2, "0")}`;
      entry = { settings, name, isBegun: false, results: [] };
      this.#known.push(entry);
    }
    return entry;
  }

  get #path(): string {
    return `${this.options.folder}/search.json`;
  }

  /** Reads what an earlier search has left, if there was one. */
  async #readFile(): Promise<void> {
    let text: string;
    try {
      text = await readText(this.#path);
    } catch (error) {
      if (error instanceof NotFound) return;
      throw error;
    }
    let file: SearchFile;
    try {
      file = JSON.parse(text);
    } catch {
      throw new FileError(`${this.#path} is damaged: delete it, and the search begins anew`);
    }
    if (file.seed !== this.#seed) {
      throw new FileError(
        `${this.#path} is a search with seed ${file.seed}, not ${this.#seed}: use another folder`,
      );
    }
    // JSON has no NaN; it reads null.
    for (const result of file.trials.flatMap((trial) => trial.results)) {
      result.accuracy ??= NaN;
      result.loss ??= NaN;
    }
    for (const { results } of file.trials) results.sort((a, b) => a.epochs - b.epochs);
    this.#known = file.trials as Trial<Settings>[];
  }

  async #writeFile(): Promise<void> {
    await writeInfo(this.#path, { seed: this.#seed, trials: this.#known } satisfies SearchFile);
  }
}

/** The settings that a trial does not leave out. */
function givenSettings(settings: Trial["settings"]): (readonly [string, Setting])[] {
  return Object.entries(settings).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const]
  );
}

/** The names of all settings that any of the trials has. */
function namesIn(trials: readonly Trial["settings"][]): string[] {
  return [...new Set(trials.flatMap(givenSettings).map(([name]) => name))];
}

/** The same for the same settings, in whatever order they are named. */
function keyOf(settings: Trial["settings"]): string {
  return JSON.stringify(givenSettings(settings).sort(([a], [b]) => a < b ? -1 : 1));
}

/** Keeps results in the order of their epochs; the rounds of searches in one folder may differ. */
function addResult({ results }: Trial, result: TrialResult): void {
  results.push(result);
  results.sort((a, b) => a.epochs - b.epochs);
}

/** A trial that failed does not get further either. */
function hasResult({ results }: Trial, epochs: number): boolean {
  return results.some((each) => each.epochs === epochs);
}

/** Longer trained first, then more accurate; what failed or was not trained comes last. */
function compareResults(a: TrialResult | undefined, b: TrialResult | undefined): number {
  const rank = (result: TrialResult | undefined) => !result ? 0 : result.failure ? 1 : 2;
  if (rank(a) !== rank(b)) return rank(b) - rank(a);
  if (!a || !b || a.failure) return 0;
  return b.epochs - a.epochs || b.accuracy - a.accuracy || a.loss - b.loss;
}

function describeTrial({ settings, results }: Trial, epochs: number): string {
  const { accuracy, seconds, failure } = results.find((each) => each.epochs === epochs)!;
  const words = givenSettings(settings).map(([name, value]) =>
    `${name} ${typeof value === "number" && !Number.isInteger(value) ? formatRate(value) : value}`
  );
  const result = failure ? `failed: ${failure}` : `accuracy ${accuracy.toFixed(3)}`;
  const time = `${epochs} ${epochs === 1 ? "epoch" : "epochs"} · ${seconds.toFixed(1)} s`;
  return `${words.join(", ")} · ${result} · ${time}`;
}

/** Whether numbers are all above 0 and some are ten times as large as others. */
function spansPowers(values: readonly (Setting | undefined)[]): boolean {
  const given = values.filter((value) => value !== undefined);
  if (!given.every((value) => typeof value === "number" && value > 0)) return false;
  const numbers = given as readonly number[];
  return Math.max(...numbers) >= 10 * Math.min(...numbers);
}
