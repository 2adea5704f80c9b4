/** A stack of blocks as a plain computation, with a switch for each typical mistake in their order. */
import type * as tf from "../../tensor/tf.ts";
import type { Mistakes } from "../engine/mistakes.ts";

export const stackMistakes = {
  noBlocks: "without the blocks",
  firstBlockOnly: "with the first block only",
  lastBlockMissing: "without the last block",
  firstBlockRepeated: "with the first block in place of every block",
  blocksReversed: "with the blocks in reverse order",
  blocksParallel:
    "when each block gets the embedded tokens; it must get the result of the block before it",
} as const satisfies Mistakes<string>;

/** The result of `depth` blocks, each of which gets the one's before it; `block` is one by its index. */
export function stack(
  tokens: tf.Tensor,
  depth: number,
  block: (x: tf.Tensor, index: number) => tf.Tensor,
  has: ReadonlySet<string>,
): tf.Tensor {
  let order = Array.from({ length: depth }, (_, index) => index);
  if (has.has("noBlocks")) order = [];
  if (has.has("firstBlockOnly")) order = [0];
  if (has.has("lastBlockMissing")) order.pop();
  if (has.has("firstBlockRepeated")) order = order.map(() => 0);
  if (has.has("blocksReversed")) order.reverse();
  // Of blocks that all get the same tokens, the last one's result is left.
  if (has.has("blocksParallel")) order = order.slice(-1);
  return order.reduce(block, tokens);
}
