/** How far a search for a cause goes: a count and no clock ends it, so that a message is the same on every machine. */
import * as tf from "../../tensor/tf.ts";

/**
 * An allowance of tensors that tfjs may make from now on, one or two for each operation. 10,000 of them take some 0.4 s
 * of processor time.
 */
export class Effort {
  readonly #end: number;

  /** `within` is an allowance that this one is a part of. */
  constructor(tensors: number, within?: Effort) {
    this.#end = Math.min(made() + tensors, within ? within.#end : Infinity);
  }

  get isSpent(): boolean {
    return made() >= this.#end;
  }
}

/** How many tensors tfjs has made, whoever asked for them. To ask counts as one. */
const made = () => tf.tidy(() => tf.scalar(0).id);
