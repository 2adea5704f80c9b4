/** How far a search for a cause goes: a count and no clock ends it, so that a message is the same on every machine. */
import { atEnd } from "../../platform/kernel_door.ts";
import { followOperations } from "./operations.ts";

let done = 0;
let isCounting = false;

/**
 * An allowance of operations that may be done from now on, within {@link counted}. 5,000 of them take some 0.4 s of
 * processor time.
 */
export class Effort {
  readonly #end: number;

  /** `within` is an allowance that this one is a part of. */
  constructor(operations: number, within?: Effort) {
    this.#end = Math.min(done + operations, within ? within.#end : Infinity);
  }

  get isSpent(): boolean {
    return done >= this.#end;
  }
}

/**
 * Calls what searches, and counts the operations that it asks tfjs for. What an operation is made of counts as one with
 * it: that is another number of operations, and of tensors, on another backend.
 */
export function counted<T>(search: () => T): T {
  if (isCounting) return search();
  let isInside = false;
  const endFollowing = followOperations((_, perform) => {
    if (isInside) return perform();
    done++;
    isInside = true;
    try {
      return perform();
    } finally {
      isInside = false;
    }
  });
  isCounting = true;
  const end = atEnd(() => {
    endFollowing();
    isCounting = false;
  });
  try {
    return search();
  } finally {
    end();
  }
}
