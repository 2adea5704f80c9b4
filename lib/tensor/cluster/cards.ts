/** Which graphics card each process of a cluster computes on: the only one that it sees. */
import { nativeBackend } from "../native.ts";
import { NotTogetherError } from "./cluster_error.ts";

/** CUDA's variable: the cards that a program sees, by number or name. */
const visibleCards = "CUDA_VISIBLE_DEVICES";

/** Said at the start, until somebody has tried it. */
export const untriedOnCards =
  "Processes train on graphics cards, one each, and sum by NCCL: this was never run on a card. Compare a few epochs " +
  "with a training in one process first.";

/** A card for each of so many processes, where this program computes on one; undefined where the processor does. */
export function cardsHere(size: number): string[] | undefined {
  const { cards = 0 } = nativeBackend()?.binding ?? {};
  return cards > 0 ? cardsFor(size, cards, Deno.env.get(visibleCards)) : undefined;
}

/**
 * The cards of `size` processes, of the `count` that this program sees; `visible` is what the user has said of them.
 * Throws a NotTogetherError where there are fewer cards than processes.
 */
export function cardsFor(size: number, count: number, visible?: string): string[] {
  if (size > count) {
    const there = count === 1 ? "is 1" : `are ${count}`;
    throw new NotTogetherError(
      `${size} processes need a graphics card each, and there ${there}: start as many as cards, or set ` +
        "TESSERA_DEVICE=cpu for the processor",
    );
  }
  const names = visible?.split(",").map((each) => each.trim()) ??
    Array.from({ length: count }, (_, number) => `${number}`);
  return names.slice(0, size);
}

/** What a worker's environment says of its device: a card, or the processor. */
export function environmentFor(card?: string): Record<string, string> {
  return card === undefined
    ? { TESSERA_DEVICE: "cpu" }
    : { TESSERA_DEVICE: "gpu", [visibleCards]: card };
}
