/** The table of fixed positions that a module keeps has as many rows as the task says. */
import type * as tf from "../../tensor/tf.ts";
import type { Module } from "../../nn/module.ts";
import { failure } from "../engine/check.ts";
import type { CheckedModules } from "../engine/run_module.ts";

/** Throws where the only variable that is not trained has other rows than the library's, and gives `cause` for it. */
export function assertTableRows(
  name: string,
  { ours, theirs }: Pick<CheckedModules, "ours" | "theirs">,
  cause: string,
): void {
  const [[path, own] = [], [, right] = []] = [ours, theirs].map(onlyTable);
  if (path === undefined || !own || !right || own.size === right.size) return;
  const rows = own.size / right.shape.at(-1)!;
  throw failure(
    `${name}: the table \`${path}\` has ${rows} rows, but should have ${right.shape[0]}.`,
    cause,
  );
}

/** A module's variable that is not trained, where it is one alone. */
function onlyTable(module: Module): [path: string, table: tf.Variable] | [] {
  const trained = module.namedParameters();
  const fixed = [...module.namedVariables()].filter(([path]) => !trained.has(path));
  return fixed.length === 1 ? fixed[0] : [];
}
