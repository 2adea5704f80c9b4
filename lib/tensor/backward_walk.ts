/**
 * The walk back over tfjs's tape. tfjs's own takes no complex gradient, and fails on a kernel that was called
 * without one of its optional inputs, such as the scale of a batch normalisation.
 */
import * as tf from "tfjs";

/** A recorded kernel call, as tfjs's gradient tape holds it. */
export interface TapeNode {
  id: number;
  kernelName: string;
  inputs: Record<string, tf.Tensor>;
  outputs: tf.Tensor[];
  saved?: (tf.Tensor | undefined)[];
  gradient?: (dys: (tf.Tensor | null)[]) => Record<string, () => tf.Tensor>;
}

/** tfjs's engine, as far as it takes gradients. */
interface Engine {
  state: {
    activeTape: TapeNode[] | null;
    activeScope: { name: string };
    gradientDepth: number;
  };
  startTape(): void;
  endTape(): void;
  scopedRun<T>(start: () => void, end: () => void, run: () => T): T;
  tidy<T extends tf.TensorContainer>(name: string | (() => T), run?: () => T): T;
  addTapeNode(kernelName: string, inputs: Record<string, tf.Tensor>, ...rest: unknown[]): void;
  clone(x: tf.Tensor): tf.Tensor;
  saveTensorsForBackwardMode(tensors: (tf.Tensor | undefined)[]): (tf.Tensor | undefined)[];
  gradients(
    f: () => tf.Tensor,
    xs: tf.Tensor[],
    dy?: tf.Tensor | null,
    allowNoGradients?: boolean,
  ): { value: tf.Tensor; grads: tf.Tensor[] };
}

/** The nodes that lead from `xs` to `y`, in their order, with the inputs that depend on `xs`. */
function between(tape: TapeNode[], xs: tf.Tensor[], y: tf.Tensor): TapeNode[] {
  const fromXs = new Set(xs.map(({ id }) => id)), toY = new Set([y.id]);
  const reached = tape.map((node) => {
    const isReached = Object.values(node.inputs).some(({ id }) => fromXs.has(id));
    if (isReached) node.outputs.forEach(({ id }) => fromXs.add(id));
    return isReached;
  });
  const leads = tape.map(() => false);
  for (let at = tape.length - 1; at >= 0; at--) {
    leads[at] = tape[at].outputs.some(({ id }) => toY.has(id));
    if (leads[at]) Object.values(tape[at].inputs).forEach(({ id }) => toY.add(id));
  }
  return tape.filter((_, at) => reached[at] && leads[at]).map((node) => ({
    ...node,
    inputs: Object.fromEntries(Object.entries(node.inputs).filter(([, { id }]) => fromXs.has(id))),
  }));
}

/** A gradient that is real though its input is complex, such as zeros, as a complex one. */
function likeInput(dx: tf.Tensor, x: tf.Tensor): tf.Tensor {
  const isReal = x.dtype === "complex64" && dx.dtype === "float32";
  return isReal ? tf.complex(dx, tf.zeros(dx.shape)) : dx;
}

/** Throws where a gradient does not fit what it is the gradient of. */
function checkGradient(node: TapeNode, name: string, dx: tf.Tensor): void {
  const x = node.inputs[name];
  const where = `Error in gradient for op ${node.kernelName}. The gradient of input '${name}'`;
  const dtype = x.dtype === "complex64" ? "complex64" : "float32";
  if (dx.dtype !== dtype) {
    throw new Error(`${where} must have '${dtype}' dtype, but has '${dx.dtype}'`);
  }
  if (!tf.util.arraysEqual(dx.shape, x.shape)) {
    throw new Error(
      `${where} has shape '${dx.shape}', which does not match the shape of the input '${x.shape}'`,
    );
  }
}

