/** Gives modules the weights of others of the same parts, whatever the parts are called. */
import * as tf from "../../tensor/tf.ts";
import type { Module } from "../../nn/module.ts";
import { close } from "./compare.ts";
import { matchNorms } from "./norm_statistics.ts";
import { pairsByRole } from "./pairing.ts";
import { matchParameters, type ParameterPair } from "./parameters.ts";

/**
 * Gives a module the weights of another one of the same parts, whatever their names, with the running
 * statistics of its batch normalisations. Where the two then do not give the same for `input`, they are
 * different functions: the module keeps the weights that it had, and the answer is false.
 *
 * Throws a `CheckError` where a parameter is missing, left over or of another shape.
 */
export function transferWeights(from: Module, to: Module, input: tf.Tensor): boolean {
  const named = matchParameters(to.constructor.name, to, from, { input });
  if (isSameWith(named, from, to, input)) return true;
  const roles = pairsByRole({ ours: to, theirs: from, pairs: named, input });
  return roles !== undefined && isSameWith(roles, from, to, input);
}

/** Copies by these pairs; where the modules then give something else, puts the former values back. */
function isSameWith(
  pairs: readonly ParameterPair[],
  from: Module,
  to: Module,
  input: tf.Tensor,
): boolean {
  const undo = copyBy(pairs, from, to);
  return tf.tidy(() => {
    const training = [from, to].map((module) => module.training);
    for (const module of [from, to]) module.setTraining(false);
    const isSame = close(to.forward(input), from.forward(input), 1e-3);
    [from, to].forEach((module, index) => module.setTraining(training[index]));
    undo(!isSame);
    return isSame;
  });
}

/**
 * Gives a module the weights of another one of the same parts, whatever their names, with the running
 * statistics of its batch normalisations. The function that it gives must be called once: with true it
 * puts the former values back, with false it only frees them. With an `input` of both, parts are matched by
 * what they do, else by names, and by shape in the order of their fields.
 *
 * Throws a `CheckError` where a parameter is missing, left over or of another shape.
 */
export function copyWeights(
  from: Module,
  to: Module,
  input?: tf.Tensor,
): (undo: boolean) => void {
  return copyBy(pairsFor(from, to, input), from, to);
}

/** As {@link copyWeights}, of parameters alone and for good. */
export function copyParameters(from: Module, to: Module, input?: tf.Tensor): void {
  for (const { ours, theirs } of pairsFor(from, to, input)) {
    tf.tidy(() => ours.assign(tf.reshape(theirs, ours.shape)));
  }
}

function pairsFor(from: Module, to: Module, input?: tf.Tensor): readonly ParameterPair[] {
  const named = matchParameters(to.constructor.name, to, from, { input });
  return input && pairsByRole({ ours: to, theirs: from, pairs: named, input }) || named;
}

function copyBy(
  pairs: readonly ParameterPair[],
  from: Module,
  to: Module,
): (undo: boolean) => void {
  const norms = matchNorms({ ours: to, theirs: from, pairs });
  const copies: { source: tf.Variable; target: tf.Variable }[] = [
    ...pairs.map(({ ours, theirs }) => ({ source: theirs, target: ours })),
    ...norms.flatMap(({ ours, theirs }) => [
      { source: theirs.runningMean, target: ours.runningMean },
      { source: theirs.runningVariance, target: ours.runningVariance },
    ]),
  ];
  const before = copies.map(({ target }) => tf.keep(target.clone()));
  tf.tidy(() => {
    for (const { source, target } of copies) target.assign(tf.reshape(source, target.shape));
  });
  return (undo) => {
    if (undo) copies.forEach(({ target }, index) => target.assign(before[index]));
    tf.dispose(before);
  };
}
