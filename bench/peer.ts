/** A process that works on request and answers in JSON lines. */
import { TextLineStream } from "@std/streams";
import { lastingCommand } from "../tools/command.ts";

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

export class Peer {
  readonly name: string;
  readonly started: Started;
  /** Seconds from the start of the process to the end of its first piece of work. */
  readonly startSeconds: number;
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;

  private constructor(
    name: string,
    started: Started,
    startSeconds: number,
    process: Deno.ChildProcess,
    lines: ReadableStreamDefaultReader<string>,
  ) {
    this.name = name;
    this.started = started;
    this.startSeconds = startSeconds;
    this.#process = process;
    this.#writer = process.stdin.getWriter();
    this.#lines = lines;
  }

  /**
   * Starts a process and waits for its first answer. Throws an Error where it ends before that, or is ended
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
    const started = await nextJson(lines, name) as Started;
    const seconds = (performance.now() - begun) / 1000;
    return new Peer(name, started, seconds, process, lines);
  }

  /** Does `count` pieces of work. */
  async work(count: number): Promise<Answer> {
    await this.#writer.write(new TextEncoder().encode(`${count}\n`));
    return await nextJson(this.#lines, this.name) as Answer;
  }

  /** Lets the process end. */
  async stop(): Promise<void> {
    await this.#writer.close();
    await this.#lines.cancel();
    await this.#process.status;
  }
}

/** The next line that is JSON; other lines, such as notices, are passed over. */
async function nextJson(lines: ReadableStreamDefaultReader<string>, name: string) {
  while (true) {
    const { value, done } = await lines.read();
    if (done) throw new Error(`${name} ended without an answer; its message is above`);
    if (value.startsWith("{")) return JSON.parse(value);
  }
}

/** Lets two processes work in turns; who begins alternates too. Gives the answers of each. */
export async function takeTurns(
  first: Peer,
  second: Peer,
  { pairs, count }: { pairs: number; count: number },
): Promise<{ first: Answer[]; second: Answer[] }> {
  const answers = new Map<Peer, Answer[]>([[first, []], [second, []]]);
  for (let pair = 0; pair < pairs; pair++) {
    for (const peer of pair % 2 === 0 ? [first, second] : [second, first]) {
      answers.get(peer)!.push(await peer.work(count));
    }
  }
  return { first: answers.get(first)!, second: answers.get(second)! };
}
