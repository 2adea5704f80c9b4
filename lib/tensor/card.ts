/**
 * A graphics card that takes recorded steps over from WASM. Only a browser has one so, by WebGPU (`browser/card.ts`);
 * on Deno native TensorFlow uses the card.
 */
import type * as tf from "tfjs";
import type { KernelProgram } from "./kernel_program.ts";

export interface Card {
  /** For example "nvidia ampere". */
  name: string;
  /** Whether the processor plays it. */
  isSoftware: boolean;
}

/** A recorded step that runs on the card where it gives WASM's values sooner, and else on WASM. */
export interface StepOnCard {
  /** As {@link KernelProgram.run}. */
  run(inputs: readonly tf.Tensor[]): Promise<tf.Tensor[]>;
  /** Whether the card computed the last call. */
  readonly isUsed: boolean;
  /**
   * The largest difference of the card's values from WASM's in the call that was computed on both, relative to a
   * tensor's largest value, and what it may be.
   */
  readonly differences: { largest: number; allowed: number };
  dispose(): void;
}

/** What `TESSERA_BACKEND` may name here. */
export const backendNames: readonly string[] = ["native", "wasm", "javascript"];

/** Looks for a card; one that the processor plays counts only where `byName`. */
export function findCard(_byName: boolean): Promise<Card | null> {
  return Promise.resolve(null);
}

/** Where there is a card, a recorded step for it. */
export function stepOnCard(_name: string, _program: KernelProgram): StepOnCard | null {
  return null;
}
