import * as tf from "../../tensor/tf.ts";
import { TensorFlowError } from "../../tensor/tensorflow_error.ts";
import { failure } from "./check.ts";
import { expectClose } from "./compare.ts";
import { sample } from "./samples.ts";

type Named = { readonly [name: string]: tf.Tensor };

export interface GradientComparison {
  /** What is compared: "imageToPatches" or "AttentionBlock.forward". */
  name: string;
  /** Input tensors by name; both computations get them as variables. */
  inputs: Named;
  actual: (inputs: Named) => tf.Tensor;
  expected: (inputs: Named) => tf.Tensor;
  /** Parameters of the learner's computation by path, and the library's in the same order. */
  parameters?: { path: string; ours: tf.Variable; theirs: tf.Variable }[];
  /** The largest difference of two values. Default: 1e-3. */
  tolerance?: number;
  /** The likely cause where a gradient is wrong though the values are right. */
  explain?: (path: string) => string | undefined;
}

/**
 * Compares the gradients of two computations with respect to inputs and parameters; the objective is
 * the outputs' sum with fixed irregular weights. Throws a `CheckError` on the first that differs.
 */
export function compareGradients(comparison: GradientComparison): void {
  const { name, inputs, parameters = [], tolerance = 1e-3 } = comparison;
  const variables: Record<string, tf.Variable> = {};
  for (const [key, value] of Object.entries(inputs)) variables[key] = tf.variable(value);
  try {
    const differentiate = (
      compute: (inputs: Named) => tf.Tensor,
      weights: readonly tf.Variable[],
    ) => {
      const all = [...Object.values(variables), ...weights];
      const { grads } = tf.variableGrads(() => {
        const output = compute(variables);
        return tf.sum(tf.mul(output, sample(output.shape, { seed: 7 }))) as tf.Scalar;
      }, all);
      return all.map((variable) => grads[variable.name] as tf.Tensor | null);
    };
    let actual: (tf.Tensor | null)[];
    try {
      actual = differentiate(comparison.actual, parameters.map(({ ours }) => ours));
    } catch (error) {
      throw gradientError(name, error);
    }
    const expected = differentiate(comparison.expected, parameters.map(({ theirs }) => theirs));
    const labels = [
      ...Object.keys(inputs).map((key) => `the input \`${key}\``),
      ...parameters.map(({ path }) => `the parameter \`${path}\``),
    ];
    labels.forEach((label, i) => {
      const path = label.match(/`(.*)`/)![1];
      if (!actual[i]) {
        if (!expected[i]) return;
        throw failure(
          `the values of ${name} are right, but no gradient reaches ${label}.`,
          comparison.explain?.(path) ?? readOut,
        );
      }
      // Parameters may differ by axes of size 1.
      expectClose(tf.reshape(actual[i]!, expected[i]!.shape), expected[i]!, {
        name: `the gradient of ${name} with respect to ${label}`,
        tolerance,
        explain: () => comparison.explain?.(path) ?? notDifferentiated,
      });
    });
  } finally {
    for (const variable of Object.values(variables)) variable.dispose();
  }
}

const notDifferentiated =
  "The result itself is right, so something on the way cannot be differentiated. Likely cause: values leave " +
  "TensorFlow (`arraySync`, `dataSync`, then `tf.tensor`). Stay with tensors from input to output.";

const readOut =
  "Likely cause: values leave TensorFlow on the way (`dataSync`, `arraySync`, `data`, then `tf.tensor`). " +
  "Stay with tensors from input to output.";

/** What tfjs's words of a gradient that fails mean; TensorFlow's, which differ by device, are only shown. */
function gradientError(name: string, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof TensorFlowError) {
    return failure(`${name} has the right values, but its gradient fails.`, message);
  }
  const missing = /gradient function not found for (\w+)/.exec(message);
  if (missing) {
    return failure(
      `the values of ${name} are right, but it cannot be differentiated: ${
        missing[1]
      } has no gradient.`,
      "Use operations that have one: `tf.reshape`, `tf.transpose`, `tf.slice`, `tf.concat`, `tf.matMul`.",
    );
  }
  if (
    /connection between|must be a variable|does not depend|Cannot compute gradient/i.test(message)
  ) {
    return failure(`the values of ${name} are right, but no gradient passes through it.`, readOut);
  }
  return failure(`${name} has the right values, but its gradient fails.`, message);
}
