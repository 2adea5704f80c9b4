/** The machine that a comparison is of, and how all sides are held to older instructions than it has. */
import { CommandError } from "../tools/command.ts";
import { type Machine, processorName, thisMachine } from "../tools/processor_settings.ts";

/** What results are kept under: other processors, instructions and numbers of threads give other results. */
export interface BenchMachine {
  /** For example "AMD EPYC, family 25, model 17": virtual machines often tell no more in the name. */
  processor: string;
  /** What all sides compute with. */
  instructions: string;
  /** What the processor has, where all sides are held to less. */
  heldFrom?: string;
  threads: number;
  system: string;
}

/** Instruction sets, the newest first, by what Linux calls what they need. */
const instructionSets: readonly [name: string, needs: readonly string[]][] = [
  ["AVX-512", ["avx512f", "avx512bw", "avx512dq", "avx512vl"]],
  ["AVX2", ["avx2"]],
  ["SSE4.1", ["sse4_1"]],
  ["NEON", ["asimd"]],
];

/** The newest instruction set that matters here. */
export function newestInstructions({ features, architecture }: Machine): string {
  const found = instructionSets.find(([, needs]) => needs.every((each) => features.has(each)));
  return found?.[0] ?? (architecture === "aarch64" ? "NEON" : architecture);
}

/** What `--instructions` takes. */
export type Held = "avx2";

/**
 * What holds everything to AVX2 that computes: oneDNN on both sides and our own kernels; PyTorch's own kernels and
 * those that torch.compile makes; the compiler that it calls; MKL (of Intel's processors: its maker says that
 * it heeds this on no other).
 */
export const holdingVariables: Record<Held, Record<string, string>> = {
  avx2: {
    ONEDNN_MAX_CPU_ISA: "AVX2",
    ATEN_CPU_CAPABILITY: "avx2",
    TORCHINDUCTOR_CPP_MARCH: "haswell",
    MKL_ENABLE_INSTRUCTIONS: "AVX2",
  },
};

/** Throws a CommandError where the processor has no such instructions. */
export function requireInstructions(held: Held | undefined, machine: Machine): void {
  if (held === undefined || machine.features.has(held)) return;
  throw new CommandError(
    `bench: this processor has no ${held.toUpperCase()} to hold all sides to.`,
  );
}

/**
 * Throws a CommandError where the environment holds a side to older instructions than this command knows of: the
 * results would be kept under a wrong name.
 */
export function refuseOtherHolds(environment: Record<string, string>): void {
  const set = Object.keys(holdingVariables.avx2).find((name) => environment[name]);
  if (set === undefined) return;
  throw new CommandError(
    `bench: ${set} is set, which holds some sides to older instructions; unset it. ` +
      "--instructions avx2 holds all alike.",
  );
}

/** This machine, with all sides held to older instructions or not. */
export async function benchMachine(held?: Held, threads?: number): Promise<BenchMachine> {
  const machine = thisMachine();
  const newest = newestInstructions(machine);
  const instructions = held?.toUpperCase() ?? newest;
  return {
    processor: [await processorName(), ...modelNumbers()].join(", "),
    instructions,
    ...(instructions === newest ? {} : { heldFrom: newest }),
    threads: threads ?? machine.cores,
    system: `${machine.os} ${machine.architecture}`,
  };
}

/** What tells processors apart that have one name. */
function modelNumbers(): string[] {
  try {
    const [first] = Deno.readTextFileSync("/proc/cpuinfo").split("\n\n");
    const number = (name: RegExp) => name.exec(first)?.[1];
    const [family, model] = [number(/^cpu family\s*:\s*(\d+)$/m), number(/^model\s*:\s*(\d+)$/m)];
    return family && model ? [`family ${family}`, `model ${model}`] : [];
  } catch {
    return []; // no Linux
  }
}

/** As a reader wants it: "AMD EPYC, 2 threads, AVX2". */
export function titleOf({ processor, instructions, heldFrom, threads }: BenchMachine): string {
  const name = processor.replaceAll(/\((R|TM)\)/g, "");
  const held = heldFrom ? ` (has ${heldFrom}, all sides held to ${instructions})` : "";
  return `${name}, ${threads} ${threads === 1 ? "thread" : "threads"}, ${instructions}${held}`;
}

/** The name of its files. */
export function slugOf({ processor, instructions, heldFrom, threads }: BenchMachine): string {
  const parts = [processor, instructions, heldFrom && "held", `${threads} threads`];
  return parts.filter(Boolean).join(" ").toLowerCase().replaceAll(/\((r|tm)\)/g, "")
    .replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
}
