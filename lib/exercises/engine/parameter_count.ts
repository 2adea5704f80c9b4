/** The number of parameters of a learner's model, in the sizes that it is going to be trained with. */
import { Random } from "../../random.ts";
import type { Module } from "../../nn/module.ts";
import type { Part } from "../../nn/part.ts";
import { countParameters } from "../../nn/summary.ts";
import { failure } from "./check.ts";
import { build } from "./run_module.ts";

export interface CountedModel<Options extends { random: Random }> {
  /** The learner's class, as its name is shown. */
  name: string;
  learner: Part<Options>;
  library: Part<Options>;
  sizes: Omit<Options, "random">;
  /** What else to check of the learner's model, since it is made. */
  then?: (model: Module) => void;
}

/**
 * "810,890 parameters". Throws a `CheckError` where the learner's model has not as many as the library's.
 */
export function countedText<Options extends { random: Random }>(
  { name, learner, library, sizes, then }: CountedModel<Options>,
): string {
  const random = new Random(1);
  const options = { ...sizes, random } as unknown as Options;
  const modules: Module[] = [];
  try {
    for (const part of [learner, library]) modules.push(build(name, part, options));
    const [count, expected] = modules.map((each) => countParameters(each).toLocaleString("en"));
    if (count !== expected) {
      throw failure(
        `${name} has ${count} parameters in the sizes of the configuration, but should have ${expected}.`,
        "Likely cause: a size that is fixed in the code, or taken from a global variable. Use the options.",
      );
    }
    then?.(modules[0]);
    return `${count} parameters`;
  } finally {
    for (const module of modules) module.dispose();
    random.dispose();
  }
}
