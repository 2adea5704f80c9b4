/** `./tessera train --cluster`: one training on several machines, each with a program of its own. */
import { join } from "node:path";
import { Random } from "../lib/mod.ts";
import { sha256 } from "../lib/platform/digests.ts";
import { endSignals, onSignals, warning } from "../lib/platform/signals.ts";
import type { Cluster } from "../lib/tensor/cluster/cluster.ts";
import { followMachines } from "../lib/tensor/cluster/follow.ts";
import {
  leadMachines,
  type MachinesOptions,
  requireAddresses,
  requireMachines,
} from "../lib/tensor/cluster/machines.ts";
import type { Card } from "../lib/tensor/cluster/rendezvous.ts";
import { exitCodeOf, type Signal } from "../lib/platform/signals.ts";
import { CommandError, root } from "./command.ts";
import type { Settings } from "./train.ts";

/** A process that gave no sign of life for so long is lost. */
const patienceSeconds = 20;
/** Programs may be started by hand, one machine after the other. */
const waitSeconds = 300;

type Machines = NonNullable<Settings["machines"]>;

/** Which machines the options name; undefined where they name none. */
export function readMachines(
  { cluster, task }: { cluster?: string; task?: string },
  names: readonly string[],
): Machines | undefined {
  if (cluster === undefined && task === undefined) return undefined;
  if (cluster === undefined || task === undefined) {
    throw new CommandError(
      cluster === undefined
        ? "--task needs --cluster too: HOST:PORT of every machine, the same on all of them"
        : "--cluster needs --task too: this machine's number in it, from 0",
      2,
    );
  }
  if (names.length > 1) {
    throw new CommandError(`--cluster trains one recipe: ${names.join(", or ")}`, 2);
  }
  const addresses = cluster.split(",").map((each) => each.trim());
  if (!/^\d{1,4}$/.test(task) || Number(task) >= addresses.length) {
    throw new CommandError(
      `--task is "${task}", must be from 0 to ${
        addresses.length - 1
      }: --cluster names ${addresses.length}`,
      2,
    );
  }
  try {
    requireAddresses(addresses);
  } catch (error) {
    throw new CommandError(`--cluster: ${(error as Error).message}`, 2);
  }
  return { addresses, task: Number(task) };
}

/** Waits for the other machines, and leads them. */
export async function lead(settings: Settings, machines: Machines): Promise<Cluster> {
  return await leadMachines(await optionsOf(settings, machines));
}

/** Computes this machine's shares until the training ends; gives the exit code. */
export async function follow(settings: Settings, machines: Machines): Promise<number> {
  const options = await optionsOf(settings, machines);
  let stopped: Signal | undefined;
  const outcome = await followMachines({
    ...options,
    tell: (line) => console.log(line),
    onStop: (stop) => {
      const onSignal = (signal: Signal) => {
        if (stopped !== undefined) Deno.exit(exitCodeOf(signal));
        stopped = signal;
        console.error("\nStopping after this step; Ctrl-C again ends at once.");
        stop();
      };
      // A warning concerns the first machine, which saves.
      const ends = [onSignals(endSignals, onSignal), onSignals([warning], () => {})];
      return () => ends.forEach((end) => end());
    },
  });
  const [first] = machines.addresses;
  if (outcome === "finished") console.log(`Complete; the training is kept at ${first}.`);
  else console.log(`Stopped. The same commands go on from what is saved at ${first}.`);
  return outcome === "finished" ? 0 : exitCodeOf(stopped ?? "SIGINT");
}

async function optionsOf(settings: Settings, machines: Machines): Promise<MachinesOptions> {
  const { trustNetwork } = settings;
  const options = { ...machines, trustNetwork, patienceSeconds, waitSeconds };
  const say = (line: string) => console.log(`task ${machines.task} ${line}`);
  requireMachines({ ...options, card: {}, say });
  return { ...options, card: await cardOf(settings), say };
}

/** What must be the same everywhere, the most telling first. */
async function cardOf(
  { recipe, name, epochs, seed, isQuick, synchronizedBatchNorm, halfGradients }: Settings,
): Promise<Card> {
  const model = recipe.model(new Random(seed));
  const parameters = Array.from(
    model.namedParameters(),
    ([path, { shape }]) => [`parameter ${path}`, `[${shape}]`],
  );
  model.dispose();
  return {
    recipe: name,
    "number of epochs": `${epochs}`,
    seed: `${seed}`,
    "--quick": `${isQuick}`,
    "--sync-batch-norm": `${synchronizedBatchNorm}`,
    "--half-gradients": `${halfGradients}`,
    "batch size": `${recipe.batchSize}`,
    ...Object.fromEntries(parameters),
    "version of Tessera": await version(),
  };
}

/** The version with a checksum of the program, which a person may have changed. */
async function version(): Promise<string> {
  const { version } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  const sources: string[] = [];
  const add = async (folder: string) => {
    const entries = await Array.fromAsync(Deno.readDir(join(root, folder)));
    for (const { name, isDirectory } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
      const path = `${folder}/${name}`;
      if (isDirectory) await add(path);
      else if (name.endsWith(".ts")) {
        sources.push(path, await Deno.readTextFile(join(root, path)));
      }
    }
  };
  for (const folder of ["lib", "recipes"]) await add(folder);
  return `${version} (${(await sha256(sources.join("\n"))).slice(0, 8)})`;
}
