import type * as tf from "../../tensor/tf.ts";
import { type MeasureOptions, measureReceptiveField } from "../../nn/receptive_field.ts";
import { attempt } from "../engine/attempt.ts";
import { type CheckOptions, checkRunner, describe, failure } from "../engine/check.ts";

const { runCheck } = checkRunner();

export interface ReceptiveFieldOptions extends CheckOptions, MeasureOptions {}

/**
 * Checks a learner's answer, the side in pixels of what one place of a map can see, against what the
 * learner's own network sees, measured by gradients. Throws a `CheckError` that says how far off it is.
 */
export function checkReceptiveField(
  side: number,
  features: (images: tf.Tensor4D) => tf.Tensor,
  { imageSize, channels, ...options }: ReceptiveFieldOptions = {},
): Promise<void> {
  return runCheck("Receptive field", options, () => {
    if (typeof side !== "number" || !Number.isInteger(side)) {
      throw failure(
        `the side should be a whole number of pixels, but is ${
          typeof side === "number" ? side : describe(side)
        }.`,
      );
    }
    const measured = attempt(
      "the network",
      "while its receptive field was measured",
      () => measureReceptiveField(features, { imageSize, channels }),
    );
    if (side === measured.height && side === measured.width) {
      return `${side}×${side} pixels, as your network shows by its gradients`;
    }
    throw failure(
      `your network does not see ${side}×${side} pixels.`,
      side < measured.height ? "It sees more." : "It sees fewer.",
      "Start with a side of 1 and a jump of 1. Each layer from the first on adds (size − 1) · jump to the side; " +
        "after that its stride multiplies the jump.",
    );
  });
}
