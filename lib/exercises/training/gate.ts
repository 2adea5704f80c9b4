import { displaySymbol, type MimeBundle } from "../../display/live.ts";
import { type CheckOptions, checkRunner, failure } from "../engine/check.ts";

const { runCheck, noteOutcome } = checkRunner();

/** What a checkpoint's weights were found to do in the learner's own model. */
export interface MeasuredCheckpoint {
  /** Share of the validation images that are classified rightly, measured now. */
  accuracy: number;
  /** How many validation images that were. */
  images: number;
  /** Where the weights come from: "your own training, epoch 12". */
  source: string;
  /** The accuracy that the training wrote down. */
  noted?: number;
}

/** What {@link checkGate} asks of a checkpoint. */
export interface GateOptions extends CheckOptions {
  /** The smallest accuracy that passes. */
  least: number;
  /** Whether this is a quick run, which cannot train to its end: without a checkpoint, no points. */
  quick?: boolean;
}

/** A difference that other hardware cannot make. */
const noticeable = 0.02;

/**
 * A cell's result that nbgrader takes for its points: a plain 0. (The kernel shows numbers in colour,
 * which nbgrader cannot read, and gives all points for.)
 */
export class NoPoints {
  [displaySymbol](): MimeBundle {
    return { "text/plain": "0" };
  }
}

/**
 * Checks that the accuracy of a checkpoint, measured anew, is high enough. In a quick run without a
 * checkpoint nothing is measured: it says so, and gives no points.
 *
 * Throws a `CheckError` where the accuracy is too low, or nothing is there to be measured.
 */
export async function checkGate(
  measured: MeasuredCheckpoint | undefined,
  { least, quick = false, ...options }: GateOptions,
): Promise<void | NoPoints> {
  const name = `Validation accuracy ≥ ${least.toFixed(2)}`;
  if (!measured && quick) {
    console.log(
      `– ${name}: not measured, for this is a quick run without a trained checkpoint. No points.`,
    );
    noteOutcome({ task: name, outcome: "unmeasured", points: options.points, bonus: 0 });
    return new NoPoints();
  }
  await runCheck(name, options, () => {
    if (!measured) {
      throw failure(
        "there is no trained checkpoint to measure.",
        "Run the cell of the training to its end, or for as many epochs as it takes; its best epoch is kept.",
      );
    }
    const { accuracy, images, source, noted } = measured;
    const found = `${accuracy.toFixed(4)} on ${images.toLocaleString("en")} validation images ` +
      `(${source})`;
    if (accuracy >= least) return found;
    throw failure(
      `${found} is too low.`,
      noted !== undefined && noted - accuracy > noticeable
        ? `The training noted ${
          noted.toFixed(4)
        }: your classes compute something else now than they did ` +
          "then. Do their checks pass?"
        : "Let the training go on, with the given settings, after all checks above have passed.",
    );
  });
}
