/**
 * What of a step is compared between the card and WASM. Adam makes much of the rounding in small gradients: those are
 * compared, and nothing that its updates reach.
 */
import type * as tf from "tfjs";
import type { KernelPlan } from "../kernel_program.ts";
import type { Pair } from "./agreement.ts";
import type { Results } from "./program.ts";

/** Tensors of a plan, by their numbers. */
export interface Compared {
  /** The gradients that the step computes and Adam takes. */
  gradients: number[];
  /** What Adam's updates reach. */
  updated: ReadonlySet<number>;
}

export function comparedIn({ calls }: KernelPlan): Compared {
  const made = new Set<number>(), updated = new Set<number>(), gradients = new Set<number>();
  for (const { name, inputs, outputs } of calls) {
    const isAfter = inputs.some(([, number]) => updated.has(number));
    for (const number of outputs) {
      made.add(number);
      if (isAfter || name === "TesseraAdam") updated.add(number);
    }
    const gradient = inputs.find(([input]) => input === "gradient")?.[1];
    if (name === "TesseraAdam" && made.has(gradient!)) gradients.add(gradient!);
  }
  return { gradients: [...gradients], updated };
}

/**
 * The card's values beside WASM's, after a step on both: results, gradients and variables. `onWasm` has the results
 * and then the gradients.
 */
export function pairsOf(
  { outputs, assigned }: KernelPlan,
  { updated }: Compared,
  onCard: Results,
  onWasm: readonly tf.Tensor[],
): Pair[] {
  const results = onCard.outputs.map(({ values }, at) => ({
    ...{ label: "a result", actual: values, expected: onWasm[at].dataSync() },
  }));
  const gradients = onCard.watched.map(({ values }, at) => ({
    ...{ label: "a gradient", actual: values },
    expected: onWasm[outputs.length + at].dataSync(),
  }));
  const variables = [...assigned].filter(([, number]) => !updated.has(number));
  return [
    ...results.filter((_, at) => !updated.has(outputs[at])),
    ...gradients,
    ...variables.map(([variable]) => ({
      ...{ label: "a variable", actual: onCard.ends.get(variable)!.values },
      expected: variable.dataSync(),
    })),
  ];
}
