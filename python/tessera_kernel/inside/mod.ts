/**
 * The door's side inside Deno's kernel. The door has the kernel call `start` before any cell, and then open
 * the inspector; from then on cells find `__tessera`, which they are rewritten to use, and the library
 * `Symbol.for("tessera.kernel")`.
 */
import { pathToFileURL } from "node:url";
import { type BuiltIns, keepBuiltIns } from "./built_ins.ts";
import { begin, currentCell, latestCell } from "./cell.ts";
import { afterCut, beforeCut, closeCut, hold, repair, repairs } from "./cutting.ts";
import { watchFailures } from "./failures.ts";
import { inWords, notAsCode, withExports } from "./imports.ts";
import { openInspector } from "./inspector.ts";
import { JSON, Object, Promise, Symbol, URL } from "./language.ts";
import { loads, loadsOf } from "./loads.ts";
import { giveBack, rests } from "./memory.ts";
import { redirectOutputs } from "./outputs.ts";
import { closePorts } from "./ports.ts";
import { rewriteOwnModules } from "./modules.ts";
import { Answers, kind, Pipe } from "./pipe.ts";
import { obeyAfterPrograms } from "./programs.ts";
import { exit, refuseExit, refuseInput } from "./refusals.ts";
import { type Lending, lendSeals } from "./seal.ts";
import {
  stopCell,
  stopLeftBehind,
  stoppable,
  stoppableInModule,
  throwIfRefused,
} from "./stopping.ts";
import { disposableBy, stoppableSteps, Stopped } from "./stopped.ts";
import { thrown, toldAgain } from "./thrown.ts";
import { watchTimers } from "./timers.ts";
import { callerTrace, nameCellsInTraces, withCaller } from "./traces.ts";
import { askWatchers, counts, warnWatchers, watch, type Watcher } from "./watchers.ts";

/** The one that Stop does not know. */
const { setTimeout } = globalThis;

interface Start {
  /** Descriptors: where to write to the door, and where to read its answer. */
  outputs: number;
  answers: number;
  /** In grading, where to read this run's secret. */
  secret?: number;
  /** The port that a debugger may join, where one is asked for. */
  inspectAt?: number;
}

