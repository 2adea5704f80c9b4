/** The workers of one training: they start together, and where one fails all end. */
import { kernelDoor } from "../../platform/kernel_door.ts";
import type { DeviceChoice } from "../requests.ts";
import { ClusterError, NotTogetherError, whyLate } from "./cluster_error.ts";
import type { Frame } from "./frames.ts";
import type { Request } from "./messages.ts";
import { ownNetwork } from "./network.ts";
import { type Ending, RefusedError, type Reply, type Worker } from "./worker_link.ts";
import { WorkerProcess } from "./worker_process.ts";

export interface GroupOptions {
  size: number;
  /** Threads of each process. */
  threads: number;
  /** The graphics card of each, where they compute on cards. */
  cards?: readonly string[];
  /** The version of TensorFlow that all must have. */
  tensorflow: string;
  /** What all must compute on. */
  device: DeviceChoice;
  /** Whether they may listen on this machine's own network where they cannot have another. */
  trustNetwork: boolean;
  /** After so many seconds without a sign of life a process is given up. */
  patienceSeconds: number;
}

/** Workers wherever they are, and how they reach one another. */
export interface Machines {
  /** In the order of their numbers. */
  workers: readonly Worker[];
  /** Where TensorFlow of each is reached, as `host:port`. */
  addresses: readonly string[];
  /** Threads of each. */
  threads: readonly number[];
}

/** A request, and the bytes of its tensors. */
export type Letter = [request: Request, payloads?: Frame["payloads"]];

/** Where a process failed and another has ended, the latter is why: so long it may take to be known. */
const graceMilliseconds = 1000;
const deviceInWords = { cpu: "the processor", gpu: "a graphics card" };
/** TensorFlow's code of what took too long. */
const deadlineExceeded = 4;

export class WorkerGroup {
  readonly #workers: Worker[] = [];
  #failure: ClusterError | undefined;
  #kernelHosts: (string | undefined)[] = [];
  /** The machine at which a person has asked to stop. */
  #askedAt: string | undefined;
  #takeStop: (machine: string) => void = () => {};

  /** `sumSeconds`: after so long a sum fails that not all take part in. Default: never. */
  private constructor(readonly sumSeconds?: number) {}

  /**
   * Throws a ClusterError where the workers do not start, or cannot have a network of their own. A notebook's Stop ends
   * it, and them: else nobody would have them, who could.
   */
  static async start(options: GroupOptions): Promise<WorkerGroup> {
    // Processes with a card each keep step; NCCL gives no other sign of a sum that comes to no end.
    const group = new WorkerGroup(options.device === "gpu" ? options.patienceSeconds : undefined);
    const door = kernelDoor();
    let isStopped = false;
    const endWatch = door?.watch({
      stop: () => {
        isStopped = true;
        group.close();
      },
    });
    try {
      await group.#start(options);
      group.requireRunning();
      return group;
    } catch (error) {
      await group.close();
      throw isStopped ? door!.stopped() : error;
    } finally {
      endWatch?.();
    }
  }

  /** A group of workers on several machines; they are the group's own from now on. Throws as {@link start}. */
  static async across(
    machines: Machines,
    settings: Pick<GroupOptions, "tensorflow" | "device" | "patienceSeconds">,
  ): Promise<WorkerGroup> {
    // Two that cannot reach one another both answer the first: only their sum tells.
    const group = new WorkerGroup(settings.patienceSeconds);
    group.#workers.push(...machines.workers);
    try {
      await group.#join(machines, settings);
      return group;
    } catch (error) {
      await group.close({ outcome: "failed", message: (error as Error).message });
      throw error;
    }
  }

  get size(): number {
    return this.#workers.length;
  }

