/**
 * `./tessera bench --device gpu`: both sides on one graphics card, in full float32 and in TF32, beside
 * torch.compile. As on the processor the processes take turns.
 */
import { writeTextAtomically } from "../lib/platform/files.ts";
import { root } from "../tools/command.ts";
import type { Precision } from "../lib/tensor/precision.ts";
import { batchSize, type Case } from "./cases.ts";
import { Peer } from "./peer.ts";
import { median } from "./report.ts";
import { type Place, pyTorchWorker, tesseraEnvironment, tesseraWorker } from "./workers.ts";

type Kind = "step" | "inference";
const precisions: readonly Precision[] = ["float32", "tf32"];

export interface GpuSettings {
  cases: readonly Case[];
  kinds: readonly Kind[];
  quick: boolean;
}

/** Milliseconds of each turn, by side. */
type Turns = Record<string, number[]>;

interface GpuMeasurement {
  case: string;
  kind: Kind;
  precision: Precision;
  milliseconds: Turns;
}

/** The sides of one row of the table. */
async function startSides(name: string, kind: Kind, place: Place): Promise<Map<string, Peer>> {
  const tessera = tesseraWorker({ name, kind, mode: "compiled" });
  const pyTorch = pyTorchWorker({ name, kind }, place);
  const compiled = pyTorchWorker({ name, kind, compiled: true }, place);
  const env = tesseraEnvironment(place);
  return new Map([
    ["Tessera", await Peer.start("Tessera", tessera.command, tessera.args, { env })],
    ["PyTorch", await Peer.start("PyTorch", pyTorch.command, pyTorch.args)],
    ["torch.compile", await Peer.start("torch.compile", compiled.command, compiled.args)],
  ]);
}

async function measure(
  name: string,
  kind: Kind,
  place: Place,
  { turns, count }: { turns: number; count: number },
): Promise<GpuMeasurement> {
  const sides = await startSides(name, kind, place);
  const milliseconds: Turns = {};
  try {
    for (let turn = -1; turn < turns; turn++) {
      const inTurn = [...sides];
      for (const [side, peer] of turn % 2 === 0 ? inTurn : inTurn.reverse()) {
        const answer = await peer.work(turn < 0 ? 10 : count); // the first turn warms up
        if (turn >= 0) (milliseconds[side] ??= []).push(median(answer.milliseconds));
      }
    }
  } finally {
    await Promise.all([...sides.values()].map((peer) => peer.stop()));
  }
  return { case: name, kind, precision: place.precision, milliseconds };
}

const two = (value: number) => value.toFixed(value < 10 ? 2 : 1);

function row({ case: name, kind, precision, milliseconds }: GpuMeasurement): string {
  const [tessera, pyTorch, compiled] = ["Tessera", "PyTorch", "torch.compile"]
    .map((side) => median(milliseconds[side]));
  const best = Math.min(pyTorch, compiled);
  return `| ${
    [
      ...[name, kind, precision, two(tessera), two(pyTorch), two(compiled)],
      `**${(best / tessera).toFixed(2)}**`,
      Math.round(batchSize / tessera * 1000).toLocaleString("en"),
    ].join(" | ")
  } |`;
}

/** The card, its driver, and the versions of both sides. */
async function machine(versions: string): Promise<string> {
  const args = ["--query-gpu=name,driver_version", "--format=csv,noheader"];
  const { stdout } = await new Deno.Command("nvidia-smi", { args }).output();
  const [card] = new TextDecoder().decode(stdout).trim().split("\n");
  return `Measured on ${card} (driver), ${navigator.hardwareConcurrency} cores; Deno ${Deno.version.deno}, ` +
    `${versions}; batch ${batchSize}, milliseconds.`;
}

/** Measures all, prints the table and keeps it: in bench/results, or where it was quick in out/bench. */
export async function benchOnGpu({ cases, kinds, quick }: GpuSettings): Promise<void> {
  const measurements: GpuMeasurement[] = [];
  const [pyTorch, tessera] = await versions(cases[0].name);
  for (const kind of kinds) {
    for (const { name } of cases) {
      for (const precision of precisions) {
        const place: Place = { device: "gpu", precision };
        const turns = quick ? { turns: 2, count: 10 } : { turns: 5, count: 30 };
        measurements.push(await measure(name, kind, place, turns));
        console.log(row(measurements.at(-1)!));
      }
    }
  }
  const text = [
    await machine(`${tessera}, ${pyTorch}`),
    "",
    "| Model | Work | Precision | Tessera | PyTorch | torch.compile | better PyTorch ÷ Tessera | images/s |",
    "|---|---|---|---|---|---|---|---|",
    ...measurements.map(row),
    "",
  ].join("\n");
  const folder = quick ? "out/bench" : "bench/results";
  await writeTextAtomically(`${root}/${folder}/gpu.md`, text);
  await writeTextAtomically(
    `${root}/${folder}/gpu.json`,
    JSON.stringify(measurements, null, 1) + "\n",
  );
  console.log(`\n${text}\nThe table and its numbers are in ${folder}.`);
}

/** What both sides call themselves. */
async function versions(name: string): Promise<string[]> {
  const sides = await startSides(name, "inference", { device: "gpu", precision: "float32" });
  const found = ["PyTorch", "Tessera"].map((side) => sides.get(side)!.started.version);
  await Promise.all([...sides.values()].map((peer) => peer.stop()));
  return found;
}
