/** A worker as the process that started it sees it. */
import { ownProgram } from "../own_program.ts";
import { environmentFor } from "./cards.ts";
import { ClusterError, whyLate } from "./cluster_error.ts";
import { type Frame, frames, FrameWriter } from "./frames.ts";
import type { Greeting, Request } from "./messages.ts";
import { type Reply, type Worker, WorkerLink } from "./worker_link.ts";

/** A program before the worker's own, by which it starts in another network namespace. */
export type Prefix = readonly string[];

/** What a worker said last is shown where it ends. */
const keptLines = 5;

const program = new URL("worker.ts", import.meta.url).href;
/** The environment's proxies are for the internet, not for the processes of a group. */
const noProxies = {
  http_proxy: "",
  https_proxy: "",
  grpc_proxy: "",
  HTTP_PROXY: "",
  HTTPS_PROXY: "",
};

export class WorkerProcess implements Worker {
  readonly number: number;
  readonly #process: Deno.ChildProcess;
  readonly #writer: FrameWriter;
  readonly #link: WorkerLink;
  readonly #lines: string[] = [];
  readonly #output: Promise<void>;
  readonly #isOver: Promise<ClusterError>;

  /**
   * Starts worker `number`; `isApart`: whether its network is its group's own; `card`: the graphics card that it sees,
   * by number or name, where it computes on one.
   */
  constructor(
    number: number,
    prefix: Prefix,
    { isApart, card }: { isApart: boolean; card?: string },
  ) {
    this.number = number;
    const [command, ...args] = [
      ...prefix,
      ...ownProgram(program),
      ...(isApart ? ["--apart"] : []),
    ];
    this.#process = new Deno.Command(command, {
      args,
      env: { ...noProxies, ...environmentFor(card) },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#writer = new FrameWriter(this.#process.stdin);
    this.#link = new WorkerLink(`${this}`, this.#writer);
    const answers = this.#link.read(frames(this.#process.stdout));
    this.#output = Promise.all([answers, this.#readLines()]).then(() => {});
    this.#isOver = this.#describeEnd();
    this.#isOver.then((error) => this.#link.lose(error));
  }

  /** The process's number in the system. */
  get pid(): number {
    return this.#process.pid;
  }

  get greeting(): Promise<Greeting> {
    return this.#link.greeting;
  }

  get isOver(): Promise<ClusterError> {
    return this.#isOver;
  }

  watch(patienceSeconds: number, take: (error: ClusterError) => void): void {
    this.#link.watch(patienceSeconds, take);
  }

  async ask(request: Request, payloads: Frame["payloads"] = []): Promise<Reply> {
    return await this.#link.ask(request, payloads);
  }

  /** On this machine the program that trains says everything itself. */
  tell(_line: string): void {}

  kill(): void {
    this.#link.close();
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
  }

  async close(): Promise<void> {
    this.kill();
    await this.#isOver;
    await this.#writer.close().catch(() => {});
  }

  async #readLines(): Promise<void> {
    for await (const text of this.#process.stderr.pipeThrough(new TextDecoderStream())) {
      this.#lines.push(...text.split("\n").filter((line) => line.trim() !== ""));
      this.#lines.splice(0, this.#lines.length - keptLines);
    }
  }

  async #describeEnd(): Promise<ClusterError> {
    const { code, signal } = await this.#process.status;
    await this.#output;
    // TensorFlow, giving up a sum that comes to no end, may end its process: its locks are in use still.
    if (signal && this.#lines.some((line) => line.includes("Collective has timed out"))) {
      return new ClusterError(
        `${this} did not finish a sum in time, and TensorFlow ended it by ${signal}; of the processes ${whyLate}`,
      );
    }
    const killer = signal === "SIGKILL" ? ", which a system sends where memory runs out" : "";
    const how = signal ? `was ended by ${signal}${killer}` : `ended with exit code ${code}`;
    const said = this.#lines.length > 0 ? `; it said: ${this.#lines.join(" / ")}` : "";
    return new ClusterError(`${this} ${how}${said}`);
  }

  toString(): string {
    return `process ${this.number} (PID ${this.pid})`;
  }
}
