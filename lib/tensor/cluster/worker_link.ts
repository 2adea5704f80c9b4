/** The line to a worker: requests go out, answers come back, and its silence is noticed. */
import { ClusterError, silent } from "./cluster_error.ts";
import type { Frame, FrameWriter } from "./frames.ts";
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

/** A worker as those that lead it see it, wherever it runs. */
export interface Worker {
  /** The process's number in the system; undefined on another machine. */
  readonly pid: number | undefined;
  /** What it says of itself once it can take requests. Rejects with a ClusterError where it ends before. */
  readonly greeting: Promise<Greeting>;
  /** Settles when it has ended, with why. */
  readonly isOver: Promise<ClusterError>;
  /** Calls `take` when it ends, and when it has given no sign of life for so many seconds. */
  watch(patienceSeconds: number, take: (error: ClusterError) => void): void;
  /** Rejects with a RefusedError, or with a ClusterError where it ends. */
  ask(request: Request, payloads?: Frame["payloads"]): Promise<Reply>;
  /** Tells those beside it on another machine a line of the training's. */
  tell(line: string): void;
  /** Ends it at once; `why`: what failed, for those beside it. */
  kill(why?: Ending): void;
  /** Ends it and waits until it is gone. */
  close(why?: Ending): Promise<void>;
  toString(): string;
}

/** How a training ended, for the programs on other machines. */
export interface Ending {
  outcome: "finished" | "stopped" | "failed";
  message?: string;
}

/** A worker that misses so many signs of life in a row is given up. */
export const missedPings = 4;

export class WorkerLink {
  readonly #name: string;
  readonly #writer: FrameWriter;
  readonly #waiting = new Map<number, PromiseWithResolvers<Reply>>();
  readonly #ready = Promise.withResolvers<Greeting>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #requests = 0;
  #missed = 0;
  #isClosed = false;
  #onLost: (error: ClusterError) => void = () => {};

  /** `name`: what errors call the worker. */
  constructor(name: string, writer: FrameWriter) {
    this.#name = name;
    this.#writer = writer;
    this.#ready.promise.catch(() => {});
  }

  get greeting(): Promise<Greeting> {
    return this.#ready.promise;
  }

  watch(patienceSeconds: number, take: (error: ClusterError) => void): void {
    this.#onLost = take;
    const ping = () => this.#ping(patienceSeconds);
    this.#timer = setInterval(ping, patienceSeconds / missedPings * 1000);
    Deno.unrefTimer(this.#timer as unknown as number);
  }

  async ask(request: Request, payloads: Frame["payloads"] = []): Promise<Reply> {
    const id = this.#requests++;
    const answer = Promise.withResolvers<Reply>();
    this.#waiting.set(id, answer);
    // Where nobody reads any more the worker has ended, which rejects the answer.
    this.#writer.write({ header: { ...request, id }, payloads }).catch(() => {});
    return await answer.promise;
  }

  /** Takes what a worker says, until it says no more. */
  async read(said: AsyncIterable<Frame>, other?: (frame: Frame) => void): Promise<void> {
    for await (const frame of said) {
      const { header, payloads } = frame;
      const answer = header as unknown as Answer | Greeting;
      if (answer.kind === "ready") this.#ready.resolve(answer);
      else if (answer.kind === "done") this.#settled(answer.id)?.resolve({ ...answer, payloads });
      else if (answer.kind === "failed") {
        this.#settled(answer.id)?.reject(new RefusedError(answer.message, answer.code));
      } else other?.(frame);
    }
  }

  /** Nobody is told of the end from now on. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }

  lose(error: ClusterError): void {
    clearInterval(this.#timer);
    this.#ready.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    if (!this.#isClosed) this.#onLost(error);
  }

  #settled(id: number): PromiseWithResolvers<Reply> | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #ping(patienceSeconds: number): void {
    // Counted, not timed: where this program itself stood still nobody has missed anything.
    if (++this.#missed > missedPings) {
      this.lose(new ClusterError(silent(this.#name, patienceSeconds)));
    } else this.ask({ kind: "ping" }).then(() => this.#missed = 0, () => {});
  }
}
