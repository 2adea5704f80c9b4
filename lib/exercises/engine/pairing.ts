/** Which of the learner's parameters stands for which of the library's. */
import { pairsBy, type ParameterPair } from "./parameters.ts";
import { rolesByGradient, rolesByUse } from "./roles.ts";
import type { CheckedModules } from "./run_module.ts";

/** The pairs by the gradients that reach them; `undefined` where the modules compute something else. */
export function pairsByRole(
  { ours, theirs, pairs, input, byRole }: CheckedModules,
): readonly ParameterPair[] | undefined {
  if (byRole !== undefined) return byRole ?? undefined;
  const roles = rolesByGradient({ ours, theirs, input });
  return roles && pairsBy(roles, pairs);
}

/** The pairs by the order in which forward passes use them; `undefined` where they are the given ones. */
export function pairsByUse(
  { ours, theirs, pairs, input }: CheckedModules,
): ParameterPair[] | undefined {
  const found = pairsBy(rolesByUse({ ours, theirs, input }), pairs);
  const isOther = found.some(({ path }, index) => path !== pairs[index].path);
  return isOther && exchangedIn(found).length === 0 ? found : undefined;
}

/** The pairs whose parameter has another one's name: the full path of one that is elsewhere. */
export function exchangedIn(pairs: readonly ParameterPair[]): ParameterPair[] {
  const paths = new Set(pairs.map(({ path }) => path));
  return pairs.filter(({ path, libraryPath }) => path !== libraryPath && paths.has(libraryPath));
}

export interface Settled extends CheckedModules {
  /** Whether the modules give the same. */
  isRight: boolean;
}

/**
 * Gives both modules the same values, paired so that they compute the same, where there is such a pairing;
 * else paired by names. A pairing by what the parameters do that contradicts the learner's own names is none: who
 * calls a layer as the text does, means that layer.
 */
export function settle(
  checked: CheckedModules,
  { fill, isRight }: {
    fill: (checked: CheckedModules) => void;
    isRight: (checked: CheckedModules) => boolean;
  },
): Settled {
  fill(checked);
  if (isRight(checked)) return { ...checked, isRight: true };
  const byRole = pairsByRole(checked) ?? null;
  const isOther = byRole?.some(({ path }, index) => path !== checked.pairs[index].path);
  if (byRole && isOther && exchangedIn(byRole).length === 0) {
    const other = { ...checked, pairs: byRole };
    fill(other);
    if (isRight(other)) return { ...other, isRight: true };
  }
  fill(checked);
  return { ...checked, byRole, isRight: false };
}
