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
 * JavaScript values are read when recording: a number that changes from call to call must be a tensor.
 */
import * as tf from "tfjs";
import type { Pointer, TensorMetadata } from "./binding.ts";
import { TensorFlowError } from "./binding.ts";
import { compareTensors } from "./compare_tensors.ts";
import { buildFunction, type GraphFunction } from "./graph_function.ts";
import { type NativeBackend, nativeBackend } from "./native.ts";
import { Hazard, Recorder } from "./recorder.ts";

/** What a step returns: a tensor, or an array or record of tensors. */
export type TensorTree = tf.Tensor | readonly tf.Tensor[] | { readonly [name: string]: tf.Tensor };

/** How a step came to run, for `./tessera bench` and for those who ask. */
export interface CompileReport {
  mode: "recorded" | "compiled" | "eager";
  /** Why the step runs eagerly; empty where it is compiled. */
  reason: string;
  /** Seconds of the recording call (one eager step) and of building and checking the function. */
  recordSeconds: number;
  buildSeconds: number;
  /** Operations in the function. */
  operations: number;
  /** The largest difference between compiled and eager, relative to the tensor's largest value. */
  largestDifference: number;
}

export interface CompileOptions {
  /** What messages call the step. Default: the function's name. */
  name?: string;
  /** `false` runs the step as it is written, always. */
  enabled?: boolean;
}

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

/** Compiled and eager may differ by this much of a tensor's largest value, and no more. */
const TOLERANCE = 2e-3;
/** Host constants above this size become inputs of the function instead of parts of it. */
const LARGEST_CONSTANT_BYTES = 16 * 1024;

let recording: Recorder | null = null;

/**
 * Tells the recorder that a step's behaviour depends on a JavaScript value, such as a module's
 * training mode: a record made under one value is not used under another.
 */
export function guard<T>(read: () => T): T {
  const value = read();
  recording?.guards.push({ read, value });
  return value;
}

/** Names tensors, such as gradients, that compiled and eager runs are compared by. */
export function observe(label: string, tensors: readonly tf.Tensor[]): void {
  const backend = nativeBackend();
  if (recording === null || backend === null) return;
  const ids = backend.getInputTensorIds(tensors);
  ids.forEach((id, index) => recording!.observe(`${label} ${index}`, id));
}

/** Whether a step is being recorded: then an optimizer's variables may not be swapped. */
export function isRecording(): boolean {
  return recording !== null;
}

/** Compiled calls run one after another: two steps on one model must not mix. */
let queue: Promise<unknown> = Promise.resolve();

function inTurn<T>(task: () => Promise<T>): Promise<T> {
  const turn = queue.then(task);
  queue = turn.catch(() => {});
  return turn;
}

/**
 * A function that behaves as `step` does and runs as one TensorFlow function after its first call.
 * Throws a TypeError where `step` is asynchronous or returns something other than tensors.
 */
export function compile<Inputs extends tf.Tensor[], Outputs extends TensorTree>(
  step: (...inputs: Inputs) => Outputs,
  options: CompileOptions = {},
): CompiledStep<Inputs, Outputs> {
  const name = options.name ?? (step.name || "step");
  const variants = new Map<string, Variant[]>();

  const runEagerly = (inputs: Inputs) => tidily(() => checkedTree(step(...inputs), name));

  const call = async (...inputs: Inputs): Promise<Outputs> => {
    const backend = nativeBackend();
    if (options.enabled === false || backend === null || recording !== null) {
      return runEagerly(inputs);
    }
    return await inTurn(async () => {
      const key = signature(inputs);
      const known = variants.get(key) ?? [];
      variants.set(key, known);
      let variant = known.find((each) => each.isFor());
      if (variant === undefined) {
        variant = new Variant(backend, name);
        known.push(variant);
        return await variant.record(() => step(...inputs), inputs) as Outputs;
      }
      return (variant.isCompiled ? await variant.run(inputs) : runEagerly(inputs)) as Outputs;
    });
  };
  const all = () => [...variants.values()].flat();
  return Object.assign(call, {
    reports: () => all().map((variant) => variant.report),
    graphDef: () => all().find((variant) => variant.isCompiled)?.graphDef ?? null,
    dispose() {
      for (const variant of all()) variant.dispose();
      variants.clear();
    },
  });
}

