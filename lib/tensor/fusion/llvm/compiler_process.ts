/**
 * LLVM in a process of its own. It may take without end over a kernel, or break on one, and cannot be interrupted:
 * there it holds up nobody, is ended after a time, and gives its memory back.
 */
import { ownProgram } from "../../own_program.ts";

/** What the process answers: a byte that says which, the length of what follows, and that. */
export enum Answer {
  /** LLVM is loaded; comes once, first of all. */
  ready,
  /** An object file. */
  object,
  /** Why there is none, in words. */
  error,
}

/** A text, and what an answer holds, begins with its length in so many bytes. */
export const LENGTH_BYTES = 4;

const program = new URL("compile_process.ts", import.meta.url).href;

type Bytes = Uint8Array<ArrayBuffer>;

/** An object file; or that LLVM came to no end, or broke. */
export type Made = Bytes | "no end" | "broken";

/** Makes object files, in a process that is started where there is something to do, and ends itself some time later. */
export class CompilerProcess {
  readonly #arguments: readonly string[];
  /** One that is started and has nothing to do. What uses it takes it: after Stop an answer may be on its way yet. */
  #idle: RunningProcess | undefined;

  /** `library`: the path of LLVM's; `seconds`: for how long it may compute for one kernel. */
  constructor(library: string, seconds: number) {
    this.#arguments = [library, `${seconds}`];
  }

  /**
   * What LLVM makes of modules of its intermediate representation, one after another, each taken when its turn comes.
   * Throws an Error where it says that a text is wrong, and where it cannot be loaded, or no process be started.
   */
  async objectsOf(texts: Iterable<string>): Promise<Made[]> {
    const objects: Made[] = [];
    let running = this.#idle;
    this.#idle = undefined;
    try {
      for (const text of texts) {
        let made = await running?.objectOf(text);
        if (made === undefined) {
          // None is there, or it had ended, since there was nothing to do for a while.
          running = await RunningProcess.start(this.#arguments);
          made = await running.objectOf(text);
        }
        if (made === undefined) throw new Error(`LLVM's process ended with ${await running!.end}`);
        objects.push(made);
        if (typeof made === "string") running = undefined;
      }
    } catch (error) {
      running?.kill();
      throw error;
    }
    this.end();
    this.#idle = running;
    return objects;
  }

  end(): void {
    this.#idle?.kill();
    this.#idle = undefined;
  }
}

/** How the process ends at the limit (`process_limits.ts`), and where LLVM breaks. */
const LIMIT = "SIGPROF";
const faults: ReadonlySet<string> = new Set(["SIGSEGV", "SIGBUS", "SIGILL", "SIGTRAP", "SIGABRT"]);

class RunningProcess {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<Bytes>;
  #rest: Bytes = new Uint8Array(0);

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#input = process.stdin.getWriter();
    this.#output = process.stdout.getReader() as ReadableStreamDefaultReader<Bytes>;
  }

  static async start(given: readonly string[]): Promise<RunningProcess> {
    const [command, ...args] = ownProgram(program);
    const process = new Deno.Command(command, {
      args: [...args, ...given],
      ...{ stdin: "piped", stdout: "piped", stderr: "null" },
    }).spawn();
    const running = new RunningProcess(process);
    const first = await running.#answer();
    // While it waits this process may end, and it does then too.
    process.unref();
    if (first?.kind === Answer.ready) return running;
    running.kill();
    const why = first
      ? new TextDecoder().decode(first.bytes)
      : `it ended with ${await running.end}`;
    throw new Error(
      `LLVM cannot be started: ${why} (\`./tessera doctor\` says whether its library is damaged)`,
    );
  }

  /** Undefined where the process ended, and not over this text. Throws an Error where LLVM says that it is wrong. */
  async objectOf(text: string): Promise<Made | undefined> {
    const answer = await this.#answerTo(text);
    if (answer?.kind === Answer.object) return answer.bytes;
    if (answer) throw new Error(new TextDecoder().decode(answer.bytes));
    this.kill();
    const end = await this.end;
    return end === LIMIT ? "no end" : faults.has(end) ? "broken" : undefined;
  }

  /** Undefined where the process ended over it. */
  async #answerTo(text: string): Promise<{ kind: Answer; bytes: Bytes } | undefined> {
    const bytes = new TextEncoder().encode(text);
    const length = new Uint8Array(LENGTH_BYTES);
    new DataView(length.buffer).setUint32(0, bytes.length);
    this.#process.ref();
    try {
      await this.#input.write(length);
      await this.#input.write(bytes);
      return await this.#answer();
    } catch {
      return undefined; // it ended before it had read all
    } finally {
      this.#process.unref();
    }
  }

  /** The signal's name, or the exit code. */
  get end(): Promise<string> {
    this.#process.ref();
    return this.#process.status.then(({ signal, code }) => signal ?? `${code}`);
  }

  kill(): void {
    this.#input.abort().catch(() => {});
    this.#output.cancel().catch(() => {});
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }

  async #answer(): Promise<{ kind: Answer; bytes: Bytes } | undefined> {
    const head = await this.#read(1 + LENGTH_BYTES);
    const bytes = head && await this.#read(new DataView(head.buffer).getUint32(1));
    return bytes && { kind: head[0], bytes };
  }

  /** So many bytes of the process's output; undefined where it ends before. */
  async #read(count: number): Promise<Bytes | undefined> {
    const parts = [this.#rest];
    let length = this.#rest.length;
    while (length < count) {
      const { value, done } = await this.#output.read();
      if (done) return undefined;
      parts.push(value);
      length += value.length;
    }
    const all = new Uint8Array(await new Blob(parts).arrayBuffer());
    this.#rest = all.slice(count);
    return all.slice(0, count);
  }
}
