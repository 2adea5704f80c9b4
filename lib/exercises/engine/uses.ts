/** How often a forward pass uses each layer. */
import * as tf from "../../tensor/tf.ts";
import type { Module } from "../../nn/module.ts";
import { given } from "./given.ts";
import type { CheckedModules } from "./run_module.ts";

/**
 * The layer that the learner's module uses more or less often than the library's: "`norm` is used 2 times,
 * but should be used once". Layers are compared that both have as modules of one class.
 */
export function usesText({ ours, theirs, pairs, input }: CheckedModules): string | undefined {
  const [our, their] = [ours, theirs].map((module) => usesOf(module, input));
  const home = (path: string) => path.slice(0, Math.max(path.lastIndexOf("."), 0));
  for (const { path, libraryPath } of pairs) {
    const [one, other] = [our.get(home(path)), their.get(home(libraryPath))];
    if (!one || !other || one.kind !== other.kind || one.count === other.count) continue;
    return one.count === 0
      ? `Likely cause: \`forward\` does not use \`${home(path)}\`.`
      : `Likely cause: \`forward\` uses \`${home(path)}\` ${times(one.count)}, but should ${
        times(other.count)
      }.`;
  }
}

const times = (count: number) => count === 1 ? "once" : `${count} times`;

/** The layers without parts of their own, by path, with their class and how often they were called. */
export function usesOf(
  module: Module,
  input: tf.Tensor,
): Map<string, { kind: unknown; count: number }> {
  const uses = new Map<string, { kind: unknown; count: number }>();
  const undo: (() => void)[] = [];
  for (const [path, layer] of module.namedModules()) {
    if (layer.namedChildren().size > 0 || layer === module) continue;
    const use = { kind: layer.constructor, count: 0 };
    uses.set(path, use);
    const { forward } = layer;
    layer.forward = (...inputs) => {
      use.count++;
      return forward(...inputs);
    };
    undo.push(() => layer.forward = forward);
  }
  try {
    tf.tidy(() => {
      module.forward(given(input));
    });
  } finally {
    for (const each of undo) each();
  }
  return uses;
}
