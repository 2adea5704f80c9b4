/** The step that is being recorded, if there is one, and what code inside it can tell the recorder. */
import * as tf from "tfjs";
import { atEnd } from "../platform/kernel_door.ts";
import { nativeBackend } from "./native.ts";

/** A JavaScript value that a step depends on, when it was recorded. */
export interface Guard {
  read: () => unknown;
  value: unknown;
  /** The variable without which a step does not depend on it. */
  of?: tf.Variable;
}

/** Whether the guarded values are what they were when recording. */
export function hold(guards: readonly Guard[]): boolean {
  return guards.every(({ read, value }) => Object.is(read(), value));
}

/** The guards on which a step depends that uses some variables. */
export function guardsOf(
  guards: readonly Guard[],
  isUsed: (variable: tf.Variable) => boolean,
): Guard[] {
  return guards.filter(({ of }) => of === undefined || isUsed(of));
}

/** Whoever records a step. */
export interface Listener {
  readonly guards: Guard[];
  /** Notes the first thing that forbids compiling. */
  forbid(what: string, instead: string): void;
  /** Keeps a tensor's present value for the comparison of compiled against eager. */
  observe?(label: string, id: number): void;
}

let current: Listener | null = null;

/** Whether a step is being recorded. */
export function isRecording(): boolean {
  return current !== null;
}

/**
 * Tells the recorder that a step's behaviour depends on a JavaScript value, such as a module's
 * training mode: a record made under one value is not used under another.
 */
export function guard<T>(read: () => T): T {
  const value = read();
  current?.guards.push({ read, value });
  return value;
}

/** Names tensors, such as gradients, that compiled and eager runs are compared by. */
export function observe(label: string, tensors: readonly tf.Tensor[]): void {
  const backend = nativeBackend();
  if (current === null || backend === null) return;
  const ids = backend.getInputTensorIds(tensors);
  ids.forEach((id, index) => current!.observe?.(`${label} ${index}`, id));
}

/**
 * Calls `step` while `listener` listens, as `listen` begins it and what that gives ends it; and for two things that
 * are no ops, host randomness and new variables. Which variables are trainable is guarded: tfjs asks that itself.
 */
export function whileRecording<T>(
  listener: Listener,
  listen: () => () => void,
  step: () => T,
): T {
  const random = Math.random;
  Math.random = () => {
    listener.forbid(
      "it draws random numbers on the host (tf.randomUniform, tf.dropout, Math.random)",
      "draw from tessera's Random, or pass the numbers in as a tensor",
    );
    return random();
  };
  const engine = tf.engine();
  for (const variable of Object.values(engine.registeredVariables)) {
    const { trainable: value } = variable;
    listener.guards.push({ read: () => variable.trainable, value, of: variable });
  }
  const makeVariable = engine.makeVariable;
  engine.makeVariable = (...settings) => {
    listener.forbid("it makes a tf.variable", "make variables before the step");
    return makeVariable.apply(engine, settings);
  };
  const endListening = listen();
  current = listener;
  const end = atEnd(() => {
    endListening();
    current = null;
    Math.random = random;
    engine.makeVariable = makeVariable;
  });
  try {
    return step();
  } finally {
    end();
  }
}
