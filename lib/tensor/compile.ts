/**
 * Turns a step, a plain function of tensors, into one TensorFlow function.
 *
 * The first call with inputs of given shapes runs the step as it is written and records the ops that it
 * executes. The record becomes a TensorFlow function; later calls run that, on another thread, with no
 * JavaScript between the ops. Variables that the step assigns, or updates by an optimizer, become
 * state that stays in TensorFlow.
 *
 * Recording cannot be wrong in silence. What a record cannot hold — a value read in mid-step, host
 * randomness, a shape that depends on data — leaves the step eager, and one line says why. Once, right
 * after recording, the function's results and gradients are compared with those of the eager run.
 *
 * On tfjs's own backends, such as WASM in a browser, the record is a list of kernels that later calls run one after
 * the other, with no gradient tape; their values are the eager ones bit for bit.
 *
 * JavaScript values are read when recording: a number that changes from call to call must be a tensor, and come in as an
 * input or lie in a variable. Another tensor that the step knows from outside is a constant of its record, whatever the
 * name that held it holds later; natively the step is recorded anew once that tensor is disposed.
 */
import * as tf from "tfjs";
import { given } from "../platform/given.ts";
import { atEnd } from "../platform/kernel_door.ts";
import { type CompileReport, noReport } from "./compile_report.ts";
import { KernelVariant } from "./kernel_variant.ts";
import type { ExportedStep, Together } from "./cluster/exported_step.ts";
import { keptValues } from "./kept_values.ts";
import { nativeBackend } from "./native.ts";
import { inPrecision, type Precision, precision, switchPrecision } from "./precision.ts";
import { isRecording } from "./recording.ts";
import { ownTree, type TensorTree } from "./tensor_tree.ts";
import { Variant } from "./variant.ts";

export { guard, observe } from "./recording.ts";
export type { CompileReport, TensorTree };

export interface CompileOptions {
  /** What messages call the step. Default: the function's name. */
  name?: string;
  /** `false` runs the step as it is written, always. */
  enabled?: boolean;
  /** What a graphics card computes the step in. Default: what is set when it is called. */
  precision?: Precision;
  /** Processes that are to run the step together, by {@link CompiledStep.exported}. Default: none but this one. */
  together?: Together;
}

/** A step that runs as one TensorFlow function after its first call; made by {@link compile}. */
export interface CompiledStep<Inputs extends tf.Tensor[], Outputs> {
  /** Runs the step. The caller owns the outputs and disposes them; inputs stay the caller's. */
  (...inputs: Inputs): Promise<Outputs>;
  /**
   * The step for other processes, as recorded with inputs of these shapes; nothing that it changes is changed here.
   * `beforeRecording` is called where it was not recorded yet. Throws an Error where it cannot be compiled.
   */
  exported(inputs: Inputs, beforeRecording: () => Promise<void>): Promise<ExportedStep>;
  /** One report for each signature of shapes and types seen so far. */
  reports(): CompileReport[];
  /** The recorded graph of the first signature, as a serialized `GraphDef`; null where eager. */
  graphDef(): Uint8Array<ArrayBuffer> | null;
  /** Frees the functions and the constants that they hold. */
  dispose(): void;
}

/** Compiled calls run one after another: two steps on one model must not mix. */
let queue: Promise<unknown> = Promise.resolve();

function inTurn<T>(task: () => Promise<T>): Promise<T> {
  const { promise: end, resolve } = Promise.withResolvers<void>();
  const turn = queue.then(async () => {
    const leave = atEnd(resolve);
    try {
      return await task();
    } finally {
      leave();
    }
  });
  queue = end;
  return turn;
}

/**
 * A function that behaves as `step` does and runs as one TensorFlow function after its first call.
 * Throws a TypeError where `step` is asynchronous or returns something other than tensors, or is called
 * with a `tf.Variable` or with what is no tensor.
 *
 * ```ts
 * const square = compile((x: tf.Tensor) => tf.square(x));
 * await (await square(tf.tensor([1, 2, 3]))).array(); // [1, 4, 9]
 * ```
 */
