/** A worker as the process that started it sees it. */
import { kernelDoor } from "../../platform/kernel_door.ts";
import { ClusterError } from "./cluster_error.ts";
import { type Frame, frames, FrameWriter } from "./frames.ts";
import type { Answer, Greeting, Request } from "./messages.ts";

/** A worker's answer to a request. */
export interface Reply extends Pick<Answer & { kind: "done" }, "tensors" | "checksums"> {
  payloads: Frame["payloads"];
}

/** What TensorFlow refused in a worker. */
export class RefusedError extends Error {
  override name = "RefusedError";
  constructor(message: string, readonly code: number | undefined) {
    super(message);
  }
}

/** A program before the worker's own, by which it starts in another network namespace. */
export type Prefix = readonly string[];

/** A worker that misses so many signs of life in a row is given up. */
const missedPings = 4;
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

export class WorkerProcess {
  readonly number: number;
  readonly #process: Deno.ChildProcess;
  readonly #writer: FrameWriter;
  readonly #waiting = new Map<number, PromiseWithResolvers<Reply>>();
  readonly #ready = Promise.withResolvers<Greeting>();
  readonly #lines: string[] = [];
  readonly #output: Promise<void>;
  readonly #isOver: Promise<ClusterError>;
  #timer: ReturnType<typeof setInterval> | undefined;
  #requests = 0;
  #missed = 0;
  #onLost: (error: ClusterError) => void = () => {};
  #isClosed = false;

  /** Starts worker `number`; `isApart`: whether its network is its group's own. */
  constructor(number: number, prefix: Prefix, { isApart }: { isApart: boolean }) {
    this.number = number;
    const own = [
      "run",
      "--quiet",
      "--no-config",
      "--no-lock",
      "--cached-only",
      "--allow-all",
      program,
    ];
    // As the threads of a kernel that compute (`polite_threads.ts`): behind those that answer.
    const polite = Deno.build.os === "linux" && kernelDoor() ? ["nice", "-n", "10"] : [];
    const [command, ...args] = [
      ...prefix,
      ...polite,
      Deno.execPath(),
      ...own,
      ...(isApart ? ["--apart"] : []),
    ];
    this.#process = new Deno.Command(command, {
      args,
      env: { ...noProxies, TESSERA_DEVICE: "cpu" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#writer = new FrameWriter(this.#process.stdin);
    this.#output = Promise.all([this.#readAnswers(), this.#readLines()]).then(() => {});
    this.#isOver = this.#describeEnd();
    this.#isOver.then((error) => this.#lose(error));
    this.#ready.promise.catch(() => {});
  }

  /** The process's number in the system. */
  get pid(): number {
    return this.#process.pid;
  }

  /** What it says of itself once it can take requests. Rejects with a ClusterError where it ends before. */
  get greeting(): Promise<Greeting> {
    return this.#ready.promise;
  }

  /** Settles when the process has ended, with why. */
  get isOver(): Promise<ClusterError> {
    return this.#isOver;
  }

  /** Calls `take` when the process ends, and when it has given no sign of life for so many seconds. */
  watch(patienceSeconds: number, take: (error: ClusterError) => void): void {
    this.#onLost = take;
    const ping = () => this.#ping(patienceSeconds);
    this.#timer = setInterval(ping, patienceSeconds / missedPings * 1000);
    Deno.unrefTimer(this.#timer as unknown as number);
  }

  /** Rejects with a RefusedError, or with a ClusterError where the process ends. */
  async ask(request: Request, payloads: Frame["payloads"] = []): Promise<Reply> {
    const id = this.#requests++;
    const answer = Promise.withResolvers<Reply>();
    this.#waiting.set(id, answer);
    // Where the pipe is broken the process has ended, which rejects the answer.
    this.#writer.write({ header: { ...request, id }, payloads }).catch(() => {});
    return await answer.promise;
  }

  /** Ends the process at once. */
  kill(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
  }

  /** Ends the process and waits until it is gone. */
  async close(): Promise<void> {
    this.kill();
    await this.#isOver;
    await this.#writer.close().catch(() => {});
  }

  #ping(patienceSeconds: number): void {
    // Counted, not timed: where this program itself stood still nobody has missed anything.
    if (++this.#missed > missedPings) {
      this.#lose(
        new ClusterError(
          `${this} has not answered for ${patienceSeconds} seconds: it was stopped, or its machine is ` +
            "overloaded",
        ),
      );
    } else this.ask({ kind: "ping" }).then(() => this.#missed = 0, () => {});
  }

  #lose(error: ClusterError): void {
    clearInterval(this.#timer);
    this.#ready.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    if (!this.#isClosed) this.#onLost(error);
  }

  async #readAnswers(): Promise<void> {
    for await (const { header, payloads } of frames(this.#process.stdout)) {
      const answer = header as unknown as Answer | Greeting;
      if (answer.kind === "ready") this.#ready.resolve(answer);
      else {
        const waiting = this.#waiting.get(answer.id);
        this.#waiting.delete(answer.id);
        if (answer.kind === "done") waiting?.resolve({ ...answer, payloads });
        else waiting?.reject(new RefusedError(answer.message, answer.code));
      }
    }
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
    const killer = signal === "SIGKILL" ? ", which a system sends where memory runs out" : "";
    const how = signal ? `was ended by ${signal}${killer}` : `ended with exit code ${code}`;
    const said = this.#lines.length > 0 ? `; it said: ${this.#lines.join(" / ")}` : "";
    return new ClusterError(`${this} ${how}${said}`);
  }

  toString(): string {
    return `process ${this.number} (PID ${this.pid})`;
  }
}
