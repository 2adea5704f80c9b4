/** The benchmark's table and chart. */
import { writeTextAtomically } from "../lib/platform/files.ts";
import { backendReport } from "../lib/mod.ts";
import { bars } from "../lib/display/bars.ts";
import { root } from "../tools/command.ts";
import type { Answer } from "./peer.ts";

export interface Side extends Answer {
  /** From the start of the process to the end of its first piece of work. */
  startSeconds: number;
  /** The first piece of work: of Tessera's step, recording, compiling and checking included. */
  firstMilliseconds: number;
}

export interface Measurement {
  case: string;
  kind: "step" | "inference" | "epoch";
  /** Images of one piece of work. */
  images: number;
  /** PyTorch's loader processes, for epochs. */
  workers: number;
  parameterCount: number;
  tessera: Side;
  pyTorch: Side;
}

export interface Results {
  measurements: Measurement[];
  /** Milliseconds of a step run otherwise, by case and way; null where it cannot run. */
  others: Record<string, Record<string, number | null>>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** PyTorch's time ÷ Tessera's, pair by pair: above 1, Tessera is faster. */
function ratiosOf({ tessera, pyTorch }: Measurement): number[] {
  return pyTorch.milliseconds.map((time, pair) => time / tessera.milliseconds[pair]);
}

const one = (value: number) => value >= 100 ? value.toFixed(0) : value.toFixed(1);

function row(measurement: Measurement): string {
  const { tessera, pyTorch, images } = measurement;
  const ratios = ratiosOf(measurement);
  const isEpoch = measurement.kind === "epoch";
  const time = (side: Side) => {
    const milliseconds = median(side.milliseconds);
    return isEpoch ? `${(milliseconds / 1000).toFixed(2)} s` : `${one(milliseconds)} ms`;
  };
  return "| " + [
    measurement.case,
    measurement.kind,
    time(tessera),
    time(pyTorch),
    `**${median(ratios).toFixed(2)}**`,
    `${Math.min(...ratios).toFixed(2)} – ${Math.max(...ratios).toFixed(2)}`,
    `${Math.round(images / median(tessera.milliseconds) * 1000).toLocaleString("en")}`,
    `${tessera.peakMegabytes.toFixed(0)} / ${pyTorch.peakMegabytes.toFixed(0)} ` +
    `(${(pyTorch.peakMegabytes / tessera.peakMegabytes).toFixed(2)})`,
    isEpoch ? "–" : `${tessera.startSeconds.toFixed(1)} / ${pyTorch.startSeconds.toFixed(1)}`,
  ].join(" | ") + " |";
}

async function machine(python: string): Promise<string> {
  const cpu = (await Deno.readTextFile("/proc/cpuinfo").catch(() => ""))
    .match(/model name\s*:\s*(.*)/)?.[1] ?? Deno.build.arch;
  const { stdout } = await new Deno.Command(python, {
    args: ["-c", "import torch; print(torch.__version__)"],
  }).output();
  const pyTorch = new TextDecoder().decode(stdout).trim();
  return `${cpu}, ${navigator.hardwareConcurrency} cores, ${Deno.build.os}; Deno ` +
    `${Deno.version.deno}, ${backendReport.version}, PyTorch ${pyTorch}; batch 128, float32`;
}

function otherRows({ others, measurements }: Results): string[] {
  const steps = new Map(
    measurements.filter(({ kind }) => kind === "step").map((each) => [each.case, each.tessera]),
  );
  const cell = (value: number | null | undefined) => value ? `${one(value)} ms` : "–";
  return Object.entries(others).map(([name, ways]) => {
    const step = steps.get(name);
    const first = step && ways.eager
      ? `${one(step.firstMilliseconds)} ms, ${(step.firstMilliseconds / ways.eager).toFixed(1)} ×`
      : "–";
    const compiled = step && median(step.milliseconds);
    return `| ${name} | ${cell(compiled)} | ${cell(ways.eager)} | ${cell(ways.wasm)} | ${first} |`;
  });
}

/** Prints the table; keeps it with the chart and all numbers in bench/results where `keep` is set. */
export async function writeReport(
  results: Results,
  { python, keep }: { python: string; keep: boolean },
): Promise<void> {
  const lines = [
    `Measured on ${await machine(python)}.`,
    "",
    "| Model | Work | Tessera | PyTorch | PyTorch ÷ Tessera | range | images/s | peak MB, T / P (ratio) | start to first step, s, T / P |",
    "|---|---|---|---|---|---|---|---|---|",
    ...results.measurements.map(row),
  ];
  if (Object.keys(results.others).length > 0) {
    lines.push(
      "",
      "| Step of | compiled | eager, same engine | eager, tfjs on WASM | first step, and as a multiple of an eager one |",
      "|---|---|---|---|---|",
      ...otherRows(results),
      "",
      "–: not done within a minute, or more than the memory that WASM can address.",
    );
  }
  const text = lines.join("\n") + "\n";
  console.log("\n" + text);
  const names = [...new Set(results.measurements.map((each) => each.case))];
  const kinds = [...new Set(results.measurements.map((each) => each.kind))];
  const chart = bars({
    title: "How many times as fast as PyTorch",
    names,
    values: Object.fromEntries(kinds.map((kind) => [
      kind,
      names.map((name) => {
        const found = results.measurements.find((each) => each.case === name && each.kind === kind);
        return found ? median(ratiosOf(found)) : NaN;
      }),
    ])),
    yLabel: "PyTorch's time ÷ Tessera's",
    caption: "Median of paired ratios on the same two cores; above 1, Tessera is faster.",
  });
  const folder = keep ? `${root}/bench/results` : `${root}/out/bench`;
  await Deno.mkdir(folder, { recursive: true });
  await writeTextAtomically(`${folder}/benchmark.md`, text);
  await writeTextAtomically(`${folder}/benchmark.json`, JSON.stringify(results, null, 1) + "\n");
  await writeTextAtomically(`${folder}/benchmark.svg`, await chart.toSvg());
  console.log(`Table, chart and numbers are in ${folder.replace(`${root}/`, "")}.`);
}
