/** Which of the learner's parameters stands for which of the library's. */
import { pairsBy, type ParameterPair } from "./parameters.ts";
import { rolesByGradient, rolesByUse } from "./roles.ts";
import type { CheckedModules } from "./run_module.ts";

/**
 * Pairings by what the parameters do, with which the learner's module may be right though it is not with
 * that by names. One that contradicts the learner's own names is none: who calls a layer as the text does,
 * means that layer.
 */
export function pairings(checked: CheckedModules): ParameterPair[][] {
  const found = pairsByRole(checked);
  return found && exchangedIn(found).length === 0 ? [found] : [];
}

/** The pairs by the gradients that reach them; `undefined` where the modules compute something else. */
export function pairsByRole(
  { ours, theirs, pairs, input }: CheckedModules,
): ParameterPair[] | undefined {
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

/**
 * Gives both modules the same values, paired so that they compute the same, where there is such a pairing;
 * else paired by names.
 */
export function settle(
  checked: CheckedModules,
  { fill, isRight }: {
    fill: (checked: CheckedModules) => void;
    isRight: (checked: CheckedModules) => boolean;
  },
): CheckedModules {
  fill(checked);
  if (isRight(checked)) return checked;
  for (const pairs of pairings(checked)) {
    const other = { ...checked, pairs };
    fill(other);
    if (isRight(other)) return other;
  }
  fill(checked);
  return checked;
}
