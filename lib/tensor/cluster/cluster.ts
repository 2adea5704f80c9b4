import type * as tf from "tfjs";
import type { NativeBackend } from "../native.ts";
import { isRandomState, randomStateOf } from "../random_states.ts";
import { kernelHost } from "../fusion/fusion.ts";
import type { DeviceChoice } from "../requests.ts";
import { leafCount, type TensorTree, treeOf } from "../tensor_tree.ts";
import { untriedOnCards } from "./cards.ts";
import { ClusterError } from "./cluster_error.ts";
import type { ExportedStep } from "./exported_step.ts";
import { bytesOf, describedOf, tensorOf } from "./tensor_bytes.ts";
import type { Letter, WorkerGroup } from "./worker_group.ts";
import type { Ending, Reply } from "./worker_link.ts";

/**
 * Several processes that run recorded steps together; made by {@link localCluster}. The one that leads them, which is
 * this one, is none of them: it records, hands the recordings out with the values of their variables, and reads values
 * back. It serves one training at a time.
 */
export class Cluster {
  /** The number of processes. */
  readonly size: number;
  /** Threads that each computes with. */
  readonly threads: number;
  /** Whether they run fused kernels as this one does: all must have the same processor. */
  readonly isFused: boolean;
  /** What they compute on: what this one does. */
  readonly device: DeviceChoice;
  readonly #group: WorkerGroup;
  readonly #backend: NativeBackend;
  readonly #keys = new Map<tf.Variable, number>();
  /** The tensor that was a variable's value here when the processes had the same. */
  readonly #shared = new Map<tf.Variable, number>();
  /** Variables whose values in the processes are newer than here. */
  readonly #ahead = new Set<tf.Variable>();
  #isBusy = false;
  /** What each process was given. */
  readonly #given: { functions: Set<string>; constants: Set<number>; kernels: Set<number> }[];

