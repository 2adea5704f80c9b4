import type { Batch } from "../datasets/dataset.ts";
import type { Random } from "../random.ts";

/** Changes a whole batch on the device; draws only from `random`, so that it can be compiled. */
export type Transform = (batch: Batch, random: Random) => Batch;

/** Applies transforms from left to right. */
export function compose(...transforms: Transform[]): Transform {
  return (batch, random) => transforms.reduce((current, each) => each(current, random), batch);
}
