/** A program of another machine than the first: its worker does what the first one asks for. */
import { cardsHere } from "./cards.ts";
import { ClusterError, NotTogetherError, silent } from "./cluster_error.ts";
import type { Frame } from "./frames.ts";
import { type MachinesOptions, requireMachines, threadsHere } from "./machines.ts";
import type { Request } from "./messages.ts";
import {
  closed,
  endpointOf,
  firstFrame,
  greeted,
  type Hello,
  type Line,
  type Notice,
  outcomeOf,
  problemWithPort,
  say,
  trySeconds,
  within,
} from "./rendezvous.ts";
import { type Ending, missedPings, RefusedError } from "./worker_link.ts";
import { WorkerProcess } from "./worker_process.ts";

/** What a follower is given beside what all are. */
export interface FollowOptions extends MachinesOptions {
  /** Calls `stop` where a person asks to stop here; returns how to end that. */
  onStop(stop: () => void): () => void;
  /** Takes a line of the training's. */
  tell(line: string): void;
}

/** Between two tries to reach the first program. */
const pauseMilliseconds = 500;
/** So long one that cannot take part tries to tell the first program. */
const problemSeconds = 20;

/**
 * Takes part in a training that the first program leads, until it ends; gives how. Throws a ClusterError where it
 * failed, here or elsewhere.
 */
export async function followMachines(options: FollowOptions): Promise<Ending["outcome"]> {
  requireMachines(options);
  const { addresses, task, card, threads } = options;
  const hello: Hello = {
    ...{ kind: "hello", task, size: addresses.length, threads: threadsHere(threads), card },
    problem: problemWithPort(addresses[task]),
  };
  const line = await reached(options, hello.problem);
  try {
    await say(line, hello);
    const [first, rest] = await introduced(line, options);
    if (first.kind === "end") throw new NotTogetherError(first.message);
    return await new Follower(line, options).follow(rest);
  } finally {
    closed(line.connection);
  }
}

/** What the first program answers once all have come. */
async function introduced(
  line: Line,
  { addresses, waitSeconds }: MachinesOptions,
): Promise<[Notice, AsyncGenerator<Frame>]> {
  try {
    const [{ header }, rest] = await firstFrame(line, waitSeconds);
    return [header as unknown as Notice, rest];
  } catch {
    throw new NotTogetherError(`process 0 (${addresses[0]}) is gone: the connection to it ended`);
  }
}

/** A line to the first program, which may come later. */
async function reached(options: MachinesOptions, problem?: string): Promise<Line> {
  const { addresses: [address], waitSeconds } = options;
  const seconds = problem ? problemSeconds : waitSeconds;
  const end = performance.now() + seconds * 1000;
  for (let tries = 0;; tries++) {
    try {
      const connection = await within(trySeconds, Deno.connect(endpointOf(address)));
      return await greeted(connection, address);
    } catch (error) {
      // A Tessera that is not there yet; any other program that is there stays.
      const isLater =
        !(error instanceof NotTogetherError && /there is no Tessera/.test(error.message));
      if (!isLater) throw error;
      if (tries === 0) options.say(`waits for ${address}${whyUnknown(error as Error)}`);
      if (performance.now() > end) {
        const why = `${address} was not reached in ${seconds} seconds: ${(error as Error).message}`;
        throw new NotTogetherError(problem ?? why);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
  }
}

/** What is said of a name that nobody knows: it may be misspelt, or come later, as Kubernetes' do. */
function whyUnknown({ message }: Error): string {
  return /lookup/i.test(message) ? `, a name that is not known here (yet): ${message}` : "";
}

class Follower {
  readonly #line: Line;
  readonly #options: FollowOptions;
  readonly #worker: WorkerProcess;
  readonly #ended = Promise.withResolvers<Ending["outcome"]>();
  #silence = 0;
  #isEnding = false;

  constructor(line: Line, options: FollowOptions) {
    this.#line = line;
    this.#options = options;
    const card = cardsHere(1)?.[0];
    this.#worker = new WorkerProcess(options.task, [], { isApart: false, card });
    this.#worker.isOver.then(async ({ message }) => {
      if (this.#isEnding) return; // by this program itself
      await this.#tellLost(message);
      this.#ended.reject(new ClusterError(message));
    });
  }

  async follow(rest: AsyncGenerator<Frame>): Promise<Ending["outcome"]> {
    const endListening = this.#options.onStop(() => {
      say(this.#line, { kind: "stop" }).catch(() => {});
    });
    const { patienceSeconds } = this.#options;
    // Counted, not timed: where this program itself stood still nobody was silent.
    const timer = setInterval(() => {
      if (++this.#silence <= missedPings) return;
      const message = silent(this.#leader, patienceSeconds);
      this.#tellLost(message); // where it comes back it hears why
      this.#ended.reject(new ClusterError(message));
    }, patienceSeconds / missedPings * 1000);
    this.#greet().catch(() => {});
    this.#read(rest).catch(this.#ended.reject);
    try {
      return await this.#ended.promise;
    } finally {
      this.#isEnding = true;
      clearInterval(timer);
      endListening();
      await this.#worker.close();
    }
  }

  get #leader(): string {
    return `process 0 (${this.#options.addresses[0]})`;
  }

  async #tellLost(message: string): Promise<void> {
    await say(this.#line, { kind: "lost", message }).catch(() => {});
  }

  async #greet(): Promise<void> {
    await this.#line.writer.write({ header: { ...await this.#worker.greeting }, payloads: [] });
  }

  async #read(rest: AsyncGenerator<Frame>): Promise<void> {
    try {
      for await (const { header, payloads } of rest) {
        this.#silence = 0;
        const notice = header as unknown as Notice;
        if (notice.kind === "say") this.#options.tell(notice.line);
        else if (notice.kind === "alive") say(this.#line, { kind: "alive" }).catch(() => {});
        else if (notice.kind === "end") return this.#ended.resolve(outcomeOf(notice));
        else this.#pass(header as unknown as Request & { id: number }, payloads);
      }
    } catch (error) {
      if (error instanceof ClusterError) throw error;
    }
    throw new ClusterError(`${this.#leader} is gone: the connection to it ended`);
  }

  /** Has the worker answer, in the first program's numbers. */
  async #pass(
    { id, ...request }: Request & { id: number },
    payloads: Frame["payloads"],
  ): Promise<void> {
    const answer = async (): Promise<Frame> => {
      try {
        const { payloads: values, ...reply } = await this.#worker.ask(request as Request, payloads);
        return { header: { ...reply, kind: "done", id }, payloads: values };
      } catch (error) {
        const { message } = error as Error;
        const code = error instanceof RefusedError ? error.code : undefined;
        return { header: { kind: "failed", id, message, code }, payloads: [] };
      }
    };
    const frame = await answer();
    await this.#line.writer.write(frame).catch(() => {});
  }
}