/** Walks `tape` backwards and adds what it finds to `gradients`, by the tensors' numbers. */
function walk(engine: Engine, tape: TapeNode[], gradients: Map<number, tf.Tensor>): void {
  for (const node of tape.toReversed()) {
    if (!node.gradient) {
      throw new Error(
        `Cannot compute gradient: gradient function not found for ${node.kernelName}.`,
      );
    }
    const functions = node.gradient(node.outputs.map(({ id }) => gradients.get(id) ?? null));
    for (const [name, x] of Object.entries(node.inputs)) {
      if (!(name in functions)) {
        throw new Error(
          `Cannot backprop through input ${name} of ${node.kernelName}. ` +
            `Available gradients found: ${Object.keys(functions)}.`,
        );
      }
      const dx = engine.tidy(() => likeInput(functions[name](), x));
      checkGradient(node, name, dx);
      const before = gradients.get(x.id);
      gradients.set(x.id, before === undefined ? dx : tf.add(before, dx));
      before?.dispose();
    }
  }
}

/** Makes tfjs's engine walk so. Called once, before anything else changes the engine. */
export function walkBackward(): void {
  const engine = tf.engine() as unknown as Engine;

  const addTapeNode = engine.addTapeNode.bind(engine);
  engine.addTapeNode = (kernelName, inputs, ...rest) => {
    const given = Object.entries(inputs).filter(([, input]) => input != null);
    addTapeNode(kernelName, Object.fromEntries(given), ...rest);
    noteBeforeCopies(engine.state.activeTape!);
  };

  // The copies that are saved for a gradient; tfjs's lose their imaginary part on the way back.
  engine.clone = (x) => {
    const y = tf.engine().runKernel("Identity", { x }) as tf.Tensor;
    const gradient = (dy: tf.Tensor) => ({ x: () => tf.clone(dy) });
    engine.addTapeNode(engine.state.activeScope.name, { x }, [y], gradient, [], {});
    return y;
  };

  const save = engine.saveTensorsForBackwardMode.bind(engine);
  engine.saveTensorsForBackwardMode = (tensors) =>
    tensors.map((tensor) => tensor == null ? undefined : save([tensor])[0]);

  engine.gradients = (f, xs, dy, allowNoGradients = false) => {
    tf.util.assert(xs.length > 0, () => "gradients() received an empty list of xs.");
    if (dy != null && dy.dtype !== "float32" && dy.dtype !== "complex64") {
      throw new Error(`dy must have 'float32' dtype, but has '${dy.dtype}'`);
    }
    const y = engine.scopedRun(
      () => engine.startTape(),
      () => engine.endTape(),
      () => engine.tidy("forward", f),
    );
    tf.util.assert(
      y instanceof tf.Tensor,
      () => "The result y returned by f() must be a tensor.",
    );
    // A gradient function may take a gradient itself: it then has a tape of its own.
    const whole = engine.state.activeTape!;
    const tape = between(whole, xs, y);
    if (!allowNoGradients && tape.length === 0) {
      throw new Error(
        "Cannot compute gradient of y=f(x) with respect to x. Make sure that the f you passed " +
          "encloses all operations that lead from x to y.",
      );
    }
    return engine.tidy("backward", () => {
      const gradients = new Map([[y.id, dy ?? tf.ones(y.shape)]]);
      walk(engine, tape, gradients);
      // Undefined for a tensor that y does not depend on, as in tfjs.
      const grads = xs.map(({ id }) => gradients.get(id)!);
      if (engine.state.gradientDepth === 0) {
        whole.forEach(({ saved }) => saved?.forEach((tensor) => tensor?.dispose()));
        engine.state.activeTape = null;
      }
      return { value: y, grads };
    });
  };
}

/**
 * Moves the tape's newest node before those that copied its outputs to save them: tfjs notes the copies first,
 * and a gradient of a gradient that comes back through a copy would find its op already passed.
 */
function noteBeforeCopies(tape: TapeNode[]): void {
  const node = tape[tape.length - 1];
  const made = new Set(node.outputs.map(({ id }) => id));
  let place = tape.length - 1;
  while (place > 0 && Object.values(tape[place - 1].inputs).some(({ id }) => made.has(id))) {
    tape[place] = tape[place - 1];
    place--;
  }
  tape[place] = node;
}
