/** The weights of a learner's own training, where a check measures them. */
import { join } from "node:path";
import { exists } from "../../lib/platform/files.ts";
import { isRunComplete } from "../../lib/training/trained_weights.ts";
import { readResult } from "../../lib/training/result.ts";
import { root } from "../../tools/command.ts";
import { weightsName } from "./wanted_weights.ts";

/**
 * The weights that the unit's notebook measures: those that lie beside it, else those of the learner's own
 * training once it is complete. Undefined where it is the course's.
 */
export async function ownWeights(home: string, unit: string): Promise<string | undefined> {
  const beside = join(home, unit, weightsName);
  if (exists(beside)) return beside;
  const runs = join(home, "runs", unit);
  if (!exists(runs)) return undefined;
  for (const { name: recipe } of Deno.readDirSync(runs)) {
    const weights = join(runs, recipe, weightsName);
    const course = await readResult(join(root, "checkpoints", recipe));
    if (!course || !exists(weights)) continue;
    if (await isRunComplete(join(runs, recipe), course.epochs)) return weights;
  }
}
