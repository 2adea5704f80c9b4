/** The graphics card that a browser gives by WebGPU. What computes on it is fetched when a step first asks for it. */
import type * as tf from "tfjs";
import type { Card, StepOnCard } from "../card.ts";
import type { KernelProgram } from "../kernel_program.ts";
import type { CardStepParts } from "../webgpu/step.ts";

export type { Card, StepOnCard };

/** What WebGPU says of an adapter, as far as it is read here. */
interface Adapter {
  info?: Partial<Record<"vendor" | "architecture" | "device" | "description", string>> & {
    isFallbackAdapter?: boolean;
  };
  /** In browsers before 2025. */
  isFallbackAdapter?: boolean;
}

interface WebGpu {
  requestAdapter(options: { powerPreference: string }): Promise<Adapter | null>;
}

/**
 * A browser that has not answered by then is taken to have none. The library loads while JupyterLab does, on a machine
 * that is busy with both; who asks for a card by name rather waits than goes without.
 */
const patienceMilliseconds = { unasked: 4_000, byName: 60_000 };

/** Programs that play a card on the processor. */
const software = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b|\bcpu\b/i;

export const backendNames: readonly string[] = ["webgpu", "wasm", "javascript"];

let found: Card | null = null;
let isAskedByName = false;

export async function findCard(byName: boolean): Promise<Card | null> {
  isAskedByName = byName;
  const { gpu } = navigator as Navigator & { gpu?: WebGpu };
  if (!gpu) return null;
  const patience = patienceMilliseconds[byName ? "byName" : "unasked"];
  const late = new Promise<null>((resolve) => setTimeout(resolve, patience, null));
  const asked = gpu.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  const adapter = await Promise.race([asked, late]);
  if (!adapter) return null;
  const { vendor, architecture, device, description } = adapter.info ?? {};
  const said = [vendor, architecture, device, description].filter(Boolean).join(" ");
  const isSoftware = !!adapter.info?.isFallbackAdapter || !!adapter.isFallbackAdapter ||
    software.test(said);
  const card = { name: description || said || "of unknown name", isSoftware };
  return isSoftware && !byName ? null : found = card;
}

export function stepOnCard(name: string, program: KernelProgram): StepOnCard | null {
  return found && new LoadedStep(name, program);
}

/** Fetches what computes on the card; null where it cannot compute there. */
async function load(parts: CardStepParts): Promise<StepOnCard | null> {
  try {
    const { makeStep } = await import("../webgpu/webgpu.ts");
    return await makeStep(parts);
  } catch (error) {
    const { message } = error as Error;
    console.log(
      `The graphics card computes nothing, WASM does: its part did not load (${message}).`,
    );
    return null;
  }
}

/** Fetches what computes on the card, and hands the step to it; until then, and where it fails, WASM computes. */
class LoadedStep implements StepOnCard {
  readonly #program: KernelProgram;
  readonly #loaded: Promise<StepOnCard | null>;
  #step: StepOnCard | null = null;

  constructor(name: string, program: KernelProgram) {
    this.#program = program;
    this.#loaded = load({ name, program, isAskedByName }).then((step) => this.#step = step);
  }

  async run(inputs: readonly tf.Tensor[]): Promise<tf.Tensor[]> {
    // Who asked for the card waits for it; else WASM computes meanwhile.
    if (isAskedByName) await this.#loaded;
    return this.#step ? await this.#step.run(inputs) : this.#program.run(inputs);
  }

  get isUsed(): boolean {
    return this.#step?.isUsed ?? false;
  }

  get differences() {
    return this.#step?.differences ?? { largest: 0, allowed: 0 };
  }

  dispose(): void {
    this.#loaded.then((step) => step?.dispose());
  }
}