export async function start(
  { outputs, answers: answersFrom, secret, inspectAt }: Start,
): Promise<void> {
  nameCellsInTraces();
  const pipe = new Pipe(outputs), answers = new Answers(answersFrom);
  const lending = secret === undefined ? undefined : lendSeals(secret, pipe);
  let builtIns: BuiltIns | undefined;
  const note = (what: object) => pipe.send(kind.note, 0, JSON.stringify(what));
  const tell = () => note({ ...counts(), loads: loadsOf(latestCell()) });

  watchTimers();
  redirectOutputs(pipe);
  watchFailures(pipe);
  refuseExit();
  refuseInput();
  obeyAfterPrograms();

  let isRewriting = false;
  const kept: Record<string, object> = Object.create(null);
  const door = Object.assign(stoppable.bind(undefined), {
    /** Begins a cell; the door hears when its first synchronous part is over. */
    cell(id: number, anchor: unknown) {
      begin(id, anchor);
      if (loads.size > 0 || counts().watches > 0) tell();
      throwIfRefused(id);
      // A turn of the event loop: what the inspector was told in the first part, Deno hears only then. If it heard
      // nothing before a loop began, it would hear nothing more, Stop neither.
      return new Promise<void>((resolve) =>
        setTimeout(() => {
          note({ begun: id });
          resolve();
        })
      );
    },
    each: <T>(steps: AsyncIterable<T> | Iterable<T>) => stoppableSteps(steps, stoppable),
    inModule: stoppableInModule,
    eachInModule: <T>(steps: AsyncIterable<T>) => stoppableSteps(steps, stoppableInModule),
    disposable: <T>(value: T) => disposableBy(value, stoppable),
    disposableInModule: <T>(value: T) => disposableBy(value, stoppableInModule),
    /** The door, from where a module of the learner's own may be loaded first. */
    own() {
      if (!isRewriting) {
        isRewriting = true;
        rewriteOwnModules((module) => {
          note({ module });
          return answers.read();
        });
      }
      return door;
    },
    exports: withExports,
    notAsCode,
    thrown,
    /** A cell's last value. */
    value: (value: unknown) => typeof value === "string" ? value.toWellFormed() : value,
    /** The door's: what Deno's kernel says a cell has thrown, in full. */
    toldAgain: (reply: Parameters<typeof toldAgain>[0]) => JSON.stringify(toldAgain(reply) ?? null),
    /** A module that is being loaded: to cut that off would leave it broken. */
    async load<T>(module: Promise<T>): Promise<T> {
      const load = { cell: currentCell() };
      loads.add(load);
      tell();
      const caller = callerTrace(door.load);
      try {
        return await module;
      } catch (error) {
        throw withCaller(inWords(error), caller);
      } finally {
        if (loads.delete(load)) tell();
      }
    },
    /** The door's, up to where the next note is. */
    askWatchers,
    warnWatchers,
    stopCell,
    stopLeftBehind,
    hold: (token: number, last: number, isLong: boolean) =>
      hold(last, isLong, () => {
        note({ held: token });
        return answers.read() === "sent";
      }),
    closeCut,
    repair(id: number) {
      for (const load of loads) if (load.cell.id === id) loads.delete(load);
      tell();
      repair(id);
    },
    /** In grading: modules as they were before the first cell, by the names that notebooks import them under. */
    kept,
    /** In grading, before the first cell: keeps modules that lie beside the notebook too, and then no more. */
    async keep(paths: readonly string[]) {
      if (Object.isFrozen(kept)) return;
      try {
        door.own();
        for (const path of paths) {
          kept[path] = await import(new URL(path, `${pathToFileURL(Deno.cwd())}/`).href);
        }
      } finally {
        Object.freeze(kept);
      }
    },
    /** In grading, before a check's cell: nothing that cells have put in a built-in's place is left. */
    restoreBuiltIns: () => void builtIns?.restore(),
    /** The door's: gives memory back where nothing has begun after a cell, and no training goes on. */
    giveBack(last: number) {
      if (latestCell().id <= last && counts().watches === 0) giveBack();
    },
    /** The door's: settles once the event loop has turned. */
    turn: () => new Promise<boolean>((resolve) => setTimeout(resolve, 0, true)),
  });
  Object.defineProperty(globalThis, "__tessera", { value: Object.freeze(door) });
  Object.defineProperty(globalThis, Symbol.for("tessera.kernel"), {
    value: Object.freeze({
      claimSeal: () => lending?.claim(),
      restoreBuiltIns: () => builtIns?.restore() ?? (() => {}),
      restoreClasses: () => builtIns?.restoreClasses(),
      watch(watcher: Watcher) {
        const end = watch(watcher);
        tell();
        return () => {
          end();
          tell();
        };
      },
      stopped: () => new Stopped(),
      repairs,
      beforeCut,
      afterCut,
      rests,
    }),
  });
  if (lending) builtIns = await loadLibrary(lending, kept);

  const open = () => {
    delete (globalThis as Record<string, unknown>).__tesseraOpenInspector;
    let kernelPorts: [port: number, joined: number][] = [];
    const { isSafe } = openInspector((url) => {
      note({ inspector: url });
      const { inspector, kernel } = JSON.parse(answers.read());
      kernelPorts = kernel;
      return inspector;
    }, inspectAt);
    if (!isSafe) exit(97); // before anything of another's is served; the door starts anew
    // What the kernel publishes, cells among it, is told to whoever joins.
    if (kernelPorts.length > 0) closePorts(new Map(kernelPorts), "left");
    // A debugger of a cell's own would read the secret, and write checks anew: only the whole right ends that.
    if (lending) Deno.permissions.revokeSync({ name: "sys" });
  };
  Object.defineProperty(globalThis, "__tesseraOpenInspector", { value: open, configurable: true });
}

/** Loads the library before any cell runs, in grading, so that what its checks need is had before. */
async function loadLibrary(
  lending: Lending,
  kept: Record<string, object>,
): Promise<BuiltIns | undefined> {
  try {
    const [tf, library] = await Promise.all([
      import("../../../lib/tensor/tf.ts"),
      import("../../../lib/mod.ts"),
    ]);
    Object.assign(kept, { "@tensorflow/tfjs": tf, "tessera": library });
    return keepBuiltIns(tf, library);
  } catch {
    // Its packages are not known in this folder: then no cell here can use it either.
  } finally {
    lending.end();
  }
}