  /** `group` becomes the cluster's own; `threads` is what each process of it computes with. */
  constructor(group: WorkerGroup, threads: number, backend: NativeBackend) {
    this.size = group.size;
    this.threads = threads;
    this.#group = group;
    this.#backend = backend;
    this.isFused = areFused(group, backend);
    this.device = backend.binding.device;
    if (this.device === "gpu") sayOnAll(group, untriedOnCards);
    this.#given = Array.from(
      { length: group.size },
      () => ({ functions: new Set(), constants: new Set(), kernels: new Set() }),
    );
  }

  /** The numbers in the system of those processes that are on this machine. */
  get pids(): number[] {
    return this.#group.pids;
  }

  /**
   * Runs steps side by side: process `k` the k-th, with the k-th inputs. Only steps without sums over the processes
   * may be fewer than those. Values that variables were given here since the last run reach all processes before.
   *
   * Throws a ClusterError where a process fails; all have ended then.
   */
  async run(
    steps: readonly ExportedStep[],
    inputs: readonly (readonly tf.Tensor[])[],
  ): Promise<TensorTree[]> {
    await this.#send([...new Set(steps.flatMap(({ reads, states }) => [...reads, ...states]))]);
    await this.#give(steps);
    const letters = steps.map((step, number) => this.#runLetter(step, inputs[number]));
    for (const { states } of steps) states.forEach((state) => this.#ahead.add(state));
    const replies = await this.#group.ask(letters);
    return replies.map((reply, number) => treeOf(steps[number].shape, this.#tensorsOf(reply)));
  }

  /** Gives this process's variables the values that the processes have. */
  async refresh(): Promise<void> {
    const variables = [...this.#ahead];
    if (variables.length === 0) return;
    const keys = variables.map((variable) => this.#keys.get(variable)!);
    const [reply] = await this.#group.ask([[{ kind: "read", keys }]]);
    this.#tensorsOf(reply).forEach((tensor, index) => {
      const variable = variables[index];
      // What was assigned here meanwhile stands.
      if (!variable.isDisposed && this.#idOf(variable) === this.#shared.get(variable)) {
        variable.assign(tensor);
        this.#shared.set(variable, this.#idOf(variable));
      }
      tensor.dispose();
    });
    this.#ahead.clear();
  }

  /**
   * Makes sure that all processes hold the same values, bit for bit. Throws a ClusterError with the name of the first
   * variable that differs; streams of random numbers, which are each process's own, do not count.
   */
  async requireEqual(named: ReadonlyMap<string, tf.Variable>): Promise<void> {
    const compared = [...named].filter(([, variable]) =>
      this.#keys.has(variable) && !isRandomState(variable)
    );
    const keys = compared.map(([, variable]) => this.#keys.get(variable)!);
    const replies = await this.#group.ask(this.#toAll([{ kind: "checksums", keys }]));
    const sums = replies.map(({ checksums }) => checksums!);
    compared.forEach(([name], index) => {
      const other = sums.findIndex((each) => each[index] !== sums[0][index]);
      if (other < 0) return;
      throw new ClusterError(`processes 0 and ${other} hold different values of ${name}`);
    });
  }

  /**
   * Before a training: the processes forget all that they were given. Throws the ClusterError by which a process failed
   * before, and one where another training is under way.
   */
  async begin(): Promise<void> {
    this.#group.requireRunning();
    if (this.#isBusy) {
      throw new ClusterError(
        "the cluster trains already: wait for its end, or start another cluster",
      );
    }
    this.#isBusy = true;
    this.#keys.clear();
    this.#shared.clear();
    this.#ahead.clear();
    for (const { functions, constants } of this.#given) {
      functions.clear();
      constants.clear();
    }
    await this.#group.ask(this.#toAll([{ kind: "forget" }]));
  }

  /** After a training: the next one may begin. */
  end(): void {
    this.#isBusy = false;
  }

  /** Seconds after which a sum fails that not all processes take part in; undefined where they are never cut off. */
  get sumSeconds(): number | undefined {
    return this.#group.sumSeconds;
  }

  /** Says a line of the training's on the other machines. */
  tell(line: string): void {
    this.#group.tell(line);
  }

  /** Calls `take` where a person on another machine asks to stop, or has asked, with the machine's name. */
  onStop(take: (machine: string) => void): void {
    this.#group.onStop(take);
  }

  /** Ends the processes, and waits until they are gone; `ending` is what the programs on other machines say. */
  async close(ending?: Ending): Promise<void> {
    await this.#group.close(ending);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #idOf(variable: tf.Variable): number {
    return this.#backend.getInputTensorIds([variable])[0];
  }

  #toAll(letter: Letter): Letter[] {
    return Array.from({ length: this.size }, () => letter);
  }

  /** Sends the values of those variables that have other values here than in the processes. */
  async #send(variables: readonly tf.Variable[]): Promise<void> {
    const { binding } = this.#backend;
    const changed = variables.filter((each) => this.#shared.get(each) !== this.#idOf(each));
    if (changed.length === 0) return;
    const handles = changed.map((variable) => binding.handleOf(this.#idOf(variable)));
    const keys = changed.map((variable) => this.#keyOf(variable));
    const tensors = handles.map((handle) => describedOf(binding, handle));
    const values = handles.map((handle) => bytesOf(binding, handle));
    await this.#group.ask(this.#given.map((_, number): Letter => [
      { kind: "variables", keys, tensors },
      values.map((bytes, index) =>
        isRandomState(changed[index]) ? ownStream(bytes, number) : bytes
      ),
    ]));
    for (const variable of changed) {
      this.#shared.set(variable, this.#idOf(variable));
      this.#ahead.delete(variable);
    }
  }

  #keyOf(variable: tf.Variable): number {
    const known = this.#keys.get(variable) ?? this.#keys.size;
    this.#keys.set(variable, known);
    return known;
  }

  /** Gives each process the constants and the function of its step, where it has not got them. */
  async #give(steps: readonly ExportedStep[]): Promise<void> {
    const { binding } = this.#backend;
    const copies = new Map<number, Uint8Array<ArrayBuffer>>();
    const missing = steps.map(({ constants }, number) =>
      constants.filter(({ id }) => !this.#given[number].constants.has(id))
    );
    if (missing.some(({ length }) => length > 0)) {
      for (const { id, handle } of missing.flat()) {
        if (!copies.has(id)) copies.set(id, bytesOf(binding, handle));
      }
      await this.#group.ask(missing.map((constants): Letter => [{
        kind: "constants",
        keys: constants.map(({ id }) => id),
        tensors: constants.map(({ handle }) => describedOf(binding, handle)),
      }, constants.map(({ id }) => copies.get(id)!)]));
      missing.forEach((constants, number) =>
        constants.forEach(({ id }) => this.#given[number].constants.add(id))
      );
    }
    await this.#giveKernels(steps);
    const unknown = steps.filter(({ name }, number) => !this.#given[number].functions.has(name));
    if (unknown.length === 0) return;
    await this.#group.ask(
      steps.map(({ name, definition }, number): Letter =>
        this.#given[number].functions.has(name)
          ? [{ kind: "ping" }]
          : [{ kind: "function", name }, [definition]]
      ),
    );
    steps.forEach(({ name }, number) => this.#given[number].functions.add(name));
  }

  /** Gives each process the fused kernels of its step, where it has not got them; it keeps them until it ends. */
  async #giveKernels(steps: readonly ExportedStep[]): Promise<void> {
    const missing = steps.map(({ code }, number) =>
      (code?.kernels ?? []).filter((each) => !this.#given[number].kernels.has(each.number))
    );
    if (missing.every(({ length }) => length === 0)) return;
    await this.#group.ask(missing.map((kernels, number): Letter => {
      if (kernels.length === 0) return [{ kind: "ping" }];
      const { opName, driver } = steps[number].code!;
      const images = [driver, ...kernels.map(({ image }) => image)];
      return [{
        ...{ kind: "kernels", opName, numbers: kernels.map((each) => each.number) },
        images: images.map(({ writableFrom, symbols }) => ({ writableFrom, symbols })),
      }, images.map(({ bytes }) => bytes)];
    }));
    missing.forEach((kernels, number) =>
      kernels.forEach((each) => this.#given[number].kernels.add(each.number))
    );
  }

  #runLetter(step: ExportedStep, inputs: readonly tf.Tensor[]): Letter {
    const { binding } = this.#backend;
    const handles = this.#backend.getInputTensorIds(inputs).map((id) => binding.handleOf(id));
    return [{
      kind: "run",
      name: step.name,
      tensors: handles.map((handle) => describedOf(binding, handle)),
      reads: step.reads.map((variable) => this.#keys.get(variable)!),
      constants: step.constants.map(({ id }) => id),
      states: step.states.map((variable) => this.#keys.get(variable)!),
      outputs: leafCount(step.shape),
      precision: step.precision,
      isDeterministic: binding.api.isDeterminismEnabled?.() ?? false,
    }, handles.map((handle) => bytesOf(binding, handle))];
  }

  #tensorsOf({ tensors, payloads }: Reply): tf.Tensor[] {
    const { binding } = this.#backend;
    return tensors!.map((described, index) =>
      this.#backend.createOutputTensor(binding.adopt(tensorOf(binding, described, payloads[index])))
    );
  }
}

/** Whether all can run this program's fused kernels; where one cannot all programs say so, for it costs speed. */
function areFused(group: WorkerGroup, { binding }: NativeBackend): boolean {
  const host = kernelHost(binding.TF_Version);
  if (host === undefined) return false;
  const [other] = group.withoutKernelsOf(host);
  if (other) {
    const line =
      `Steps run without fused kernels, more slowly: ${other} has another processor, or TESSERA_FUSION is off there.`;
    sayOnAll(group, line);
  }
  return other === undefined;
}

function sayOnAll(group: WorkerGroup, line: string): void {
  console.warn(line);
  group.tell(line);
}

/** The bytes of a random stream's state for one process. */
function ownStream(bytes: Uint8Array<ArrayBuffer>, number: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(randomStateOf(new Int32Array(bytes.buffer), number).buffer);
}
