/** Changes of some steps of a learner's computation, by which it is done once more. */
import * as tf from "../../tensor/tf.ts";
import type { Candidate } from "./candidate.ts";
import { provedBy } from "./check.ts";
import { type LearnerCode, siteOf } from "./learner_code.ts";
import type { Edit, TracedStep } from "./trace.ts";

export interface Fix {
  candidate: Candidate;
  /** The learner's function that it is in: "Attention.forward". */
  within?: string;
  /** The steps, all made by one place in the code, and for each the steps whose results it takes. */
  at: readonly { index: number; step: TracedStep; taken: readonly number[] }[];
}

/** A change of some steps by a candidate. */
export type FixAt = (candidate: Candidate, indexes: readonly number[]) => Fix;

/** Makes fixes of candidates for some steps; `siblings` are the steps that one place in the code makes. */
export function fixesOf(
  steps: readonly TracedStep[],
  code: LearnerCode,
): { fixAt: FixAt; siblings: (index: number) => number[] } {
  const sites = steps.map(({ stack, name }) => `${name} ${siteOf(stack)?.site}`);
  const fixAt: FixAt = (candidate, indexes) => ({
    candidate,
    within: code.lineOf(steps[indexes[0]].stack)?.within,
    at: indexes.map((index) => ({
      index,
      step: steps[index],
      // Of what one place makes several times, each takes the last before it.
      taken: (candidate.uses ?? []).map((source) =>
        source.index === undefined
          ? -1
          : sites.findLastIndex((site, each) => each < index && site === sites[source.index!])
      ),
    })),
  });
  const siblings = (index: number) =>
    sites.flatMap((site, each) => site === sites[index] ? [each] : []);
  return { fixAt, siblings };
}

/** What a trace does with the steps of some changes; the tensors in `kept` are to be freed after it. */
export function editsOf(fixes: readonly Fix[]) {
  const edits = new Map<number, Edit>();
  const kept = new Map<string, tf.Tensor>();
  const wanted = new Set(fixes.flatMap(({ at }) => at.flatMap(({ taken }) => taken)));
  for (const { candidate: { make, uses = [] }, at } of fixes) {
    for (const { index, step, taken } of at) {
      edits.set(index, (inputs) =>
        make(
          step,
          inputs,
          uses.map(({ tensor, output }, use) => tensor ?? kept.get(`${taken[use]} ${output}`)!),
        ));
    }
  }
  const watch = (index: number, outputs: readonly tf.Tensor[]) => {
    if (!wanted.has(index)) return;
    outputs.forEach((each, output) => kept.set(`${index} ${output}`, tf.keep(tf.clone(each))));
  };
  return { edits, watch, kept };
}

/** Says what was changed so that all is right. */
export function fixText(fixes: readonly Fix[]): string {
  const said = new Set(
    fixes.map(({ candidate: { say }, within }) => within ? `in ${within}, ${say}` : say),
  );
  return `Likely cause: ${[...said].join("; and ")}. ${provedBy}`;
}
