/**
 * `./tessera train RECIPE`: trains a model in the terminal and keeps its checkpoints in the home's
 * `runs/RECIPE`; a unit's name stands for its recipes. A stopped training goes on where it was. With
 * `--publish` an author makes a finished training the course's, in `checkpoints/RECIPE`.
 */
import { parseArgs } from "node:util";
import { basename, dirname, join } from "node:path";
import { recipes } from "../recipes/mod.ts";
import type { Recipe, Splits } from "../recipes/recipe.ts";
import {
  backendReport,
  type Callback,
  Checkpointing,
  countParameters,
  evaluate,
  FileError,
  loadWeights,
  localCluster,
  type Module,
  NotFiniteError,
  quick,
  Random,
  readLog,
  readResult,
  TensorBoard,
  Trainer,
  type TrainingResult,
} from "../lib/mod.ts";
import { exists, isOfDisk } from "../lib/platform/files.ts";
import {
  endProgram,
  endSignals,
  exitCodeOf,
  listenersOf,
  onSignals,
} from "../lib/platform/signals.ts";
import { CommandError, runCommand, shown, suggestion } from "./command.ts";
import { home, useHome } from "./homes.ts";
import type { Cluster } from "../lib/tensor/cluster/cluster.ts";
import { ClusterError, NotTogetherError } from "../lib/tensor/cluster/cluster_error.ts";
import { mostProcesses } from "../lib/tensor/cluster/local.ts";
import { describeProcesses } from "../lib/training/device_line.ts";
import { stoppedExitCode } from "../lib/training/interruption.ts";
import { folderBefore } from "../lib/training/set_aside.ts";
import type { TrainerOptions } from "../lib/training/trainer_options.ts";
import { OtherTrainingError, resultPath, writeResult } from "../lib/training/result.ts";
import { describeReport } from "../lib/training/report.ts";
import { publish, publishedFolder, refusePublishing } from "./publish.ts";
import { follow, lead, readMachines } from "./train_machines.ts";

/** What `--quick` trains on, to see that a recipe works. */
const quickImages = 2_000;
const quickEpochs = 1;
/** Stands in the folder of a training that `--fresh` began, until it is complete: `--fresh` goes on with it. */
const begunAnew = "begun-anew";
/** After what is wrong with a call: the usage is longer than a screen. */
const more = "./tessera train --help lists recipes and options.";

function usage(): string {
  const list = Object.entries(recipes)
    .map(([name, { summary, unit }]) => `  ${name.padEnd(20)} ${summary} (${unit})`);
  return `usage: ./tessera train RECIPE|UNIT [--epochs N] [--seed N] [--quick] [--fresh] [--publish]
                       [--processes N | --cluster HOST:PORT,HOST:PORT… --task K]
                       [--sync-batch-norm] [--half-gradients] [--trust-network]

The training is kept in your home, in runs/RECIPE, and notebooks take its weights once it is complete.
While another one writes there, it is kept in runs/RECIPE-2, and says so.
Ctrl-C stops and saves, as SIGTERM and a closed terminal do; after SIGUSR1 it saves and goes on. The same
command goes on from there. --fresh begins anew; what was there is kept beside, in runs/RECIPE/before,
until the new training is better or complete. --publish is for authors: it moves a finished training to checkpoints/, in place of the one that comes with the course.
--processes trains on N processes of this machine, which share each batch and the cores, or have a graphics
card each: docs/cluster.md.
--cluster trains on several machines: the same command on each, with its own --task, from 0. Task 0 keeps the
training and its checkpoints; Ctrl-C on any of them stops it. Read docs/cluster.md first: the port must be
closed to all others, which --trust-network confirms.
--sync-batch-norm has batch normalisation take the whole batch, rather than each process's share.
--half-gradients sends gradients in half the bytes, of which 8 bits each are left, for slow networks; not on cards.

${list.join("\n")}`;
}

export interface Settings {
  name: string;
  /** The name of this training's folders. */
  own: string;
  recipe: Recipe;
  epochs: number;
  seed: number;
  isQuick: boolean;
  isFresh: boolean;
  isPublished: boolean;
  /** How many processes train; this one alone where it is 1. */
  processes: number;
  synchronizedBatchNorm: boolean;
  halfGradients: boolean;
  /** Where the processes of several machines are reached, and which is this one. */
  machines?: { addresses: string[]; task: number };
  /** Whether they may listen on the machine's own network. */
  trustNetwork: boolean;
  /** Path from the home; another one, while another training writes there. */
  folder: string;
}

async function main(args: string[]): Promise<number> {
  if (args.length === 0 || args.includes("--help")) {
    console.log(usage());
    return args.length === 0 ? 2 : 0;
  }
  const all = readSettings(args);
  Deno.chdir(home()); // so that paths in messages are short
  useHome();
  for (const settings of all) {
    const exitCode = await trainHere(settings).catch(explain);
    if (exitCode !== 0) return exitCode;
    if (settings.isPublished) await publish(settings);
  }
  return 0;
}

