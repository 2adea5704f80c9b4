/** Runs cells one after the other in the global scope of a worker. */
import { compileCell } from "./cell.ts";
import { type Failure, failureOf, type RanCell, syntaxFailure } from "./errors.ts";
import { DeclaredNames } from "./names.ts";
import { shown } from "./show_values.ts";
import { stoppableSteps, Stopped } from "../../python/tessera_kernel/inside/stopped.ts";
import { beginCell, LoopWatch, stoppable } from "./stopping.ts";
import type { NamespaceCompiler } from "./syntax.ts";

/** Loads a module for a cell or a module of the learner's own, by the name that the code has for it. */
export type Load = (name: string, options?: ImportCallOptions) => Promise<Record<string, unknown>>;

export interface Host {
  load: Load;
  /** Whether Stop was pressed; asked while nothing else can run. */
  isStopAsked(): boolean;
  compileNamespaces: NamespaceCompiler;
}

export type Outcome = { value: unknown } | { failure: Failure };

const stopped: Failure = {
  ename: "Stopped",
  evalue: "The cell was stopped.",
  traceback: ["Stopped. Variables and models keep what they held."],
};
/** The engine's own, whatever cells make of the name; by another name it runs code as a script of its own. */
const { eval: run } = globalThis;
const lastCells = 500;

export class Interpreter {
  readonly #host: Host;
  readonly #cells = new Map<number, RanCell>();
  readonly #functions: Record<string, unknown> = {};
  #number = 0;

  constructor(host: Host) {
    this.#host = host;
    const watch = new LoopWatch(() => host.isStopAsked());
    const door = Object.assign(<T>(value: T) => stoppable(value), {
      each: <T>(steps: AsyncIterable<T> | Iterable<T>) => stoppableSteps(steps, stoppable),
      functions: this.#functions,
      import: async (
        name: string,
        names: string[],
        options?: ImportCallOptions,
      ) => withExports(await host.load(name, options), name, names),
      load: (name: unknown, options?: ImportCallOptions) => host.load(String(name), options),
      turns: 0,
      ask: () => {
        watch.ask();
        door.turns = watch.turns;
      },
    });
    Object.defineProperty(globalThis, "__tessera", { value: door });
  }

  /** Runs a cell, whose number on the screen is `count`. */
  async run(code: string, count: number): Promise<Outcome> {
    const number = ++this.#number;
    const cell = { code, count };
    this.#cells.set(number, cell);
    this.#cells.delete(number - lastCells);
    beginCell();
    let compiled;
    try {
      compiled = await compileCell(code, number, this.#host.compileNamespaces);
    } catch (error) {
      if (error instanceof SyntaxError) {
        return { failure: syntaxFailure(error, cell) };
      }
      throw error;
    }
    let names: DeclaredNames | undefined;
    try {
      run(compiled.functions);
      names = new DeclaredNames(compiled.declared, this.#functions);
      return await run(compiled.body);
    } catch (error) {
      return { failure: this.failureOf(error) };
    } finally {
      names?.end();
      for (const name of Object.keys(this.#functions)) {
        delete this.#functions[name];
      }
    }
  }

  /** How an error is shown, wherever it was thrown. */
  failureOf(error: unknown): Failure {
    if (error instanceof Stopped) return stopped;
    return failureOf(error, this.#cells, (value) => shown(value, false));
  }
}

/** Throws a SyntaxError for the first name that a module does not export. */
function withExports<T extends object>(module: T, path: string, names: string[]): T {
  for (const name of names) {
    if (name in module) continue;
    throw new SyntaxError(
      `"${path}" exports no "${name}". If it is a type, write: import { type ${name} }.`,
    );
  }
  return module;
}
