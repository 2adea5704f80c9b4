/** The kernel's worker: runs cells with the course's library, and sends the page what they show. */
import type { KernelDoor, Watcher } from "../../lib/platform/kernel_door.ts";
import { type BrowserHost } from "../../lib/platform/browser/host.ts";
import { Stopped } from "../../python/tessera_kernel/inside/stopped.ts";
import type { Brought } from "../brought.ts";
import { kernelStart } from "../offline/site_files.ts";
import type { Failure } from "./errors.ts";
import { WorkerFiles } from "./files.ts";
import { complete, inspect } from "./help.ts";
import { Interpreter } from "./interpreter.ts";
import type {
  FileRequest,
  FromWorker,
  MimeBundle,
  Preparation,
  Settings,
  ToWorker,
} from "./messages.ts";
import { library, Modules } from "./modules.ts";
import { printed, shown } from "./show_values.ts";
import { stopCell } from "./stopping.ts";
import type { Words } from "./words.ts";

// A file of the site's has the policy that the host sends, if any; a blob has the page's, and what the service worker
// makes has its own.
if (location.protocol !== "blob:" && !location.pathname.endsWith(`/${kernelStart}`)) {
  throw new Error("The page alone begins kernels.");
}

/** The engine's own: cells may give these names to something else. */
const { fetch, Promise, setTimeout, XMLHttpRequest } = globalThis;
const post = postMessage.bind(globalThis) as (
  message: FromWorker,
) => void;
const displaySymbol = Symbol.for("Jupyter.display");

const waiting = new Map<number, PromiseWithResolvers<unknown>>();
const watchers = new Set<Watcher>();
let questions = 0;
let settings: Settings;
/** What runs cells, once it is there; begun anew by the next cell where that failed. */
let interpreter: Promise<Interpreter> | undefined;
let files: WorkerFiles;
let folder = "";
let stopFlag = "";
/** Whether it was said since the last cell began that Stop has ended what an earlier one left running. */
let isStopTold = false;
let course = "";
let brought: Promise<Brought>;
/** The library's import, while JupyterLab loads; what fails in it fails in the cell that asks for it. */
let prepared: Promise<unknown>;
let words: Promise<Words> | undefined;

/** What the library says of itself, until a cell has imported it. */
let introduction: string | undefined;

/** Asks the page, which alone reaches JupyterLite's files. */
function ask(request: FileRequest): Promise<unknown> {
  const id = questions++;
  const answer = Promise.withResolvers<unknown>();
  waiting.set(id, answer);
  post({ kind: "ask", id, request });
  return answer.promise;
}

/** Loads the library; it asks for no file before a cell runs. */
function prepare(preparation: Preparation): void {
  const { environment } = preparation;
  course = preparation.course;
  redirectConsole();
  const host: BrowserHost = {
    environment,
    get files() {
      return files;
    },
    get folder() {
      return folder;
    },
    kernel: {
      display: async (value, { raw, display_id, update } = {}) => {
        const data = raw ? value as MimeBundle : await bundleOf(value);
        const transient = display_id ? { display_id } : {};
        const type = update ? "update_display_data" : "display_data";
        post({ kind: "message", type, content: { data, metadata: {}, transient } });
      },
      // deno-lint-ignore require-await -- as on Deno
      broadcast: async (type, content) => post({ kind: "message", type, content }),
    },
    introduce: (line) => void (introduction = line),
    packageFile: (specifier) => `${course}packages/${specifier}`,
  };
  define(Symbol.for("tessera.browser"), host);
  define(Symbol.for("tessera.kernel"), kernelDoor);
  nameDeno();
  brought = listBrought();
  brought.catch(() => {}); // asked for again by the start
  prepared = import(`${course}${library["tessera"]}`).catch(() => {});
}

/** What the site brings. Throws an Error where the list cannot be had, or is none. */
async function listBrought(): Promise<Brought> {
  try {
    const reply = await fetch(`${course}files.json`);
    if (!reply.ok) throw new Error(`${reply.status}`);
    return await reply.json();
  } catch (error) {
    throw new Error(
      `The kernel cannot begin: the site's course/files.json cannot be fetched (${
        (error as Error).message
      }). Is there a network? Run the cell again; where that does not help, the site is not whole, which whoever ` +
        "runs it can mend.",
    );
  }
}

function begun(): Promise<Interpreter> {
  return interpreter ??= start().catch((error) => {
    interpreter = undefined;
    throw error;
  });
}

async function start(): Promise<Interpreter> {
  folder = settings.folder;
  files = new WorkerFiles(course, settings.stored, await brought.catch(listBrought), ask);
  // What is read at once later, such as how many hints were taken.
  for (const { path, isDirectory } of settings.stored) {
    if (!isDirectory && /^\/home\/[^/]+\.json$/.test(path)) await files.read(path).catch(() => {});
  }
  const compileNamespaces = async (source: string): Promise<string> =>
    (await import(`${course}typescript.js`)).compileNamespaces(source);
  const modules = new Modules({
    ...{ course, folder, compileNamespaces, prepared },
    readText: async (path) => new TextDecoder().decode(await files.read(path)),
  });
  return new Interpreter({
    load: async (name, options) => {
      const names = await modules.load(name, options);
      if (introduction && /^(tessera|@tensorflow)/.test(name)) {
        console.log(introduction);
        introduction = undefined;
      }
      return names;
    },
    // A training ends by itself after its step.
    isStopAsked: () => watchers.size === 0 && !canBeRead(stopFlag),
    compileNamespaces,
  });
}

