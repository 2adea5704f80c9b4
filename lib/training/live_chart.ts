import type { Chart } from "../display/chart.ts";
import { curves } from "../display/curves.ts";
import { LiveDisplay } from "../display/live.ts";
import type { Callback } from "./callback.ts";
import type { Metrics } from "./metrics.ts";
import type { EpochReport } from "./report.ts";
import type { Trainer } from "./trainer.ts";

/** The titles and marked accuracies of {@link trainingCurves}. */
export interface TrainingCurvesOptions {
  title?: string;
  caption?: string;
  /** Dotted lines in the accuracy plot by name, such as an accuracy to reach. */
  references?: Record<string, number>;
  /**
   * What the validation curve is called: `test` where the test set is watched. Default:
   * `validation`.
   */
  validationName?: string;
}

/** Loss and accuracy against epochs, side by side. */
export function trainingCurves(
  log: readonly EpochReport[],
  { title, caption, references, validationName = "validation" }: TrainingCurvesOptions = {},
): Chart {
  const series = (measure: keyof Metrics) => ({
    training: log.map((report) => report.train[measure]),
    ...(log.some((report) => report.validation) && {
      [validationName]: log.map((report) => report.validation?.[measure] ?? NaN),
    }),
  });
  return curves({
    title,
    caption: caption ??
      "Loss and accuracy after each epoch. Training is measured on the augmented batches, while " +
        "the weights still change; the other in evaluation mode.",
    panels: [
      { yLabel: "loss", series: series("loss") },
      { yLabel: "accuracy", series: series("accuracy"), references },
    ],
  });
}

/** Shows {@link trainingCurves} while a trainer runs; in a headless run only at the end. */
export class LiveChart implements Callback {
  readonly #options: TrainingCurvesOptions;
  #display = new LiveDisplay();

  constructor(options: TrainingCurvesOptions = {}) {
    this.#options = options;
  }

  onStart(): void {
    this.#display = new LiveDisplay();
  }

  onEpoch(_report: EpochReport, { log }: Trainer): void {
    const reports = [...log];
    this.#display.update(() => trainingCurves(reports, this.#options).still());
  }

  async onEnd(_outcome: unknown, { log }: Trainer): Promise<void> {
    if (log.length > 0) await this.#display.finish(trainingCurves(log, this.#options));
  }
}
