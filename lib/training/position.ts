import type { Metrics } from "./metrics.ts";
import { type EpochReport, reportFromJson } from "./report.ts";

/** Where a training is; together with all variables this is what resuming needs. Plain values only. */
export class Position {
  /** Whole epochs done, validation included. */
  epoch = 0;
  /** Steps done. */
  step = 0;
  /** The reports of the epochs done. */
  log: EpochReport[] = [];

  // Of the epoch so far.
  stepInEpoch = 0;
  lossSum = 0;
  correct = 0;
  examples = 0;
  eagerSteps = 0;
  trainingSeconds = 0;
  /** Validation and pauses between steps included. */
  seconds = 0;

  /** A position as a checkpoint holds it; older ones lack some fields. Throws a TypeError where it is none. */
  static from(saved: Partial<Position>): Position {
    const position = Object.assign(new Position(), saved);
    const { log, ...counts } = position;
    const isCount = (value: unknown) => typeof value === "number" && value >= 0;
    if (
      !Array.isArray(log) || !Object.values(counts).every(isCount) || log.length !== position.epoch
    ) {
      throw new TypeError("no position of a training");
    }
    position.log = log.map(reportFromJson);
    return position;
  }

  /** The training metrics of the epoch so far. */
  get train(): Metrics {
    const { lossSum, correct, examples } = this;
    return { loss: lossSum / examples, accuracy: correct / examples, examples };
  }

  /** The report of the best epoch so far: by validation accuracy, by training accuracy without it. */
  get best(): EpochReport | undefined {
    return this.log.findLast((report) => report.isBest);
  }

  /**
   * Counts a step; `loss` is the mean over its examples, `correct` how many were right, `eager` whether it
   * could not be compiled.
   */
  addStep(
    { loss, correct, examples, eager = false }: {
      loss: number;
      correct: number;
      examples: number;
      eager?: boolean;
    },
  ): void {
    this.lossSum += loss * examples;
    this.correct += correct;
    this.examples += examples;
    this.eagerSteps += eager ? 1 : 0;
    this.stepInEpoch++;
    this.step++;
  }

  /** Closes the epoch with its report, which is kept in the log, and stands at the next one's start. */
  endEpoch(
    { validation, learningRate }: Pick<EpochReport, "validation" | "learningRate">,
  ): EpochReport {
    const { train, best, seconds } = this;
    const score = (validation ?? train).accuracy;
    const report: EpochReport = {
      epoch: this.epoch + 1,
      step: this.step,
      train,
      validation,
      learningRate,
      seconds,
      imagesPerSecond: this.examples / this.trainingSeconds,
      ...(this.eagerSteps > 0 ? { eagerSteps: this.eagerSteps } : {}),
      isBest: !best || score > (best.validation ?? best.train).accuracy,
    };
    this.log.push(report);
    this.epoch++;
    this.stepInEpoch =
      this.lossSum =
      this.correct =
      this.examples =
      this.eagerSteps =
      this.trainingSeconds =
      this.seconds =
        0;
    return report;
  }
}
