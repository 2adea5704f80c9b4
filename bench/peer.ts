/** A process that works on request and answers in JSON lines. */
import { TextLineStream } from "@std/streams";
import { CommandError, lastingCommand } from "../tools/command.ts";

export interface Started {
  /** Milliseconds of the first piece of work, recording and warming up included. */
  first: number;
  parameterCount: number;
  version: string;
}

export interface Answer {
  milliseconds: number[];
  /** Of all threads together, a piece; Tessera's side alone tells it. */
  processorMilliseconds?: number;
  peakMegabytes: number;
}

/** What a process says before an answer. */
export interface Said<T> {
  answer: T;
  /** Lines that are no answer: notices, and what libraries log. */
  lines: string[];
}

export class Peer {
  readonly name: string;
  readonly started: Started;
  /** What was printed before the first answer. */
  readonly preamble: readonly string[];
  /** Seconds from the start of the process to the end of its first piece of work. */
  readonly startSeconds: number;
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;

  private constructor(
    name: string,
    { answer: started, lines: preamble }: Said<Started>,
    startSeconds: number,
    process: Deno.ChildProcess,
    lines: ReadableStreamDefaultReader<string>,
  ) {
    this.name = name;
    this.started = started;
    this.preamble = preamble;
    this.startSeconds = startSeconds;
    this.#process = process;
    this.#writer = process.stdin.getWriter();
    this.#lines = lines;
  }

  /**
   * Starts a process and waits for its first answer. Throws a CommandError where it ends before that, or is ended
   * by `signal`.
   */
  static async start(
    name: string,
    command: string,
    args: string[],
    { env = {}, signal }: { env?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Peer> {
    const begun = performance.now();
    const process = lastingCommand(command, {
      args,
      env,
      signal,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const text = process.stdout.pipeThrough(new TextDecoderStream());
    const lines = text.pipeThrough(new TextLineStream()).getReader() as ReadableStreamDefaultReader<
      string
    >;
    const started = await nextAnswer<Started>(lines, name);
    const seconds = (performance.now() - begun) / 1000;
    return new Peer(name, started, seconds, process, lines);
  }

  /** Does `count` pieces of work. */
  async work(count: number): Promise<Answer> {
    return (await this.tell(count)).answer;
  }

  /** As `work`, with what was printed meanwhile. */
  async tell(count: number): Promise<Said<Answer>> {
    await this.#writer.write(new TextEncoder().encode(`${count}\n`));
    return await nextAnswer<Answer>(this.#lines, this.name);
  }

  /** Lets the process end. */
  async stop(): Promise<void> {
    await this.#writer.close();
    await this.#lines.cancel();
    await this.#process.status;
  }
}

/** The next line that is JSON, and those before it. */
async function nextAnswer<T>(
  reader: ReadableStreamDefaultReader<string>,
  name: string,
): Promise<Said<T>> {
  const lines: string[] = [];
  while (true) {
    const { value, done } = await reader.read();
    if (done) {
      throw new CommandError(`bench: ${name} ended without an answer; its message is above.`);
    }
    if (value.startsWith("{")) return { answer: JSON.parse(value), lines };
    lines.push(value);
  }
}

/** Lets processes work in turns, now in this order and now in the other. Gives the answers of each. */
export async function takeTurns(
  peers: readonly Peer[],
  { turns, count }: { turns: number; count: number },
): Promise<Answer[][]> {
  const answers: Answer[][] = peers.map(() => []);
  for (let turn = 0; turn < turns; turn++) {
    const order = [...peers.keys()];
    for (const index of turn % 2 === 0 ? order : order.reverse()) {
      answers[index].push(await peers[index].work(count));
    }
  }
  return answers;
}