/** On several machines the first one's program does all but compute the others' shares. */
async function trainHere(settings: Settings): Promise<number> {
  const { machines } = settings;
  if (machines && machines.task > 0) return await follow(settings, machines);
  // Before all that takes long: of two that begin at once each has a folder of its own.
  const checkpoints = await Checkpointing.inFreeFolder(settings.folder);
  settings.folder = checkpoints.folder;
  // Who stops it while others are awaited or data is loaded leaves nothing behind.
  const endListening = onSignals(endSignals, (signal) => {
    if (listenersOf(signal) > 1) return; // the training itself ends in order
    checkpoints.release();
    endProgram(exitCodeOf(signal));
  });
  try {
    return machines
      ? await trainOnMachines(settings, machines, checkpoints)
      : await trainOnce(settings, checkpoints);
  } finally {
    endListening();
    checkpoints.release();
  }
}

async function trainOnMachines(
  settings: Settings,
  machines: NonNullable<Settings["machines"]>,
  checkpoints: Checkpointing,
): Promise<number> {
  const cluster = await lead(settings, machines);
  try {
    const exitCode = await trainOnce(settings, checkpoints, cluster);
    await cluster.close({ outcome: exitCode === 0 ? "finished" : "stopped" });
    return exitCode;
  } catch (error) {
    await cluster.close({ outcome: "failed", message: (error as Error).message });
    throw error;
  }
}

async function trainOnce(
  settings: Settings,
  checkpoints: Checkpointing,
  machines?: Cluster,
): Promise<number> {
  const { name, own, epochs, isFresh, isQuick, isPublished, folder } = settings;
  const isDone = (result?: TrainingResult): result is TrainingResult =>
    !!result && result.epochs >= epochs;
  const result = isFresh ? undefined : await readResult(folder);
  if (result && result.recipe !== name) {
    throw new OtherTrainingError(`${folder} has a training of ${result.recipe}`);
  }
  if (isDone(result)) {
    console.log(`Trained already, in ${folder}; --fresh trains anew.`);
    console.log(describeResult(result));
    return 0;
  }
  const isBegun = [folder, folderBefore(folder)].some((each) =>
    exists(join(each, "last.safetensors"))
  );
  if (isFresh || isQuick || isPublished || isBegun || own !== name) {
    return await train(settings, checkpoints, machines);
  }
  const given = await readResult(publishedFolder(name));
  if (!isDone(given)) return await train(settings, checkpoints, machines);
  console.log(
    `The course brings these weights, in ${shown(publishedFolder(name))}; --fresh trains your own.`,
  );
  console.log(describeResult(given));
  return 0;
}

/** Errors that a user can act on need no stack. */
function explain(error: unknown): never {
  if (error instanceof OtherTrainingError) {
    throw new CommandError(
      `${error.message}. Move it elsewhere, or begin anew with --fresh, which keeps it beside until the new ` +
        "training is better or complete.",
    );
  }
  if (error instanceof NotTogetherError) throw new CommandError(`${error.message}.`);
  if (error instanceof ClusterError) {
    throw new CommandError(
      `${error.message}. The same command goes on from the last checkpoint, also with another number of processes.`,
    );
  }
  const isPlain = error instanceof FileError || error instanceof NotFiniteError ||
    error instanceof Error && error.name === "DownloadError";
  throw isPlain ? new CommandError((error as Error).message) : error;
}

/** What to train: one recipe, or all of a unit. */
function readSettings(args: string[]): Settings[] {
  const { name, values } = parse(args);
  const names = name in recipes
    ? [name]
    : Object.keys(recipes).filter((each) => recipes[each].unit === name);
  if (names.length === 0) {
    const all = [...Object.keys(recipes), ...Object.values(recipes).map(({ unit }) => unit)];
    throw new CommandError(`there is no recipe "${name}".${suggestion(name, all)} ${more}`, 2);
  }
  const isQuick = values.quick || quick;
  const givenSeed = wholeNumber("--seed", values.seed);
  const givenEpochs = wholeNumber("--epochs", values.epochs);
  if (givenEpochs === 0) throw new CommandError("--epochs must be above 0", 2);
  const processes = wholeNumber("--processes", values.processes) ?? 1;
  const trustNetwork = values["trust-network"], synchronizedBatchNorm = values["sync-batch-norm"];
  const halfGradients = values["half-gradients"];
  if (processes < 1 || processes > mostProcesses) {
    throw new CommandError(`--processes is ${processes}, must be from 1 to ${mostProcesses}`, 2);
  }
  const machines = readMachines(values, names);
  if (machines && values.processes !== undefined) {
    throw new CommandError("--processes are of this machine: give it or --cluster", 2);
  }
  if (values.publish) refusePublishing({ names, isQuick, epochs: givenEpochs, seed: givenSeed });
  return names.map((name) => {
    const recipe = recipes[name];
    const seed = givenSeed ?? recipe.seed;
    const epochs = givenEpochs ?? (isQuick ? quickEpochs : recipe.epochs);
    const own = seed === recipe.seed ? name : `${name}-seed${seed}`;
    // A quick training must not take the place of a real one.
    const folder = join(isQuick ? "out/quick" : "runs", own);
    const settings = {
      name,
      own,
      recipe,
      epochs,
      seed,
      isQuick,
      folder,
      processes,
      trustNetwork,
      synchronizedBatchNorm,
      halfGradients,
      machines,
    };
    // Of several machines the first keeps the training.
    const isPublished = values.publish && !machines?.task;
    return { ...settings, isFresh: values.fresh, isPublished };
  });
}

