import { Random } from "../../random.ts";
import type { Module } from "../../nn/module.ts";
import type { Part } from "../../nn/part.ts";
import { describe, failure, shapeText } from "./check.ts";
import { assertDrawn, assertSameStart, Start } from "./first_values.ts";
import { build } from "./run_module.ts";
import { matchParameters, type ParameterPair } from "./parameters.ts";

export interface ConstructorCheck<Options extends { random: Random }> {
  /** The learner's class, as its name is shown. */
  name: string;
  learner: Part<Options>;
  library: new (options: Options) => Module;
  options: Omit<Options, "random">;
  /** Fields that must hold these values. */
  fields?: Readonly<Record<string, unknown>>;
  /** Looks at the module before anything else. */
  first?: (module: Module) => void;
  /** More to check, with the parameters matched to the library's. */
  then?: (module: Module, pairs: readonly ParameterPair[]) => void;
}

/**
 * Checks how a learner's module is made, without calling its `forward`: class, parameters, fields, and
 * first values that the seed decides. Throws a `CheckError` that names the first thing wrong.
 */
export function checkConstructor<Options extends { random: Random }>(
  { name, learner, library, options, fields = {}, first, then }: ConstructorCheck<Options>,
): void {
  const modules: Module[] = [];
  const randoms: Random[] = [];
  const make = (call: (options: Options) => Module, seed = 5): Module => {
    const random = new Random(seed);
    randoms.push(random);
    const module = call({ ...options, random } as unknown as Options);
    modules.push(module);
    return module;
  };
  try {
    const learners = (each: Options) => build(name, learner, each);
    const librarys = (each: Options) => new library(each);
    const ours = make(learners);
    first?.(ours);
    const [twin, theirs] = [make(learners), make(librarys)];
    const pairs = matchParameters(name, ours, theirs);
    for (const [field, value] of Object.entries(fields)) {
      const found = (ours as unknown as Record<string, unknown>)[field];
      if (found === value) continue;
      throw failure(
        `${name}: the field \`${field}\` is ${
          typeof found === "number" ? found : describe(found)
        }, but should be ${value}.`,
        `Keep it for \`forward\`: \`this.${field} = ${field};\`.`,
      );
    }
    const starts = { ours: new Start(ours), theirs: new Start(theirs) };
    assertSameStart(name, starts.ours, new Start(twin));
    then?.(ours, pairs);
    const others = { ours: new Start(make(learners, 6)), theirs: new Start(make(librarys, 6)) };
    assertDrawn(name, pairs, { ...starts, others });
  } finally {
    for (const module of modules) module.dispose();
    for (const random of randoms) random.dispose();
  }
}

/** Checks that a parameter was drawn from a normal distribution of a given width about 0. */
export function assertNormal(
  name: string,
  { path, ours }: ParameterPair,
  deviation: number,
): void {
  const values = Array.from(ours.dataSync());
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const found = Math.sqrt(
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length,
  );
  const shape = shapeText(ours.shape);
  const rule = "Draw them from a normal distribution: " +
    `\`tf.variable(random.normal(${shape}, 0, ${deviation}))\`.`;
  const isWide = found > 2 * deviation || found < deviation / 2;
  const furthest = Math.max(...values.map((value) => Math.abs(value - mean)));
  // A uniform distribution ends at 1.73 standard deviations; this many normal values go beyond 1.9.
  const isUniform = values.length > 100 && furthest < 1.9 * found;
  if (!isWide && !isUniform && Math.abs(mean) < deviation) return;
  throw failure(
    isUniform
      ? `${name}: the first values of \`${path}\` are not normally distributed.`
      : found < 1e-6
      ? `${name}: the first values of \`${path}\` are all ${Number(values[0].toFixed(4))}.`
      : `${name}: the first values of \`${path}\` have mean ${
        mean.toFixed(3)
      } and standard deviation ` +
        `${found.toFixed(3)}, but should have 0 and ${deviation}.`,
    rule,
  );
}
