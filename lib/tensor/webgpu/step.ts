/**
 * Whether a recorded step runs on the graphics card. The third call runs on both: where the card gives WASM's values,
 * the next ones run there, and where it is faster, all further ones, of which some run on both again. Whatever fails
 * there is computed by WASM instead, from the same start: the variables' values are WASM's before each step.
 */
import type * as tf from "tfjs";
import type { StepOnCard } from "../card.ts";
import type { KernelProgram } from "../kernel_program.ts";
import { largestDifference, type Pair, tolerance } from "./agreement.ts";
import { CardError, messageOf, within } from "./card_error.ts";
import { comparedIn, pairsOf } from "./compared.ts";
import type { Gpu } from "./device.ts";
import { startGpu } from "./start.ts";
import { CardProgram } from "./program.ts";

/** How long a call may take; the first one compiles the card's kernels. Who asked for the card waits longer. */
const limits = { first: 30, further: 15 };
const limitsByName = { first: 600, further: 300 };
/** So many calls say how fast the card is. */
const timedCalls = 2;
/** After so many calls on the card one runs on WASM as well: a card may go wrong later. */
const callsBetweenChecks = 500;

export interface CardStepParts {
  name: string;
  program: KernelProgram;
  /** The card was asked for by name: it need not be the faster one. */
  isAskedByName: boolean;
}

/** Throws what the card's start throws, as a line. */
export async function makeStep(parts: CardStepParts): Promise<StepOnCard | null> {
  try {
    return new CardStep(parts, await startGpu());
  } catch (error) {
    say(`The graphics card computes nothing, WASM does: ${messageOf(error)}.`);
    return null;
  }
}

const said = new Set<string>();

/** Says a line, once for all steps of a name: batches of other sizes are steps of their own. */
function say(line: string): void {
  const kind = line.replace(/[\d.e+-]+/g, "");
  if (!said.has(kind)) console.log(line);
  said.add(kind);
}

const inSeconds = (milliseconds: number) => `${(milliseconds / 1000).toPrecision(2)} s`;

class CardStep implements StepOnCard {
  isUsed = false;
  readonly differences = { largest: 0, allowed: tolerance };
  readonly #parts: CardStepParts;
  readonly #gpu: Gpu;
  #card: CardProgram | null = null;
  /** What a call takes on WASM, and what those on the card took so far. */
  #onWasm = 0;
  #calls = 0;
  readonly #times: number[] = [];
  #isLeft = false;

  constructor(parts: CardStepParts, gpu: Gpu) {
    this.#parts = parts;
    this.#gpu = gpu;
  }

  async run(inputs: readonly tf.Tensor[]): Promise<tf.Tensor[]> {
    const { program } = this.#parts;
    this.isUsed = false;
    program.requireVariables();
    if (this.#isLeft) return program.run(inputs);
    try {
      if (this.#calls++ % callsBetweenChecks === 0) return await this.#tryOut(inputs);
      const started = performance.now();
      const results = await within(this.#limits.further, "a step", this.#card!.compute(inputs));
      program.requireVariables();
      const outputs = this.#card!.finish(results);
      this.isUsed = true;
      if (this.#times.length < timedCalls) this.#time(performance.now() - started);
      return outputs;
    } catch (error) {
      if (!(error instanceof CardError)) throw error; // what the step itself refuses
      this.#leave(error.message);
      return program.run(inputs);
    }
  }

  get #limits() {
    return this.#parts.isAskedByName ? limitsByName : limits;
  }

  dispose(): void {
    this.#card?.dispose();
    this.#card = null;
  }

  /** Runs the step on both, with WASM's values in the end. */
  async #tryOut(inputs: readonly tf.Tensor[]): Promise<tf.Tensor[]> {
    const { program } = this.#parts;
    const { plan } = program;
    this.#card ??= new CardProgram(this.#gpu, plan, inputs);
    if (!this.#card.hasWork) {
      this.#isLeft = true;
      return program.run(inputs);
    }
    const compared = comparedIn(plan);
    const onCard = await within(
      this.#limits.first,
      "the first step",
      this.#card.compute(inputs, compared.gradients),
    );
    const onWasm = this.#runTimed(inputs, compared.gradients);
    const pairs = pairsOf(plan, compared, onCard, onWasm);
    this.#card.free(onCard);
    for (const gradient of onWasm.splice(plan.outputs.length)) gradient.dispose();
    this.#judge(pairs);
    return onWasm;
  }

  /** The results and then the watched tensors, by WASM. */
  #runTimed(inputs: readonly tf.Tensor[], watched: readonly number[]): tf.Tensor[] {
    const started = performance.now();
    const all = this.#parts.program.run(inputs, watched);
    this.#onWasm = performance.now() - started;
    return all;
  }

  /** Leaves the card where its values are others. */
  #judge(pairs: readonly Pair[]): void {
    const { label, relative } = largestDifference(pairs);
    this.differences.largest = relative;
    if (relative <= tolerance) return; // not where it is NaN
    const by = relative.toPrecision(2);
    this.#leave(`its values are not WASM's (${label} differs by ${by} of its largest value)`);
  }

  #time(milliseconds: number): void {
    this.#times.push(milliseconds);
    if (this.#times.length < timedCalls) return;
    const { name, isAskedByName } = this.#parts;
    const [card, wasm] = [Math.min(...this.#times), this.#onWasm];
    const times = `${inSeconds(card)} there and ${inSeconds(wasm)} on WASM`;
    if (card < wasm || isAskedByName) {
      say(`The ${name} runs on the graphics card, with WASM's values: it takes ${times}.`);
    } else this.#leave(`it takes ${times}`);
  }

  #leave(reason: string): void {
    this.#isLeft = true;
    this.dispose();
    say(`The ${this.#parts.name} runs on WASM, not on the graphics card: ${reason}.`);
  }
}