const isVariable = (tensor: tf.Tensor) => tensor instanceof tf.Variable;

function signature(inputs: readonly tf.Tensor[]): string {
  return inputs.map((input) => `${input.dtype}[${input.shape}]`).join();
}

/** The tensors of a tree, in order. */
function leaves(tree: TensorTree): tf.Tensor[] {
  return tree instanceof tf.Tensor ? [tree] : Object.values(tree);
}

/** How a tree is built: a single tensor, an array of so many, or a record with these names. */
type TreeShape = null | number | string[];

function shapeOf(tree: TensorTree): TreeShape {
  if (tree instanceof tf.Tensor) return null;
  return Array.isArray(tree) ? tree.length : Object.keys(tree);
}

function treeOf(shape: TreeShape, tensors: tf.Tensor[]): TensorTree {
  if (shape === null) return tensors[0];
  if (typeof shape === "number") return tensors;
  return Object.fromEntries(shape.map((name, index) => [name, tensors[index]]));
}

function leafCount(shape: TreeShape): number {
  return shape === null ? 1 : typeof shape === "number" ? shape : shape.length;
}

/** `tf.tidy`, for trees that are read-only. */
function tidily<T extends TensorTree>(step: () => T): T {
  return tf.tidy(step as () => tf.TensorContainer) as T;
}

function checkedTree<T extends TensorTree>(tree: T, name: string): T {
  if (tree instanceof Promise) {
    throw new TypeError(`${name}: a compiled step must not be async or return a promise`);
  }
  const isTree = typeof tree === "object" && tree !== null &&
    leaves(tree).every((leaf) => leaf instanceof tf.Tensor);
  if (!isTree) {
    throw new TypeError(
      `${name}: a compiled step returns a tensor, or an array or record of tensors`,
    );
  }
  return tree;
}

/** All of tfjs's variables: whatever a step changes is among them. */
function registeredVariables(): tf.Variable[] {
  return Object.values(tf.engine().registeredVariables);
}

/** One recording of a step: for inputs of certain shapes, under certain guarded values. */
class Variant {
  readonly report: CompileReport = {
    mode: "recorded",
    reason: "",
    recordSeconds: 0,
    buildSeconds: 0,
    operations: 0,
    largestDifference: 0,
  };
  readonly #backend: NativeBackend;
  readonly #name: string;
  #guards: Recorder["guards"] = [];
  #function: GraphFunction | null = null;
  /** Handles of constants that the function takes as inputs. */
  #constants: Pointer[] = [];
  #readVariables: tf.Variable[] = [];
  #states: tf.Variable[] = [];
  #outputShape: TreeShape = 0;

  constructor(backend: NativeBackend, name: string) {
    this.#backend = backend;
    this.#name = name;
  }

  get isCompiled(): boolean {
    return this.#function !== null;
  }

  get graphDef(): Uint8Array<ArrayBuffer> | null {
    return this.#function?.graphDef ?? null;
  }

  /** Whether the guarded values are what they were when recording. */
  isFor(): boolean {
    return this.#guards.every(({ read, value }) => Object.is(read(), value));
  }

  dispose(): void {
    this.#function?.dispose();
    this.#function = null;
    const { api } = this.#backend.binding;
    this.#constants.forEach((handle) => api.TFE_DeleteTensorHandle(handle));
    this.#constants = [];
  }

  // ---- Running ------------------------------------------------------------------------------