  /** The numbers in the system of those that are on this machine. */
  get pids(): number[] {
    return this.#workers.flatMap(({ pid }) => pid ?? []);
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

  /** A person at another machine asks to stop; who takes that may come later. */
  askToStop(machine: string): void {
    this.#askedAt ??= machine;
    this.#takeStop(machine);
  }

  /** Calls `take` where a person at another machine asks to stop, or has asked, with the machine's name. */
  onStop(take: (machine: string) => void): void {
    this.#takeStop = take;
    if (this.#askedAt !== undefined) take(this.#askedAt);
  }

  /** Those that do not run fused kernels that come from such a host. */
  withoutKernelsOf(host: string): Worker[] {
    return this.#workers.filter((_, number) => this.#kernelHosts[number] !== host);
  }

  /** Says a line of the training's on the other machines. */
  tell(line: string): void {
    for (const worker of this.#workers) worker.tell(line);
  }

  /** Ends all workers, and waits until they are gone; `ending` is for the programs on other machines. */
  async close(ending: Ending = { outcome: "finished" }): Promise<void> {
    this.#failure ??= new ClusterError("the cluster was closed");
    await Promise.all(this.#workers.map((worker) => worker.close(ending)));
  }

  async #start(options: GroupOptions): Promise<void> {
    const { size, threads, cards, trustNetwork } = options;
    const network = await ownNetwork();
    if (!network && !trustNetwork) {
      throw new NotTogetherError(
        "several processes need a network of their own, which this system does not allow (Linux's unshare): " +
          "TensorFlow listens on every address of the machine, and whoever reaches it can read and write files. " +
          "Where everybody on the network may do that, trust it: trustNetwork, or --trust-network",
      );
    }
    const isApart = network !== undefined;
    const start = (prefix: readonly string[] = []) => {
      const number = this.#workers.length;
      const worker = new WorkerProcess(number, prefix, { isApart, card: cards?.[number] });
      this.#workers.push(worker);
      return worker;
    };
    // The others join the first one's network, which must be there.
    const first = start(network?.make);
    await first.greeting;
    this.requireRunning(); // it may have been closed meanwhile
    while (this.size < size) start(network?.join(first.pid));
    const greetings = await Promise.all(this.#workers.map(({ greeting }) => greeting));
    const addresses = greetings.map(({ port }) => `127.0.0.1:${port}`);
    const each = greetings.map(() => threads);
    await this.#join({ workers: this.#workers, addresses, threads: each }, options);
  }

  /** Has all start TensorFlow as one group. */
  async #join(
    { workers, addresses, threads }: Machines,
    { tensorflow, device, patienceSeconds }: Pick<
      GroupOptions,
      "tensorflow" | "device" | "patienceSeconds"
    >,
  ): Promise<void> {
    const greetings = await Promise.all(workers.map(({ greeting }) => greeting));
    greetings.forEach((greeting, number) => {
      if (greeting.tensorflow !== tensorflow) {
        throw new NotTogetherError(
          `${workers[number]} has TensorFlow ${greeting.tensorflow}, this one ${tensorflow}`,
        );
      }
      if (greeting.device !== device) {
        const [its, own] = [greeting.device, device].map((each) => deviceInWords[each]);
        throw new NotTogetherError(
          `${
            workers[number]
          } computes on ${its}, the program of process 0 on ${own}: set TESSERA_DEVICE alike on all`,
        );
      }
    });
    this.#kernelHosts = greetings.map(({ kernelHost }) => kernelHost);
    for (const worker of workers) worker.watch(patienceSeconds, (error) => this.#fail(error));
    await this.ask(workers.map((_, task): Letter => [{
      kind: "join",
      membership: { addresses, task, threads: threads[task] },
    }]));
  }

  async #failed(worker: Worker, error: unknown): Promise<ClusterError> {
    if (!(error instanceof RefusedError)) return this.#fail(error as ClusterError);
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(late.resolve, graceMilliseconds, undefined);
    const ended = await Promise.race([late.promise, ...this.#workers.map(({ isOver }) => isOver)]);
    clearTimeout(timer);
    const isLate = error.code === deadlineExceeded && this.sumSeconds !== undefined;
    const what = isLate
      ? `the processes did not finish a sum in ${this.sumSeconds} seconds: ${whyLate}`
      : error.message;
    return this.#fail(ended ?? new ClusterError(`${worker}: ${what}`));
  }

  /** Ends all; gives why, which is what failed first. */
  #fail(error: ClusterError): ClusterError {
    if (this.#failure) return this.#failure;
    this.#failure = error;
    const ending: Ending = { outcome: "failed", message: error.message };
    for (const worker of this.#workers) worker.kill(ending);
    return error;
  }
}
