/**
 * `./tessera bench --device gpu`: both sides on one graphics card, in full float32 and in TF32, beside
 * torch.compile. As on the processor the processes take turns; since their start takes longest, those of all
 * models start beside each other.
 */
import { join, resolve } from "node:path";
import { writeTextAtomically } from "../lib/platform/files.ts";
import { askDriver } from "../lib/tensor/graphics_card.ts";
import type { Precision } from "../lib/tensor/precision.ts";
import { root } from "../tools/command.ts";
import { batchSize, type Case } from "./cases.ts";
import { Peer } from "./peer.ts";
import { median } from "./statistics.ts";
import { type Place, pyTorchWorker, tesseraEnvironment, tesseraWorker } from "./workers.ts";

type Kind = "step" | "inference";
const precisions: readonly Precision[] = ["float32", "tf32"];

export interface GpuSettings {
  cases: readonly Case[];
  kinds: readonly Kind[];
  quick: boolean;
  /** Whether torch.compile is measured, too: its first call takes a minute. */
  others: boolean;
  /** Where both compute; the processor serves to try this program out. */
  device?: Place["device"];
  /** Where table and numbers go, from the installation. */
  folder?: string;
}

const sides = ["Tessera", "PyTorch", "torch.compile"] as const;
export type SideName = typeof sides[number];

/** One row of the table: milliseconds of each turn, by side. A side that did not run is not there. */
export interface GpuMeasurement {
  case: string;
  kind: Kind;
  precision: Precision;
  milliseconds: Partial<Record<SideName, number[]>>;
}

/** The processes of one row. */
type Row = Omit<GpuMeasurement, "milliseconds"> & { peers: Partial<Record<SideName, Peer>> };

/** How many start beside each other: each takes a core and a gigabyte of the card at first. */
const startedAtOnce = 8;
/** What has not begun to work by then does not run. */
const startSeconds = 150;

function startSide(side: SideName, name: string, kind: Kind, place: Place, signal: AbortSignal) {
  if (side === "Tessera") {
    const { command, args } = tesseraWorker({ name, kind, mode: "compiled" });
    return Peer.start(side, command, args, { env: tesseraEnvironment(place), signal });
  }
  const compiled = side === "torch.compile";
  const { command, args } = pyTorchWorker({ name, kind, compiled }, place);
  return Peer.start(side, command, args, { signal });
}

/** Starts all processes of all models; says which do not start. */
async function startRows(settings: GpuSettings, kind: Kind): Promise<Row[]> {
  const { cases, others, device = "gpu" } = settings;
  const rows: Row[] = cases.flatMap(({ name }) =>
    precisions.map((precision) => ({ case: name, kind, precision, peers: {} }))
  );
  const jobs = rows.flatMap((row) =>
    sides.filter((side) => others || side !== "torch.compile").map((side) => ({ row, side }))
  );
  const startSome = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      const { row, side } = job;
      const giveUp = new AbortController();
      const timer = setTimeout(() => giveUp.abort(), startSeconds * 1000);
      const place: Place = { device, precision: row.precision };
      try {
        row.peers[side] = await startSide(side, row.case, kind, place, giveUp.signal);
      } catch (error) {
        console.error(
          `${side}, ${row.case}, ${kind}, ${row.precision}: ${(error as Error).message}`,
        );
      } finally {
        clearTimeout(timer);
      }
    }
  };
  await Promise.all(Array.from({ length: startedAtOnce }, startSome));
  return rows;
}

async function measure(
  { peers, ...row }: Row,
  { turns, count }: { turns: number; count: number },
): Promise<GpuMeasurement> {
  const milliseconds: GpuMeasurement["milliseconds"] = {};
  for (let turn = -1; turn < turns; turn++) {
    const inTurn = Object.entries(peers) as [SideName, Peer][];
    for (const [side, peer] of turn % 2 === 0 ? inTurn : inTurn.reverse()) {
      const answer = await peer.work(turn < 0 ? Math.ceil(count / 3) : count); // the first turn warms up
      if (turn >= 0) (milliseconds[side] ??= []).push(median(answer.milliseconds));
    }
  }
  return { ...row, milliseconds };
}