  /** Runs the function on another thread. */
  async run(inputs: readonly tf.Tensor[]): Promise<TensorTree> {
    const { binding } = this.#backend;
    const ids = this.#backend.getInputTensorIds(inputs);
    const read = this.#readVariables.map((variable) => this.#idOf(variable));
    const states = this.#states.map((variable) => this.#ownId(variable));
    const cells = states.map((id) => binding.cellOf(id));
    const handles = [...ids, ...read].map((id) => binding.handleOf(id));
    // A value read from a cell and kept would make TensorFlow copy the cell before it writes.
    states.forEach((id) => binding.forgetValue(id));
    let outputs: Pointer[];
    try {
      outputs = await binding.runInBackground(
        this.#function!.name,
        [...handles, ...this.#constants, ...cells],
        leafCount(this.#outputShape),
      );
    } catch (error) {
      throw this.#explained(error);
    } finally {
      // What was read while the step ran is out of date.
      states.forEach((id) => binding.forgetValue(id));
    }
    const tensors = outputs.map((handle) =>
      this.#backend.createOutputTensor(binding.adopt(handle))
    );
    return treeOf(this.#outputShape, tensors);
  }

  #idOf(variable: tf.Variable): number {
    if (variable.isDisposed) {
      throw new ReferenceError(`${this.#name}: a variable that the step uses was disposed`);
    }
    return this.#backend.getInputTensorIds([variable])[0];
  }

  /** The number of a state, which nothing else may share: the cell behind it changes in place. */
  #ownId(variable: tf.Variable): number {
    const id = this.#idOf(variable);
    return this.#backend.tensorMap.get(variable.dataId).refCount > 1
      ? this.#giveOwnId(variable, id)
      : id;
  }

  #giveOwnId(variable: tf.Variable, id: number): number {
    const { binding } = this.#backend;
    const own = binding.detachCell(id);
    const tensor = this.#backend.createOutputTensor(binding.metadata(own));
    variable.assign(tensor);
    tensor.dispose();
    return own;
  }

