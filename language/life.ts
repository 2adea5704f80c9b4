/** How long the service lives: as the server does for which it was started, and while somebody asks. */
import process from "node:process";

const lookMs = 1000;

export class Life {
  readonly #server: number;
  readonly #started: string | undefined;
  readonly #idleMs: number;
  readonly #end: () => void;
  #usedAt = performance.now();

  /** `server` is a process's number; `end` ends the program. */
  constructor(server: number, idleMs: number, end: () => void) {
    this.#server = server;
    this.#started = startOf(server);
    this.#idleMs = idleMs;
    this.#end = end;
    setInterval(() => this.#look(), lookMs);
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
      Deno.addSignalListener(signal, end);
    }
  }

  /** Somebody has asked. */
  isUsed(): void {
    this.#usedAt = performance.now();
  }

  end(): void {
    this.#end();
  }

  #look(): void {
    const isIdle = performance.now() - this.#usedAt > this.#idleMs;
    if (isIdle || this.#started === undefined || startOf(this.#server) !== this.#started) {
      this.end();
    }
  }
}

/** What tells a process from a later one of the same number; undefined where there is none. */
function startOf(number: number): string | undefined {
  try {
    if (Deno.build.os === "linux") {
      // The name in parentheses may hold anything; the start is the 20th of what follows it.
      const stat = Deno.readTextFileSync(`/proc/${number}/stat`);
      const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return state === "Z" ? undefined : rest[18];
    }
    process.kill(number, 0);
    return "";
  } catch {
    return undefined;
  }
}