const milliseconds = (value: number) => value.toFixed(value < 10 ? 2 : 1);

function rowOf({ case: name, kind, precision, milliseconds: turns }: GpuMeasurement): string {
  const medians = sides.map((side) => turns[side] && median(turns[side]));
  const [tessera, ...pyTorch] = medians;
  const best = Math.min(...pyTorch.filter((value) => value !== undefined));
  return `| ${
    [
      ...[name, kind, precision],
      ...medians.map((value) => value === undefined ? "–" : milliseconds(value)),
      tessera && Number.isFinite(best) ? `**${(best / tessera).toFixed(2)}**` : "–",
      tessera ? Math.round(batchSize / tessera * 1000).toLocaleString("en") : "–",
    ].join(" | ")
  } |`;
}

/** The table of what was measured, below a line that says where. */
export function gpuTable(measurements: readonly GpuMeasurement[], machine: string): string {
  return [
    machine,
    "",
    "| Model | Work | Precision | Tessera | PyTorch | torch.compile | better PyTorch ÷ Tessera | images/s |",
    "|---|---|---|--:|--:|--:|--:|--:|",
    ...measurements.map(rowOf),
    "",
  ].join("\n");
}

/** The card, its driver, and the versions of both sides. */
async function machineOf(device: Place["device"], versions: readonly string[]): Promise<string> {
  const place = device === "gpu" ? await cardAndDriver() : "the processor";
  return `Measured on ${place}, ${navigator.hardwareConcurrency} cores; Deno ${Deno.version.deno}, ` +
    `${versions.join(", ")}; batch ${batchSize}, milliseconds.`;
}

/** `NVIDIA H200, driver 580.159.04`, the latter where NVIDIA's program tells it. */
async function cardAndDriver(): Promise<string> {
  const args = ["--query-gpu=name,driver_version", "--format=csv,noheader"];
  try {
    const { stdout, success } = await new Deno.Command("nvidia-smi", { args }).output();
    const [name, driver] = new TextDecoder().decode(stdout).split("\n")[0].split(", ");
    if (success && driver) return `${name}, driver ${driver.trim()}`;
  } catch {
    // It is not everywhere where the driver is.
  }
  return askDriver().card?.name ?? "a graphics card";
}

/** What both sides call themselves, of the first row in which each runs. */
function versionsOf(rows: readonly Row[]): string[] {
  return (["Tessera", "PyTorch"] as const).flatMap((side) =>
    rows.find(({ peers }) => peers[side])?.peers[side]?.started.version ?? []
  );
}

/** Measures all, prints the table and keeps it: in bench/results, or where it was quick in out/bench. */
export async function benchOnGpu(settings: GpuSettings): Promise<void> {
  const { kinds, quick, device = "gpu" } = settings;
  const folder = settings.folder ?? (quick ? "out/bench" : "bench/results");
  const measurements: GpuMeasurement[] = [];
  let machine = "";
  const keep = async (folder: string) => {
    const place = resolve(root, folder);
    await writeTextAtomically(join(place, "gpu.md"), gpuTable(measurements, machine));
    const numbers = JSON.stringify({ machine, measurements }, null, 1);
    await writeTextAtomically(join(place, "gpu.json"), `${numbers}\n`);
  };
  for (const kind of kinds) {
    const rows = await startRows(settings, kind);
    try {
      machine ||= await machineOf(device, versionsOf(rows));
      for (const row of rows) {
        measurements.push(
          await measure(row, quick ? { turns: 3, count: 10 } : { turns: 5, count: 30 }),
        );
        console.log(rowOf(measurements.at(-1)!));
        // A long measurement that fails at its end still leaves its numbers.
        await keep(quick ? folder : "out/bench");
      }
    } finally {
      await Promise.all(
        rows.flatMap(({ peers }) => Object.values(peers).map((peer) => peer.stop())),
      );
    }
  }
  await keep(folder);
  console.log(`\n${gpuTable(measurements, machine)}\nThe table and its numbers are in ${folder}.`);
}