function parse(args: string[]) {
  try {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        epochs: { type: "string" },
        seed: { type: "string" },
        quick: { type: "boolean", default: false },
        fresh: { type: "boolean", default: false },
        publish: { type: "boolean", default: false },
        processes: { type: "string" },
        cluster: { type: "string" },
        task: { type: "string" },
        "sync-batch-norm": { type: "boolean", default: false },
        "half-gradients": { type: "boolean", default: false },
        "trust-network": { type: "boolean", default: false },
      },
    });
    if (positionals.length !== 1) throw new Error("name one recipe or unit");
    return { name: positionals[0], values };
  } catch (error) {
    throw new CommandError(`${sentence((error as Error).message)} ${more}`, 2);
  }
}

/** A message of the parser's, which may or may not end as sentences do. */
const sentence = (text: string) => /[.?!]$/.test(text) ? text : `${text}.`;

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new CommandError(`${option} is "${text}", must be a whole number`, 2);
}

async function train(
  settings: Settings,
  checkpoints: Checkpointing,
  machines?: Cluster,
): Promise<number> {
  const { name, recipe, epochs, seed, isQuick, isFresh, folder } = settings;
  const { schedule, batchSize, transforms, maximumGradientNorm } = recipe;
  const { processes, trustNetwork, synchronizedBatchNorm, halfGradients } = settings;
  if (machines === undefined && processes === 1) tellUnused(settings);
  await using own = processes === 1 ? null : await localCluster(processes, { trustNetwork });
  const cluster = machines ?? own ?? undefined;
  const data = await recipe.load({ seed, limit: isQuick ? quickImages : undefined });
  const model = recipe.model(new Random(seed));
  const optimizer = recipe.optimizer(model);
  const stepsPerEpoch = Math.floor(data.train.size / batchSize);
  const together: Pick<TrainerOptions, "cluster" | "synchronizedBatchNorm" | "exchange"> = {
    cluster,
    synchronizedBatchNorm,
    exchange: halfGradients ? { type: "bfloat16" } : {},
  };
  const processesInWords = describeProcesses(together);
  const trainer = new Trainer({
    ...together,
    model,
    train: data.train,
    validation: data.validation,
    optimizer,
    schedule: schedule({ epochs, stepsPerEpoch }),
    epochs,
    batchSize,
    transforms,
    seed,
    maximumGradientNorm,
    callbacks: [
      checkpoints,
      new TensorBoard(join("runs", (isQuick ? "quick-" : "") + basename(folder))),
      textLog(folder, processesInWords),
      ...(machines ? [machinesLog(machines, epochs)] : []),
      ...(isFresh ? [marker(join(folder, begunAnew))] : []),
    ],
  });
  console.log(
    `${name}: ${countParameters(model).toLocaleString("en")} parameters, ` +
      `${data.train.size.toLocaleString("en")} training images, seed ${seed}, ` +
      `on ${backendReport.version}`,
  );
  try {
    const mark = join(folder, begunAnew);
    if ((!isFresh || exists(mark)) && await checkpoints.resume(trainer)) {
      const step = trainer.step.toLocaleString("en");
      const again = isFresh ? ` (to begin once more, delete ${mark})` : "";
      console.log(`Goes on after epoch ${trainer.epoch}, step ${step}${again}.`);
      await Deno.remove(resultPath(folder)).catch(() => {});
    }
    await trainer.run();
    if (trainer.epoch < epochs) {
      console.log(
        trainer.step === 0
          ? "Nothing is saved; the same command begins anew."
          : "The same command goes on from there.",
      );
      return stoppedExitCode();
    }
    await finish(settings, { model, data, checkpoints, processes: processesInWords });
    if (exists(mark)) await Deno.remove(mark);
    return 0;
  } finally {
    for (const each of [trainer, optimizer, model]) each.dispose();
  }
}

