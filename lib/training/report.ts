import type { Metrics } from "./metrics.ts";

/** What one epoch of training gave. */
export interface EpochReport {
  /** Counts from 1. */
  epoch: number;
  /** Training steps made since the beginning. */
  step: number;
  /**
   * Means over the epoch's batches as they were trained on: augmented, with dropout, and while the
   * weights changed.
   */
  train: Metrics;
  /** Measured after the epoch, in evaluation mode; undefined without validation data. */
  validation?: Metrics;
  /** Of the epoch's last step. */
  learningRate: number;
  /** Time of the epoch, validation and what was run before a stop included. */
  seconds: number;
  /** Training speed, without validation. */
  imagesPerSecond: number;
  /** Steps that ran eagerly, more slowly, since they could not be compiled; left out where none did. */
  eagerSteps?: number;
  /** Whether this epoch's validation accuracy (else its training accuracy) is the highest so far. */
  isBest: boolean;
}

/** What one training step gave. */
export interface StepReport {
  /** The epoch that the step is part of, from 1. */
  epoch: number;
  /** Training steps made since the beginning, this one included. */
  step: number;
  /** The batch's mean loss, before the step. */
  loss: number;
  /** The batch's accuracy, before the step. */
  accuracy: number;
  learningRate: number;
}

/** A report that was written as JSON, which has no NaN and writes null for it. */
export function reportFromJson(report: EpochReport): EpochReport {
  const withNaN = (metrics: Metrics): Metrics => ({ ...metrics, loss: metrics.loss ?? NaN });
  const { train, validation } = report;
  return { ...report, train: withNaN(train), validation: validation && withNaN(validation) };
}

/**
 * An epoch in one line that fits a page:
 * `epoch  3/10 · loss 0.312, accuracy 0.902 · validation 0.300, 0.910 · 12 s, 4,471 images/s · best`.
 */
export function describeReport(report: EpochReport, epochs: number): string {
  const { epoch, train, validation, seconds, imagesPerSecond, eagerSteps, isBest } = report;
  const parts = [
    `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`,
    `loss ${train.loss.toFixed(3)}, accuracy ${train.accuracy.toFixed(3)}`,
  ];
  if (validation) {
    parts.push(`validation ${validation.loss.toFixed(3)}, ${validation.accuracy.toFixed(3)}`);
  }
  const speed = Math.round(imagesPerSecond).toLocaleString("en");
  parts.push(`${seconds.toFixed(seconds < 10 ? 1 : 0)} s, ${speed} images/s`);
  if (eagerSteps) parts.push("not compiled");
  if (isBest) parts.push("best");
  return parts.join(" · ");
}

/** A learning rate with three significant digits: `3.00e-4`, `0.0100`. */
export function formatRate(learningRate: number): string {
  return learningRate !== 0 && learningRate < 1e-3
    ? learningRate.toExponential(2)
    : learningRate.toPrecision(3);
}
