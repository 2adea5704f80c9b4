/** The workers of one training: they start together, and where one fails all end. */
import { ClusterError } from "./cluster_error.ts";
import type { Frame } from "./frames.ts";
import type { Request } from "./messages.ts";
import { ownNetwork } from "./network.ts";
import { RefusedError, type Reply, WorkerProcess } from "./worker_process.ts";

export interface GroupOptions {
  size: number;
  /** Threads of each process. */
  threads: number;
  /** The version of TensorFlow that all must have. */
  tensorflow: string;
  /** Whether they may listen on this machine's own network where they cannot have another. */
  trustNetwork: boolean;
  /** After so many seconds without a sign of life a process is given up. */
  patienceSeconds: number;
}

/** A request, and the bytes of its tensors. */
export type Letter = [request: Request, payloads?: Frame["payloads"]];

/** Where a process failed and another has ended, the latter is why: so long it may take to be known. */
const graceMilliseconds = 1000;

export class WorkerGroup {
  readonly #workers: WorkerProcess[] = [];
  #failure: ClusterError | undefined;

  private constructor() {}

  /** Throws a ClusterError where the workers do not start, or cannot have a network of their own. */
  static async start(options: GroupOptions): Promise<WorkerGroup> {
    const group = new WorkerGroup();
    try {
      await group.#start(options);
      return group;
    } catch (error) {
      await group.close();
      throw error;
    }
  }

  get size(): number {
    return this.#workers.length;
  }

  /** The processes' numbers in the system. */
  get pids(): number[] {
    return this.#workers.map(({ pid }) => pid);
  }

  /**
   * Asks each worker that there is a letter for, and waits for all. Throws a ClusterError where one fails; then all
   * are ended, and later calls throw the same.
   */
  async ask(letters: readonly Letter[]): Promise<Reply[]> {
    this.requireRunning();
    return await Promise.all(letters.map(async (letter, number) => {
      const worker = this.#workers[number];
      try {
        return await worker.ask(...letter);
      } catch (error) {
        throw await this.#failed(worker, error);
      }
    }));
  }

  /** Throws why the workers have ended, where they have. */
  requireRunning(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Ends all workers, and waits until they are gone. */
  async close(): Promise<void> {
    this.#failure ??= new ClusterError("the cluster was closed");
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }

  async #start(options: GroupOptions): Promise<void> {
    const { size, threads, tensorflow, trustNetwork, patienceSeconds } = options;
    const network = await ownNetwork();
    if (!network && !trustNetwork) {
      throw new ClusterError(
        "several processes need a network of their own, which this system does not allow (Linux's unshare): " +
          "TensorFlow listens on every address of the machine, and whoever reaches it can read and write files. " +
          "Where everybody on the network may do that, trust it: trustNetwork, or --trust-network",
      );
    }
    const isApart = network !== undefined;
    const start = (prefix: readonly string[] = []) => {
      const worker = new WorkerProcess(this.#workers.length, prefix, { isApart });
      this.#workers.push(worker);
      return worker;
    };
    // The others join the first one's network, which must be there.
    const first = start(network?.make);
    await first.greeting;
    while (this.size < size) start(network?.join(first.pid));
    const greetings = await Promise.all(this.#workers.map(({ greeting }) => greeting));
    greetings.forEach((greeting, number) => {
      if (greeting.tensorflow === tensorflow) return;
      throw new ClusterError(
        `${this.#workers[number]} has TensorFlow ${greeting.tensorflow}, this one ${tensorflow}`,
      );
    });
    const addresses = greetings.map(({ port }) => `127.0.0.1:${port}`);
    for (const worker of this.#workers) {
      worker.watch(patienceSeconds, (error) => this.#fail(error));
    }
    await this.ask(greetings.map((_, task) => [{
      kind: "join",
      membership: { addresses, task, threads },
    }]));
  }

  async #failed(worker: WorkerProcess, error: unknown): Promise<ClusterError> {
    if (!(error instanceof RefusedError)) return this.#fail(error as ClusterError);
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(late.resolve, graceMilliseconds, undefined);
    const ended = await Promise.race([late.promise, ...this.#workers.map(({ isOver }) => isOver)]);
    clearTimeout(timer);
    return this.#fail(ended ?? new ClusterError(`${worker}: ${error.message}`));
  }

  /** Ends all; gives why, which is what failed first. */
  #fail(error: ClusterError): ClusterError {
    if (this.#failure) return this.#failure;
    this.#failure = error;
    for (const worker of this.#workers) worker.kill();
    return error;
  }
}
