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
 * JavaScript values are read when recording: a number that changes from call to call must be a tensor.
 */
import * as tf from "tfjs";
import { atEnd } from "../platform/kernel_door.ts";
import { type CompileReport, noReport } from "./compile_report.ts";
import { KernelVariant } from "./kernel_variant.ts";
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
}

/** A step that runs as one TensorFlow function after its first call; made by {@link compile}. */
export interface CompiledStep<Inputs extends tf.Tensor[], Outputs> {
  /** Runs the step. The caller owns the outputs and disposes them; inputs stay the caller's. */
  (...inputs: Inputs): Promise<Outputs>;
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
 * with a `tf.Variable`.
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

  const runEagerly = (inputs: Inputs) => ownTree(() => step(...inputs), name);

  const call = async (...inputs: Inputs): Promise<Outputs> => {
    const variable = inputs.findIndex((input) => input instanceof tf.Variable);
    if (variable >= 0) {
      throw new TypeError(
        `${name}: input ${variable} is a tf.Variable; name it inside the step, which knows the ` +
          "variables around it, or give variable.clone()",
      );
    }
    const backend = nativeBackend();
    // Within another step that is being recorded it is a part of that one.
    if (isRecording()) return runEagerly(inputs);
    if (options.enabled === false) {
      const outputs = inPrecision(options.precision ?? precision(), () => runEagerly(inputs));
      eagerReports.set(signature(inputs), eagerReport);
      return outputs;
    }
    const answer = async () => {
      const key = `${tf.getBackend()} ${precision()} ${signature(inputs)}`;
      const known = variants.get(key) ?? [];
      variants.set(key, known);
      let variant = known.find((each) => each.isFor());
      if (variant === undefined) {
        variant = backend === null ? new KernelVariant(name) : new Variant(backend, name);
        const outputs = await variant.record(step as (...inputs: tf.Tensor[]) => Outputs, inputs);
        // A step that throws is recorded anew by the next call.
        known.push(variant);
        variant.report.calls++;
        return outputs as Outputs;
      }
      variant.report.calls++;
      return (variant.isCompiled ? await variant.run(inputs) : runEagerly(inputs)) as Outputs;
    };
    return await inTurn(async () => {
      const end = switchPrecision(options.precision ?? precision());
      try {
        return await answer();
      } finally {
        end();
      }
    });
  };
  const all = () => [...variants.values()].flat();
  return Object.assign(call, {
    reports: () => [...eagerReports.values(), ...all().map((variant) => variant.report)],
    graphDef: () => all().find((variant) => variant.isCompiled)?.graphDef ?? null,
    dispose() {
      for (const variant of all()) variant.dispose();
      variants.clear();
      eagerReports.clear();
    },
  });
}

const eagerReport: CompileReport = { ...noReport, mode: "eager", reason: "enabled is false" };

function signature(inputs: readonly tf.Tensor[]): string {
  return inputs.map((input) => `${input.dtype}[${input.shape}]`).join();
}