  /** TensorFlow's error with the line of the user's code that made the op. */
  #explained(error: unknown): unknown {
    if (!(error instanceof TensorFlowError)) return error;
    const operation = error.message.match(/\{\{node (?:[^}]*\/)?([\w.]+)\}\}/)?.[1];
    const site = operation && this.#function!.siteOf(operation);
    const kind = operation?.replace(/_\d+$/, "");
    const where = kind ? `${kind}${site ? ` at ${site}` : ""}: ` : "";
    return new TensorFlowError(`${this.#name}: ${where}${error.message}`, error.code);
  }

  // ---- Recording ----------------------------------------------------------------------------

  /**
   * Runs the step as it is written, records it, and makes the function for later calls. Where that
   * succeeds the state goes back to its start and the function runs: a first call rounds as later ones do.
   */
  async record(
    step: () => TensorTree,
    inputs: readonly tf.Tensor[],
  ): Promise<TensorTree> {
    const { binding } = this.#backend;
    const before = registeredVariables();
    const inputIds = this.#backend.getInputTensorIds(inputs);
    const startIds = new Map(before.map((variable) => [variable, this.#unsharedId(variable)]));
    const known = [...inputIds, ...startIds.values()].map((id) => binding.metadata(id));
    const recorder = new Recorder(binding, known);
    const started = performance.now();
    try {
      const outputs = this.#runRecorded(recorder, step);
      this.report.recordSeconds = (performance.now() - started) / 1000;
      this.#guards = recorder.guards;
      try {
        if (recorder.hazard) throw recorder.hazard;
        await this.#build(recorder, { startIds, inputIds, outputs });
        this.report.mode = "compiled";
      } catch (error) {
        this.#stayEager(error);
      }
      this.report.buildSeconds = (performance.now() - started) / 1000 - this.report.recordSeconds;
      if (!this.isCompiled) return outputs;
      this.#rewind(recorder, startIds);
      tf.dispose(leaves(outputs).filter((leaf) => !inputs.includes(leaf) && !isVariable(leaf)));
    } finally {
      recorder.dispose();
    }
    return await this.run(inputs);
  }

  /** Gives the states that the step read and changed the values back that they had before it. */
  #rewind(recorder: Recorder, startIds: ReadonlyMap<tf.Variable, number>): void {
    const { binding } = this.#backend;
    for (const variable of this.#states) {
      const start = recorder.captured.get(startIds.get(variable)!);
      if (start === undefined) continue;
      const tensor = this.#backend.createOutputTensor(
        binding.adopt(binding.shareHandle(start.snapshot)),
      );
      variable.assign(tensor);
      tensor.dispose();
    }
  }

  /** A variable's number, shared with no other tensor: its start is told apart from a constant. */
  #unsharedId(variable: tf.Variable): number {
    const id = this.#idOf(variable);
    if (this.#backend.tensorMap.get(variable.dataId).refCount <= 1) return id;
    const { binding } = this.#backend;
    const copy = binding.adopt(binding.shareHandle(binding.handleOf(id)));
    const tensor = this.#backend.createOutputTensor(copy);
    variable.assign(tensor);
    tensor.dispose();
    return copy.id;
  }

  #runRecorded(recorder: Recorder, step: () => TensorTree): TensorTree {
    const { binding } = this.#backend;
    const random = Math.random;
    Math.random = () => {
      recorder.forbid(
        "it draws random numbers on the host (tf.randomUniform, tf.dropout, Math.random)",
        "draw from tessera's Random, or pass the numbers in as a tensor",
      );
      return random();
    };
    const engine = tf.engine();
    const makeVariable = engine.makeVariable;
    engine.makeVariable = (...settings) => {
      recorder.forbid("it makes a tf.variable", "make variables before the step");
      return makeVariable.apply(engine, settings);
    };
    binding.observer = recorder;
    recording = recorder;
    try {
      return tidily(() => checkedTree(step(), this.#name));
    } finally {
      binding.observer = null;
      recording = null;
      Math.random = random;
      engine.makeVariable = makeVariable;
    }
  }

  async #build(
    recorder: Recorder,
    { startIds, inputIds, outputs }: {
      startIds: Map<tf.Variable, number>;
      inputIds: number[];
      outputs: TensorTree;
    },
  ): Promise<void> {
    const { binding } = this.#backend;
    const outputIds = this.#backend.getInputTensorIds(leaves(outputs));
    const updated = new Set(
      recorder.nodes.flatMap((node) => node.kind === "update" ? node.states : []),
    );
    const states: [tf.Variable, number][] = [];
    const read: [tf.Variable, number][] = [];
    const assignments = new Map<number, number>();
    for (const [variable, start] of startIds) {
      const end = variable.isDisposed ? start : this.#idOf(variable);
      if (end !== start) assignments.set(start, end);
      if (end !== start || updated.has(start)) states.push([variable, start]);
      else if (recorder.captured.has(start)) read.push([variable, start]);
    }
    // A value from outside that an output or an assignment passes on as it is.
    recorder.uses([...outputIds, ...assignments.values()]);

    const variableIds = new Set([...states, ...read].map(([, start]) => start));
    const constants = [...recorder.captured.keys()]
      .filter((id) => !variableIds.has(id) && !inputIds.includes(id));
    const large = recorder.nodes.flatMap((node) =>
      node.kind === "constant" && byteLength(node.output) > LARGEST_CONSTANT_BYTES ? [node] : []
    );
    const handleOfConstant = (tensor: Pointer) => {
      const handle = binding.api.TFE_NewTensorHandle(tensor, binding.status);
      binding.check("constant");
      return handle!;
    };
    const takenIn = [...inputIds, ...read.map(([, start]) => start), ...constants]
      .concat(large.map((node) => node.output.id));
    const stateIds = states.map(([, start]) => start);
    this.#constants = [
      ...constants.map((id) => binding.shareHandle(recorder.captured.get(id)!.snapshot)),
      ...large.map((node) => handleOfConstant(node.tensor)),
    ];
    await this.#verify(recorder, { takenIn, stateIds, outputIds, assignments });
    this.#function = buildFunction(binding, recorder, {
      inputs: takenIn,
      states: stateIds,
      outputs: outputIds,
      assignments,
      withoutUpdates: false,
    });
    this.report.operations = this.#function.operationCount;
    this.#readVariables = read.map(([variable]) => variable);
    this.#states = states.map(([variable]) => variable);
    this.#outputShape = shapeOf(outputs);
  }

  /** Runs the recorded step as a function on what the eager run had, and compares the results. */
  async #verify(
    recorder: Recorder,
    { takenIn, stateIds, outputIds, assignments }: {
      takenIn: number[];
      stateIds: number[];
      outputIds: number[];
      assignments: Map<number, number>;
    },
  ): Promise<void> {
    const { binding } = this.#backend;
    const tainted = dependentOnUpdates(recorder);
    const compared: { label: string; id: number }[] = [
      ...outputIds.map((id, index) => ({ label: `output ${index}`, id })),
      ...recorder.observed,
      ...[...assignments.values()].map((id) => ({ label: "an assigned variable", id })),
    ].filter(({ id }) => !tainted.has(id) && !stateIds.includes(id));
    if (compared.length === 0) return;
    const readStates = stateIds.filter((id) => recorder.captured.has(id));
    const probe = buildFunction(binding, recorder, {
      inputs: [...takenIn, ...readStates],
      states: [],
      outputs: compared.map(({ id }) => id),
      assignments: new Map(),
      withoutUpdates: true,
    });
    const observed = new Map(recorder.observed.map(({ id, handle }) => [id, handle]));
    const snapshotOf = (id: number) => recorder.captured.get(id)?.snapshot;
    const constantCount = this.#constants.length;
    const values = [
      ...takenIn.slice(0, takenIn.length - constantCount).map((id) =>
        snapshotOf(id) ?? binding.handleOf(id)
      ),
      ...this.#constants,
      ...readStates.map((id) => snapshotOf(id)!),
    ];
    let results: Pointer[] = [];
    try {
      results = await binding.runInBackground(probe.name, values, compared.length);
      const differences = compareTensors(
        binding,
        compared.map(({ label, id }, index) => ({
          label,
          actual: results[index],
          expected: observed.get(id) ?? snapshotOf(id) ?? binding.handleOf(id),
        })),
      );
      this.report.largestDifference = Math.max(0, ...differences.map(({ relative }) => relative));
      const worst = differences.find(({ relative }) => !(relative <= TOLERANCE));
      if (worst) {
        throw new Hazard(
          `compiled and eager results differ: ${worst.label} by ${worst.relative.toPrecision(2)} ` +
            `of its largest value (allowed: ${TOLERANCE})`,
          "please report this step",
        );
      }
    } finally {
      results.forEach((handle) => binding.api.TFE_DeleteTensorHandle(handle));
      probe.dispose();
    }
  }

  #stayEager(error: unknown): void {
    if (!(error instanceof Hazard) && !(error instanceof TensorFlowError)) throw error;
    this.#constants.forEach((handle) => this.#backend.binding.api.TFE_DeleteTensorHandle(handle));
    this.#constants = [];
    this.report.mode = "eager";
    this.report.reason = error instanceof Hazard ? error.toString() : error.message;
    console.warn(`${this.#name} runs eagerly, more slowly: ${this.report.reason}.`);
  }
}

function byteLength({ shape, dtype }: TensorMetadata): number {
  const bytesPerElement = [0, 4, 8, 4, 1, 2, 1, 24, 8, 8, 1][dtype] ?? 4;
  return shape.reduce((product, size) => product * size, bytesPerElement);
}

/** Tensors computed from a state after it was updated in place. */
function dependentOnUpdates(recorder: Recorder): Set<number> {
  const dependent = new Set<number>();
  for (const node of recorder.nodes) {
    if (node.kind === "update") node.states.forEach((id) => dependent.add(id));
    else if (node.kind === "op" && node.inputs.some((id) => dependent.has(id))) {
      node.outputs.forEach(({ id }) => dependent.add(id));
    }
  }
  return dependent;
}
