/** Finds out whether the library's ready-made parts do what the learner is asked to write. */
import * as tf from "../../tensor/tf.ts";
import { atEnd, kernelDoor } from "../../platform/kernel_door.ts";
import { stackOf } from "../../platform/stack.ts";
import type { Module } from "../../nn/module.ts";
import { failure } from "./check.ts";

/** The rule for all tasks, as the notebooks state it. */
export const ownWorkRule =
  "What a task asks for may not come from the library, nor extend the library's class for it. Write it yourself, " +
  "from the parts that the text names.";

/** The library's classes that a task may not be solved by. */
export interface ReadyMade {
  kinds: readonly (abstract new (...options: never[]) => Module)[];
  rule: string;
}

/** Throws a `CheckError` where a module is, or holds, one of the library's classes `kinds`. */
export function assertOwnModule(name: string, module: Module, { kinds, rule }: ReadyMade): void {
  for (const [path, each] of module.namedModules()) {
    const kind = kinds.find((kind) => each instanceof kind);
    if (!kind) continue;
    const place = path === "" ? `${name} is` : `${name}: \`${path}\` is`;
    throw failure(`${place} the library's ${kind.name}.`, rule);
  }
}

export interface Watch {
  name: string;
  /** The ready-made part on a stack. */
  search: (stack: string) => string | undefined;
  rule: string;
  /**
   * The operations at which it is looked, by tfjs's names, where the ready-made part has one of them: to put a
   * stack into words takes longer than the operation. Default: all, and each tensor made of numbers.
   */
  operations?: RegExp;
  /** Whether what the call throws is somebody else's to say. */
  mayThrow?: boolean;
}

/** A cell may put another in its place. */
const TraceError = Error;

/**
 * The place of one of the library's functions on a stack, whatever it is called by: `tessera.patchify(x)` is
 * "Module.patchify" there, and `parts.cut(x)` "Object.patchify [as cut]". `names` are joined by "|", `file` is below lib.
 */
export function functionFrame(names: string, file: string): RegExp {
  const path = file.replaceAll(".", "\\.");
  return new RegExp(`\\bat (?:[^ ]+\\.)?(${names})(?: \\[as .*\\])? \\(.*/lib/${path}:`);
}

/**
 * As {@link assertOwnModule}, of what computes: throws a `CheckError` where `ours` is computed by the forward pass
 * of `theirs`, the library's, however that came into it: held where no walk finds it, borrowed from the class's
 * prototype, or constructed in another way.
 */
export function assertComputesOwn(
  name: string,
  { ours, theirs, input }: { ours: Module; theirs: Module; input: tf.Tensor },
  { kinds, rule }: ReadyMade,
): void {
  // One that a class inherits may be a part to compute with, such as a row of layers.
  const kind = kinds.find((kind) =>
    theirs instanceof kind && Object.hasOwn(kind.prototype, "forward")
  );
  const places = kind ? placesOf(theirs, input) : [];
  watched(() => tf.tidy(() => void ours.forward(input)), {
    ...{ name, rule, mayThrow: true },
    search: (stack) => places.some((place) => stack.includes(place)) ? kind!.name : undefined,
  });
}

/** From where in its own forward pass one of the library's modules asks for operations. */
function placesOf(module: Module, input: tf.Tensor): string[] {
  const places = new Set<string>();
  watched(() => tf.tidy(() => callForPlaces(module, input)), {
    ...{ name: "", rule: "", mayThrow: true },
    search: (stack) => {
      const frames = stack.split("\n");
      const outside = frames.findIndex((frame) => /\bat callForPlaces \(/.test(frame));
      const outermost = frames.slice(0, outside).findLast((frame) => forwardFrame.test(frame));
      const place = forwardFrame.exec(outermost ?? "")?.[1];
      // The reference of a check may be the check's own.
      if (place && !place.includes("/lib/exercises/")) places.add(place);
      return undefined;
    },
  });
  return [...places];
}

function callForPlaces(module: Module, input: tf.Tensor): void {
  module.forward(input);
}

const forwardFrame = /\.forward(?: \[as .*\])? (\([^()]*\/lib\/[^()]*\))$/;

/** What is found on the stacks of calls, whatever a cell lets stacks say. */
function foundIn(calls: readonly Error[], search: Watch["search"]): string | undefined {
  const { prepareStackTrace } = TraceError;
  TraceError.prepareStackTrace = (_error, sites) =>
    sites.map((site) => `    at ${site}`).join("\n");
  try {
    for (const call of calls) {
      const found = search(stackOf(call));
      if (found) return found;
    }
  } finally {
    TraceError.prepareStackTrace = prepareStackTrace;
  }
}

/** Calls, and throws a `CheckError` where a ready-made part computes any of it. */
export function watched<T>(
  call: () => T,
  { name, search, rule, operations, mayThrow = false }: Watch,
): T | undefined {
  const engine = tf.engine();
  const { runKernel, makeTensor } = engine;
  const { stackTraceLimit } = TraceError;
  const calls: Error[] = [];
  const note = () => {
    TraceError.stackTraceLimit = 100; // what is watched may have shortened it
    calls[calls.length] = new TraceError();
  };
  // Every operation passes by here, and each tensor made of numbers; the stack tells who asked for it.
  engine.runKernel = function (...inputs: Parameters<typeof engine.runKernel>) {
    if (!operations || operations.test(inputs[0])) note();
    return runKernel.apply(engine, inputs);
  } as typeof runKernel;
  if (!operations) {
    engine.makeTensor = function (...inputs) {
      note();
      return makeTensor.apply(engine, inputs);
    };
  }
  const end = atEnd(() => {
    TraceError.stackTraceLimit = stackTraceLimit;
    Object.assign(engine, { runKernel, makeTensor });
  });
  let outcome: { result: T } | { error: unknown };
  try {
    outcome = { result: call() };
  } catch (error) {
    // Where the library refuses what it was given, that is not the first thing wrong.
    const { cause } = error as Error;
    calls[calls.length] = (cause as Error | undefined)?.stack ? cause as Error : error as Error;
    outcome = { error };
  } finally {
    end();
  }
  // Only now, when nothing that the watched code has put in the place of built-ins is left.
  kernelDoor()?.restoreClasses();
  const found = foundIn(calls, search);
  if (found) throw failure(`${name} calls the library's \`${found}\`.`, rule);
  if ("result" in outcome) return outcome.result;
  if (!mayThrow) throw outcome.error;
}