function define(name: symbol, value: object): void {
  Object.defineProperty(globalThis, name, { value: Object.freeze(value) });
}

const kernelDoor: KernelDoor = {
  claimSeal: () => undefined,
  restoreBuiltIns: () => () => {},
  restoreClasses: () => {},
  watch(watcher) {
    watchers.add(watcher);
    return () => void watchers.delete(watcher);
  },
  repairs: { add: () => {}, delete: () => {} }, // Stop is an error here: `finally` blocks run
  stopped: () => new Stopped(),
  beforeCut: new Set(),
  afterCut: new Set(),
  rests: new Set(), // nobody asks here for memory back
};

/** Whether an address can be read, asked without giving way to anything else: messages cannot arrive in a loop. */
function canBeRead(address: string): boolean {
  try {
    const request = new XMLHttpRequest();
    request.open("GET", address, false);
    request.send();
    return request.status === 200;
  } catch {
    return false;
  }
}

/** `Deno` is the name of another platform; who writes it is told what there is here. */
function nameDeno(): void {
  Object.defineProperty(globalThis, "Deno", {
    configurable: true,
    get() {
      throw new ReferenceError(
        "Deno is not in the browser: tessera's show, mnist, imageFolder and Checkpointing show, read and " +
          "keep things here as there",
      );
    },
    set(value) {
      Object.defineProperty(globalThis, "Deno", { value, writable: true, configurable: true });
    },
  });
}

function redirectConsole(): void {
  const write = (name: "stdout" | "stderr") => (...values: unknown[]) =>
    post({ kind: "stream", name, text: `${printed(values)}\n` });
  console.log = console.info = console.debug = write("stdout");
  console.warn = console.error = write("stderr");
  console.table = (data) => console.log(data);
}

async function bundleOf(value: unknown): Promise<MimeBundle> {
  const display = (value as Record<symbol, unknown> | null)?.[displaySymbol];
  if (typeof display === "function") return await display.call(value);
  return { "text/plain": shown(value) };
}

/** Runs a cell; undefined where nothing went wrong. */
async function run(code: string, count: number): Promise<Failure | undefined> {
  let cells: Interpreter;
  try {
    cells = await begun();
  } catch (error) {
    const { name, message } = error as Error;
    return { ename: name, evalue: message, traceback: [message] };
  }
  const outcome = await cells.run(code, count);
  if ("failure" in outcome) return outcome.failure;
  try {
    if (outcome.value !== undefined) {
      post({ kind: "result", data: await bundleOf(outcome.value) });
    }
  } catch (error) {
    return cells.failureOf(error);
  }
}

/** An error of a timer, or of a promise that nothing awaits: a call that watches takes it, else it is shown. */
async function fail(error: unknown, where: string): Promise<void> {
  const watcher = [...watchers].find((each) => each.fail);
  if (watcher) return watcher.fail?.(error);
  // A timer that goes on and on is stopped each time.
  if (error instanceof Stopped && isStopTold) return;
  isStopTold = error instanceof Stopped;
  const cells = await interpreter?.catch(() => undefined);
  if (!cells) return; // no cell has run
  const failure = cells.failureOf(error);
  post({ kind: "failure", failure: { ...failure, traceback: [...failure.traceback, where] } });
}

addEventListener("error", (event) => {
  event.preventDefault();
  fail(event.error ?? new Error(event.message), "Thrown by a timer or another callback.");
});
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  fail(event.reason, "Thrown in a promise that nothing awaits.");
});

/** A training ends after its step and its cell goes on; else what the cell awaits is given up. */
function interrupt(): void {
  if (watchers.size === 0) return stopCell();
  for (const watcher of watchers) watcher.stop();
}

/** Completes or explains what stands at a place of a cell; what the library's names mean is fetched when first asked. */
async function help({ id, wanted, code, cursor }: ToWorker & { kind: "help" }): Promise<void> {
  words ??= fetch(`${course}words.json`).then((reply) => reply.json());
  const known = await words.catch(() => (words = undefined, {}));
  const answer = wanted === "completion"
    ? { completion: complete(code, cursor, globalThis, known) }
    : { help: inspect(code, cursor, globalThis, known) };
  post({ kind: "help", id, ...answer });
}

addEventListener("message", async ({ data }: MessageEvent<ToWorker>) => {
  switch (data.kind) {
    case "prepare":
      return prepare(data.preparation);
    case "start":
      settings = data.settings;
      return void begun().catch(() => {}); // said by the first cell
    case "run": {
      stopFlag = data.stopFlag;
      isStopTold = false;
      const failure = await run(data.code, data.count);
      // What was printed by what has just been awaited comes first.
      await new Promise((resolve) => setTimeout(resolve, 0));
      return post({ kind: "done", failure });
    }
    case "interrupt":
      interrupt();
      return post({ kind: "interrupted" });
    case "help":
      return await help(data);
    case "file":
      await begun().catch(() => {});
      return files?.take(data.path, data.now);
    case "answer": {
      const answer = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.error === undefined) answer?.resolve(data.value);
      else answer?.reject(new Error(data.error));
    }
  }
});