/** Names what was asked for that is only for several processes. */
function tellUnused({ synchronizedBatchNorm, halfGradients }: Settings): void {
  const unused = [
    ...(synchronizedBatchNorm ? ["--sync-batch-norm"] : []),
    ...(halfGradients ? ["--half-gradients"] : []),
  ];
  if (unused.length === 0) return;
  console.log(
    `One process trains, which exchanges nothing: ${unused.join(" and ")} changes nothing.`,
  );
}

/** Says on the other machines how it goes, and stops where somebody asks there. */
function machinesLog(cluster: Cluster, epochs: number): Callback {
  let asked: string | undefined;
  let stop = (): void => {};
  cluster.onStop((machine) => {
    asked = `Stopped as asked at ${machine}`;
    stop();
  });
  return {
    onStart: (trainer) => {
      stop = () => trainer.stop(asked!);
      if (asked !== undefined) stop();
    },
    onEpoch: (report) => cluster.tell(describeReport(report, epochs)),
    onEnd: (outcome, { step, lastCheckpoint }) =>
      cluster.tell(
        outcome +
          (step === 0 ? " before the first step" : ` after step ${step.toLocaleString("en")}`) +
          (outcome === "stopped" && lastCheckpoint ? ", and saved" : ""),
      ),
  };
}

/** Marks a folder from a training's first step on; one that is stopped before leaves all as it was. */
function marker(path: string): Callback {
  return {
    onStep: async () => {
      if (exists(path)) return;
      await Deno.mkdir(dirname(path), { recursive: true }); // it may have been moved meanwhile
      await Deno.writeTextFile(path, "");
    },
  };
}

/** Measures the best weights on the training images and, once, on the test set, and writes it down. */
async function finish(
  { name, seed, recipe, folder }: Settings,
  { model, data, checkpoints, processes }: {
    model: Module;
    data: Splits;
    checkpoints: Checkpointing;
    /** How several processes trained. */
    processes: string | undefined;
  },
): Promise<void> {
  await loadWeights(model, checkpoints.best);
  const transform = recipe.transforms.evaluation;
  const training = await evaluate(model, data.train, { transform });
  const test = await evaluate(model, data.test, { transform });
  const log = await readLog(folder);
  const best = log.findLast((report) => report.isBest)!;
  const result: TrainingResult = {
    recipe: name,
    seed,
    epochs: log.length,
    parameters: countParameters(model),
    bestEpoch: best.epoch,
    trainingAccuracy: training.accuracy,
    validationAccuracy: best.validation!.accuracy,
    testAccuracy: test.accuracy,
    testLoss: test.loss,
    trainingSeconds: Math.round(log.reduce((sum, report) => sum + report.seconds, 0)),
    backend: backendReport.version,
    processes,
  };
  await writeResult(folder, result);
  const line = describeResult(result);
  console.log(line);
  await appendToLog(folder, line);
}

function describeResult(result: TrainingResult): string {
  const { testAccuracy, validationAccuracy, trainingAccuracy, bestEpoch, epochs, processes } =
    result;
  return `test accuracy ${testAccuracy.toFixed(4)} (validation ${validationAccuracy.toFixed(4)}, ` +
    `training ${trainingAccuracy.toFixed(4)}) with the weights of epoch ${bestEpoch} of ${epochs}` +
    (processes === undefined ? "" : `, on ${processes}`);
}

/** Adds a line to `train.log`, which long trainings are followed by and which is kept. */
async function appendToLog(folder: string, text: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const line = `${new Date().toISOString()} ${text}\n`;
  await Deno.writeTextFile(join(folder, "train.log"), line, { append: true });
}

/** Writes to `train.log` when the training began, ended or was stopped, and how each epoch went. */
function textLog(folder: string, processes: string | undefined): Callback {
  let isLost = false;
  const write = async (text: string) => {
    try {
      if (!isLost) await appendToLog(folder, text);
    } catch (error) {
      if (!isOfDisk(error)) throw error;
      isLost = true;
      console.warn(`${join(folder, "train.log")} ends here: ${error.message}.`);
    }
  };
  return {
    onStart: ({ epoch, step }) =>
      write(
        `begins after epoch ${epoch}, step ${step}` + (processes ? `, on ${processes}` : ""),
      ),
    onEpoch: ({ epoch, train, validation, eagerSteps }) =>
      write(
        `epoch ${epoch}: train loss ${train.loss.toFixed(4)}, accuracy ` +
          `${train.accuracy.toFixed(4)}; validation loss ${
            validation!.loss.toFixed(4)
          }, accuracy ` +
          validation!.accuracy.toFixed(4) +
          (eagerSteps ? `; ${eagerSteps} steps could not be compiled` : ""),
      ),
    onEnd: (outcome, { epoch, step }) => write(`${outcome} after epoch ${epoch}, step ${step}`),
  };
}

if (import.meta.main) await runCommand(main);
