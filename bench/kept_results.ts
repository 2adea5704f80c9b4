/** Results of each machine in a file of its own: a new machine adds one, and none is written over another's. */
import { join } from "node:path";
import { exists, writeTextAtomically } from "../lib/platform/files.ts";
import { CommandError, root, shown } from "../tools/command.ts";
import { type BenchMachine, slugOf, titleOf } from "./machine.ts";

export type Kind = "step" | "inference" | "epoch";
export const kinds: readonly Kind[] = ["step", "inference", "epoch"];

/** One program's part in a comparison. */
export interface Side {
  /** A piece of work's, of each turn. */
  milliseconds: number[];
  peakMegabytes: number;
  /** From the start of the process to the end of its first piece of work. */
  startSeconds: number;
  /** The first piece of work: recording, compiling and checking included. */
  firstMilliseconds: number;
}

export interface Versions {
  tensorFlow: string;
  pyTorch: string;
  deno: string;
  /** The commit of this program; empty where it lies in no repository. */
  tessera: string;
}

/** One model in one kind of work. */
export interface Measurement {
  case: string;
  kind: Kind;
  /** Images of one piece of work. */
  images: number;
  /** PyTorch's loader processes, for epochs. */
  workers: number;
  parameterCount: number;
  versions: Versions;
  /** Year, month and day. */
  date: string;
  tessera: Side;
  pyTorch: Side;
  /** PyTorch's torch.compile, or why it was left out. */
  compiled: Side | string;
}

/** Milliseconds of a step run otherwise, by way; null where it cannot run. */
export type OtherWays = Record<string, number | null>;

export interface KeptResults {
  format: 2;
  machine: BenchMachine;
  measurements: Measurement[];
  /** By case. */
  others: Record<string, OtherWays>;
  /** What is to be known of all these results. */
  remarks: string[];
}

export const noResults = (machine: BenchMachine): KeptResults => ({
  ...{ format: 2, machine, measurements: [], others: {}, remarks: [] },
});

export const keptFolder = join(root, "bench", "results");

/** Where a run leaves what it has before it is through. */
export function unfinishedFile(machine: BenchMachine): string {
  return join(root, "out", "bench", `${slugOf(machine)}.unfinished.json`);
}

export const keptFile = (machine: BenchMachine) => join(keptFolder, `${slugOf(machine)}.json`);

/**
 * The results in a file, none where it is not there. Throws a CommandError where it is damaged, or of another
 * machine: it would be written over.
 */
export async function readResults(file: string, machine: BenchMachine): Promise<KeptResults> {
  if (!exists(file)) return noResults(machine);
  const results = parsedResults(await Deno.readTextFile(file), shown(file));
  if (slugOf(results.machine) === slugOf(machine)) return results;
  throw new CommandError(
    `bench: ${shown(file)} has results of another machine, ${
      titleOf(results.machine)
    }; this one is ` +
      `${titleOf(machine)}. Nothing is written over them: give that file back its name.`,
  );
}

/** Throws a CommandError where a text holds no results; `name` is what a person knows it by. */
export function parsedResults(text: string, name: string): KeptResults {
  let results: Partial<KeptResults>;
  try {
    results = JSON.parse(text);
  } catch {
    results = {};
  }
  const { format, machine, measurements } = results ?? {};
  const isWhole = format === 2 && typeof machine?.processor === "string" &&
    Array.isArray(measurements) && measurements.every(isMeasurement);
  if (isWhole) return { others: {}, remarks: [], ...results } as KeptResults;
  throw new CommandError(`bench: ${name} holds no results that this version reads; move it away.`);
}

function isMeasurement(each: Partial<Measurement>): boolean {
  const pairs = each?.tessera?.milliseconds?.length;
  return typeof each?.case === "string" && kinds.includes(each.kind as Kind) &&
    pairs !== undefined &&
    pairs > 0 && each.pyTorch?.milliseconds?.length === pairs;
}

/** New measurements take the place of those of the same case and kind; the others stay. */
export function merged(old: KeptResults, added: KeptResults): KeptResults {
  const isRenewed = (each: Measurement) =>
    added.measurements.some((other) => other.case === each.case && other.kind === each.kind);
  return {
    ...added,
    measurements: [...old.measurements.filter((each) => !isRenewed(each)), ...added.measurements],
    others: { ...old.others, ...added.others },
    remarks: added.remarks,
  };
}

export async function writeResults(file: string, results: KeptResults): Promise<void> {
  await writeTextAtomically(file, JSON.stringify(results, null, 1) + "\n");
}

/** Those of all machines, by file name. Throws a CommandError where a file's name is not its machine's. */
export async function allKept(folder = keptFolder): Promise<KeptResults[]> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith(".json") && name !== "gpu.json").sort();
  return await Promise.all(names.map(async (name) => {
    const results = parsedResults(await Deno.readTextFile(join(folder, name)), name);
    if (`${slugOf(results.machine)}.json` === name) return results;
    throw new CommandError(
      `bench: bench/results/${name} has results of ${titleOf(results.machine)}, ` +
        `which belong in ${slugOf(results.machine)}.json.`,
    );
  }));
}
