import { CheckError } from "./check.ts";

/** A cause to add where a check's message matches. */
export type Hint = readonly [pattern: RegExp, cause: string];

/** Runs a check; where it fails with a message that a hint knows, adds the hint's cause, once. */
export function withHints<T>(hints: readonly Hint[], check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof CheckError)) throw error;
    const hint = hints.find(([pattern]) => pattern.test(error.message));
    if (!hint || error.message.includes(hint[1])) throw error;
    throw new CheckError(`${error.message}\n  ${hint[1]}`, error.cause);
  }
}

/** What `checkModule` found right, in words for modules that have no dropout. */
export function withoutDropout(found: string): string {
  return found.replace("values, gradients and dropout are right", "values and gradients are right");
}

/** For parts that have one input and are made of tensor operations. */
export const tensorHints: readonly Hint[] = [
  [
    /non-last dimension/,
    "Likely cause: a softmax over the wrong axis. In attention it goes over the keys, which lie on the last " +
    "axis: `tf.softmax(scores)`.",
  ],
  [
    /logits must have >= 1 dimension/,
    "Likely cause: `/` or `*` between a tensor and a number, which makes NaN, no tensor. Write `tf.div(a, b)` " +
    "and `tf.mul(a, b)`.",
  ],
  [
    /undefined \(reading 'slice'\)/,
    "Or `+` between tensors, which makes a text of them: write `tf.add(a, b)`.",
  ],
  [
    /the gradient of .* has the right shape, but wrong values/,
    "The result itself is right, so something on the way cannot be differentiated. Likely cause: values leave " +
    "TensorFlow (`arraySync`, `dataSync`, then `tf.tensor`). Stay with tensors from input to output.",
  ],
];
