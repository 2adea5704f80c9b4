/** Follows a computation operation by operation: what each one got, what it gave, and who asked for it. */
import * as tf from "../../tensor/tf.ts";
import { atEnd } from "../../platform/kernel_door.ts";

/** A tensor as an operation got or gave it; its value is kept, for the tensor itself may be freed. */
export interface TracedTensor {
  id: number;
  shape: readonly number[];
  dtype: tf.DataType;
  /** Its values; empty where they were not asked for. */
  values: Float32Array;
  /** Its value, where it is a single number. */
  loneValue?: number;
}

/** One operation of tfjs, or one of the library's own with a gradient of its own. */
export interface TracedStep {
  /** tfjs's name of the kernel ("BatchMatMul"); of the library's own operations its function's ("gelu"). */
  readonly name: string;
  readonly inputs: readonly TracedTensor[];
  readonly outputs: readonly TracedTensor[];
  readonly attributes: object;
  /** The calls that led to it, the innermost first. */
  readonly stack: string;
}

export interface Trace<T> {
  /** What the computation gave, where it came to its end. */
  result?: T;
  /** What it threw. */
  error?: unknown;
  steps: readonly TracedStep[];
  /** The operation that threw, if it was one. */
  failed?: TracedStep;
}

export interface TraceOptions {
  /** The tensors whose values are kept. Default: none but single numbers. */
  values?: (tensor: tf.Tensor) => boolean;
  /** Whether to note who asked for each operation, which takes most of the time. Default: true. */
  places?: boolean;
}

/** Deep enough for a cell's own line behind the calls of tfjs and the library. */
const stackDepth = 60;

/**
 * Runs a computation and notes each operation, also where it throws in the end. Keeps what those tensors held
 * that `values` chooses.
 */
export function trace<T>(
  compute: () => T,
  { values = () => false, places = true }: TraceOptions = {},
): Trace<T> {
  const steps: TracedStep[] = [];
  let failed: TracedStep | undefined;
  // What every operation passes by is private to tfjs's engine.
  const engine = tf.engine() as unknown as { runKernelFunc(parameters: object): unknown };
  const before = engine.runKernelFunc;
  let depth = 0;
  const noted = (tensor: tf.Tensor): TracedTensor => {
    const { id, shape, dtype } = tensor;
    const isRead = dtype !== "string" && !tensor.isDisposed &&
      (shape.length === 0 || values(tensor));
    const held = isRead ? Float32Array.from(tensor.dataSync() as Float32Array) : new Float32Array();
    const loneValue = isRead && tensor.size === 1 ? held[0] : undefined;
    return { id, shape: [...shape], dtype, values: held, loneValue };
  };
  // Every operation passes by here, those with a gradient of their own too; what these are made of is not noted.
  engine.runKernelFunc = function (parameters) {
    if (depth > 0) return before.call(engine, parameters);
    depth++;
    const place = places ? new Error() : undefined;
    const { kernelName, inputs, attrs = {} } = parameters as {
      kernelName?: string;
      inputs: object;
      attrs?: object;
    };
    const step = (outputs: readonly tf.Tensor[]): TracedStep => ({
      inputs: Object.values(inputs).flat().filter((each) => each instanceof tf.Tensor).map(noted),
      outputs: outputs.map(noted),
      attributes: attrs,
      // Put into words only when asked for.
      get stack() {
        return withoutEngine(place?.stack ?? "");
      },
      get name() {
        return kernelName ?? operationIn(this.stack);
      },
    });
    try {
      const given = before.call(engine, parameters) as tf.Tensor | tf.Tensor[];
      steps.push(step([given].flat()));
      return given;
    } catch (error) {
      failed = step([]);
      throw error;
    } finally {
      depth--;
    }
  };
  const { stackTraceLimit } = Error;
  const end = atEnd(() => {
    engine.runKernelFunc = before;
    Error.stackTraceLimit = stackTraceLimit;
  });
  Error.stackTraceLimit = stackDepth;
  try {
    return { result: compute(), steps };
  } catch (error) {
    return { error, steps, failed };
  } finally {
    end();
  }
}

/** As {@link trace}, for a computation whose result is not wanted: its tensors are freed. */
export function steps(
  compute: () => unknown,
  options: TraceOptions = {},
): Trace<void> {
  let found!: Trace<unknown>;
  tf.tidy(() => {
    found = trace(compute, options);
  });
  const { error, steps, failed } = found;
  return { error, steps, failed };
}

/** A stack without the calls that do the following. */
function withoutEngine(stack: string): string {
  return stack.split("\n").filter((line) => !line.includes("/lib/exercises/engine/")).join("\n");
}

/** The library's function on a stack that an operation without a name belongs to. */
function operationIn(stack: string): string {
  return /\bat (?:\w+\.)?(\w+) \(.*\/lib\/tensor\/ops\.ts:/.exec(stack)?.[1] ?? "operation";
}
