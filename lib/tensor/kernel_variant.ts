/** One compiled form of a step on tfjs's own backends, such as WASM in a browser. */
import * as tf from "tfjs";
import { type StepOnCard, stepOnCard } from "./card.ts";
import { Hazard } from "./hazard.ts";
import { KernelProgram } from "./kernel_program.ts";
import { KernelRecorder } from "./kernel_recorder.ts";
import { type Guard, guardsOf, hold, whileRecording } from "./recording.ts";
import { type CompileReport, noReport } from "./compile_report.ts";
import { sumOfBits } from "./sum_of_bits.ts";
import {
  leaves,
  ownTree,
  shapeOf,
  type TensorTree,
  treeOf,
  type TreeShape,
} from "./tensor_tree.ts";

type Step = (...inputs: tf.Tensor[]) => TensorTree;

export class KernelVariant {
  readonly report: CompileReport = { ...noReport };
  readonly graphDef = null;
  readonly #name: string;
  #guards: Guard[] = [];
  #program: KernelProgram | null = null;
  #outputShape: TreeShape = 0;
  /** The step, until a call has compared the program with it. */
  #unverified: Step | null = null;
  /** The program on a graphics card, once it was verified and where there is one. */
  #onCard: StepOnCard | null = null;

  constructor(name: string) {
    this.#name = name;
  }

  get isCompiled(): boolean {
    return this.#program !== null;
  }

  /** Whether the guarded values are what they were when recording. */
  isFor(): boolean {
    return hold(this.#guards);
  }

  dispose(): void {
    this.#onCard?.dispose();
    this.#onCard = null;
    this.#program?.dispose();
    this.#program = null;
  }

  async run(inputs: readonly tf.Tensor[]): Promise<TensorTree> {
    const step = this.#unverified;
    if (step) return this.#verify(step, inputs);
    const outputs = await this.#onCard?.run(inputs) ?? this.#program!.run(inputs);
    if (this.#onCard) {
      const { isUsed, differences: { largest, allowed } } = this.#onCard;
      this.report.onCard = isUsed;
      Object.assign(this.report, { largestDifference: largest, allowedDifference: allowed });
    }
    return treeOf(this.#outputShape, outputs);
  }

  /** Runs the step as it is written, and records it. */
  record(
    step: Step,
    inputs: readonly tf.Tensor[],
  ): Promise<TensorTree> {
    // With numbers of their own: another call's inputs need not be the same tensor twice.
    const ownInputs = inputs.map((input) => tf.clone(input));
    const recorder = new KernelRecorder(ownInputs);
    const started = performance.now();
    try {
      const outputs = whileRecording(
        recorder,
        () => recorder.listen(),
        () => ownTree(() => step(...ownInputs), this.#name),
      );
      this.report.recordSeconds = (performance.now() - started) / 1000;
      this.#guards = guardsOf(
        recorder.guards,
        (variable) => recorder.read.has(variable) || recorder.assigned.has(variable),
      );
      if (recorder.hazard) this.#stayEager(`${recorder.hazard}`);
      else {
        const numbers = leaves(outputs).map((output) => recorder.numberOf(output));
        this.#program = new KernelProgram(recorder, inputs.length, numbers);
        this.#outputShape = shapeOf(outputs);
        this.#unverified = step;
        this.report.operations = this.#program.calls.length;
        this.report.mode = "compiled";
      }
      return Promise.resolve(outputs);
    } finally {
      recorder.dispose();
      tf.dispose(ownInputs);
    }
  }

  /**
   * The second call runs the program and the step as it is written, from the same start: its inputs and variables
   * have other values than those of the first, so that what a record has missed shows. Where both give the same, bit
   * for bit, later calls run the program alone.
   */
  #verify(step: Step, inputs: readonly tf.Tensor[]): TensorTree {
    const started = performance.now();
    const variables = [...this.#program!.assigned].filter((variable) => !variable.isDisposed);
    const starts = variables.map((variable) => tf.clone(variable));
    let sums: string[] = [], problem = "";
    try {
      try {
        const found = this.#program!.run(inputs);
        try {
          // Of a large network the values themselves would be a quarter more than the step needs.
          sums = [...found, ...variables].map(sumOfBits);
        } finally {
          tf.dispose(found);
        }
      } catch (error) {
        // What is wrong with the inputs, the step says in its own words.
        problem = error instanceof Error ? error.message : `${error}`;
      }
      variables.forEach((variable, index) => variable.assign(starts[index]));
      tf.dispose(starts); // so that an old value is free once the step has put its new one there
      const outputs = ownTree(() => step(...inputs), this.#name);
      const isSame = problem === "" &&
        [...leaves(outputs), ...variables].every((tensor, index) =>
          sumOfBits(tensor) === sums[index]
        );
      this.#unverified = null;
      if (!isSame) this.#stayEager(problem || String(different));
      else this.#onCard = stepOnCard(this.#name, this.#program!);
      return outputs;
    } finally {
      tf.dispose(starts);
      this.report.buildSeconds = (performance.now() - started) / 1000;
    }
  }

  #stayEager(reason: string): void {
    this.dispose();
    this.report.mode = "eager";
    this.report.reason = reason;
    console.warn(`${this.#name} runs eagerly, more slowly: ${reason}.`);
  }
}

const different = new Hazard(
  "the recorded step gives other values than the step itself",
  "look for what it keeps in JavaScript from call to call",
);
