/** In which settings the processor can run the tests, and what others lack here. */

export interface ProcessorSetting {
  /** What one types. */
  name: string;
  /** What a reader sees. */
  title: string;
  /** The environment that makes it. */
  environment: Record<string, string>;
  /** The whole suite, or the files whose tests train: their results hang together with rounding most. */
  scope: "all" | "training";
  /** Whether every core has other work meanwhile. */
  isBusy?: boolean;
  /** Why it cannot be had here; undefined where it can. */
  lacks?: string;
}

/** What decides which settings there are. */
export interface Machine {
  os: typeof Deno.build.os;
  architecture: typeof Deno.build.arch;
  /** The processor's instruction sets, by Linux's names. */
  features: ReadonlySet<string>;
  cores: number;
}

/** All variables of the environment that a setting may change. */
export const settingVariables = [
  ...["TESSERA_BACKEND", "TESSERA_THREADS", "TESSERA_TEST_SEED"],
  ...["ONEDNN_MAX_CPU_ISA", "TF_ENABLE_ONEDNN_OPTS"],
];

/** How many seeds are tried beside the tests' own. */
const otherSeeds = 5;

/** Instruction sets that oneDNN can be held to, from the oldest: its name, and what the processor must have. */
const instructionSets = [
  { name: "sse41", title: "SSE4.1", value: "SSE41", needs: ["sse4_1"], scope: "training" },
  { name: "avx2", title: "AVX2", value: "AVX2", needs: ["avx2"], scope: "all" },
  {
    name: "avx512",
    title: "AVX-512",
    value: "AVX512_CORE",
    needs: ["avx512f", "avx512bw", "avx512dq", "avx512vl"],
    scope: "training",
  },
] as const;

/** This machine. */
export function thisMachine(): Machine {
  return {
    os: Deno.build.os,
    architecture: Deno.build.arch,
    features: new Set(features()),
    cores: navigator.hardwareConcurrency,
  };
}

function features(): string[] {
  try {
    const information = Deno.readTextFileSync("/proc/cpuinfo");
    return /^(?:flags|Features)\s*:(.*)$/m.exec(information)?.[1].trim().split(/\s+/) ?? [];
  } catch {
    return []; // no Linux
  }
}

/** What the processor calls itself. */
export async function processorName(): Promise<string> {
  const unnamed = "unnamed processor";
  try {
    if (Deno.build.os === "darwin") {
      const args = ["-n", "machdep.cpu.brand_string"];
      const { stdout } = await new Deno.Command("sysctl", { args }).output();
      return new TextDecoder().decode(stdout).trim() || unnamed;
    }
    const information = await Deno.readTextFile("/proc/cpuinfo");
    return /^(?:model name|Model)\s*:\s*(.*)$/m.exec(information)?.[1] ?? unnamed;
  } catch {
    return unnamed;
  }
}

/** All settings, those that this machine lacks included. */
export function processorSettings(machine: Machine): ProcessorSetting[] {
  const { os, architecture, features, cores } = machine;
  const isIntel = architecture === "x86_64";
  const capped = instructionSets.map(({ name, title, value, needs, scope }): ProcessorSetting => ({
    name,
    title: `oneDNN held to ${title}`,
    environment: { ONEDNN_MAX_CPU_ISA: value },
    scope,
    lacks: !isIntel
      ? "an ARM processor has none of x86's instruction sets"
      : needs.some((each) => !features.has(each))
      ? `this processor has no ${title}`
      : undefined,
  }));
  return [
    { name: "native", title: "as it comes", environment: {}, scope: "all" },
    ...capped,
    {
      name: "plain",
      title: "without oneDNN",
      environment: { TF_ENABLE_ONEDNN_OPTS: "0" },
      scope: "all",
      lacks: os === "darwin" ? "TensorFlow for macOS has none, as it comes" : undefined,
    },
    { name: "one", title: "one thread", environment: { TESSERA_THREADS: "1" }, scope: "all" },
    {
      name: "two",
      title: "two threads",
      environment: { TESSERA_THREADS: "2" },
      scope: "training",
      lacks: cores < 2 ? "this machine has one core" : undefined,
    },
    ...Array.from({ length: otherSeeds }, (_, index): ProcessorSetting => ({
      name: `seed${index + 1}`,
      title: `other seeds, ${index + 1} of ${otherSeeds}`,
      environment: { TESSERA_TEST_SEED: String(index + 1) },
      scope: "training",
    })),
    { name: "busy", title: "every core busy", environment: {}, scope: "training", isBusy: true },
  ];
}