export function compile<Inputs extends tf.Tensor[], Outputs extends TensorTree>(
  step: (...inputs: Inputs) => Outputs,
  options: CompileOptions = {},
): CompiledStep<Inputs, Outputs> {
  const name = options.name ?? (step.name || "step");
  const variants = new Map<string, (Variant | KernelVariant)[]>();
  /** Of signatures that nothing compiles, since it is not wanted. */
  const eagerReports = new Map<string, CompileReport>();

  /** By signature how often a recording was done again since a tensor from outside was gone. */
  const renewals = new Map<string, number>();

  const { together } = options;
  const sums = together && { together, step: stepsOfClusters++ };

  const runEagerly = (inputs: Inputs) => ownTree(() => step(...inputs), name);

  const inOwnPrecision = <T>(task: () => Promise<T>) =>
    inTurn(async () => {
      const end = switchPrecision(options.precision ?? precision());
      try {
        return await task();
      } finally {
        end();
      }
    });

  /** The form for these inputs; where it had to be recorded, also what the step gave then. */
  const found = async (
    inputs: Inputs,
    beforeRecording?: () => Promise<void>,
  ): Promise<{ variant: Variant | KernelVariant; outputs?: Outputs }> => {
    const key = `${tf.getBackend()} ${precision()} ${signature(inputs)}`;
    const known = variants.get(key) ?? [];
    variants.set(key, known);
    // What other processes run takes nothing from outside, and a call of theirs may still need it.
    const outdated = sums ? [] : known.filter((each) => each instanceof Variant && each.isOutdated);
    for (const each of outdated) {
      each.dispose();
      known.splice(known.indexOf(each), 1);
      renewals.set(key, (renewals.get(key) ?? 0) + 1);
      if (renewals.get(key) === MANY_RENEWALS) sayRenewals(name);
    }
    const fitting = known.find((each) => each.isFor());
    if (fitting) return { variant: fitting };
    await beforeRecording?.();
    const backend = nativeBackend();
    const variant = backend === null ? new KernelVariant(name) : new Variant(backend, name, sums);
    const outputs = await variant.record(step as (...inputs: tf.Tensor[]) => Outputs, inputs);
    // A step that throws is recorded anew by the next call.
    known.push(variant);
    return { variant, outputs: outputs as Outputs };
  };

  const call = async (...inputs: Inputs): Promise<Outputs> => {
    requireTensors(name, inputs);
    const variable = inputs.findIndex((input) => input instanceof tf.Variable);
    if (variable >= 0) {
      throw new TypeError(
        `${name}: input ${variable} is a tf.Variable; name it inside the step, which knows the ` +
          "variables around it, or give variable.clone()",
      );
    }
    // Within another step that is being recorded it is a part of that one.
    if (isRecording()) return runEagerly(inputs);
    if (options.enabled === false) {
      const outputs = inPrecision(options.precision ?? precision(), () => runEagerly(inputs));
      eagerReports.set(signature(inputs), eagerReport);
      return outputs;
    }
    return await inOwnPrecision(async () => {
      // Here, since calls wait for each other, and inputs may go meanwhile.
      requirePresent(name, inputs);
      const { variant, outputs } = await found(inputs);
      variant.report.calls++;
      if (outputs !== undefined) return outputs;
      return (variant.isCompiled ? await variant.run(inputs) : runEagerly(inputs)) as Outputs;
    });
  };
  const exported = async (inputs: Inputs, beforeRecording: () => Promise<void>) =>
    await inOwnPrecision(async () => {
      let restore: (() => void) | undefined;
      try {
        const { variant, outputs } = await found(inputs, async () => {
          await beforeRecording();
          restore = keptValues();
        });
        if (outputs !== undefined) tf.dispose(outputs as tf.TensorContainer);
        const step = variant instanceof Variant ? variant.exported : null;
        if (step) return step;
        const reason = variant.report.reason || "it runs on tfjs's own backend";
        throw new Error(`${name} cannot run on several processes: ${reason}`);
      } finally {
        restore?.();
      }
    });
  const all = () => [...variants.values()].flat();
  return Object.assign(call, {
    exported,
    reports: () => [...eagerReports.values(), ...all().map((variant) => variant.report)],
    graphDef: () => all().find((variant) => variant.isCompiled)?.graphDef ?? null,
    dispose() {
      for (const variant of all()) variant.dispose();
      variants.clear();
      eagerReports.clear();
    },
  });
}

/** So many recordings of one step done again are no accident. */
const MANY_RENEWALS = 3;

function sayRenewals(name: string): void {
  console.warn(
    `${name} is recorded again and again, which takes long: it uses a tensor from outside that is disposed ` +
      "between its calls. Give it that tensor as an input.",
  );
}

/** Throws a TypeError where an input is no tensor. */
function requireTensors(name: string, inputs: readonly unknown[]): void {
  const other = inputs.findIndex((input) => !(input instanceof tf.Tensor));
  if (other < 0) return;
  const value = inputs[other];
  const instead = typeof value === "number" ? `: give tf.scalar(${value})` : "";
  throw new TypeError(`${name}: input ${other} is ${given(value)}, must be a tensor${instead}`);
}

/** Throws a ReferenceError where an input is disposed: somewhere inside tfjs that fails without a name. */
function requirePresent(name: string, inputs: readonly tf.Tensor[]): void {
  const gone = inputs.findIndex((input) => input.isDisposed);
  if (gone < 0) return;
  throw new ReferenceError(
    `${name}: input ${gone}, ${inputs[gone].dtype}[${
      inputs[gone].shape
    }], was disposed before the step ran; ` +
      "await the step before its inputs are disposed, and before a tf.tidy that made them ends",
  );
}

/** Steps for several processes so far, each of which has a number. */
let stepsOfClusters = 0;

const eagerReport: CompileReport = { ...noReport, mode: "eager", reason: "enabled is false" };

function signature(inputs: readonly tf.Tensor[]): string {
  return inputs.map((input) => `${input.dtype}[${input.shape}]`).join();
}
