/** One compiled form of a step. */
import * as tf from "tfjs";
import type { Pointer, TensorMetadata } from "./binding.ts";
import { TensorFlowError } from "./tensorflow_error.ts";
import { type CompileReport, noReport } from "./compile_report.ts";
import { explainedIndex } from "./checked_indices.ts";
import type { ExportedStep } from "./cluster/exported_step.ts";
import { buildFunction, exportFunction, type GraphFunction, type Sums } from "./graph_function.ts";
import { optimized } from "./attributes.ts";
import { settings } from "./settings.ts";
import type { NativeBackend } from "./native.ts";
import { ownNumber } from "./own_value.ts";
import { precision } from "./precision.ts";
import { ancestorsOf } from "./recorded_updates.ts";
import { Hazard } from "./hazard.ts";
import { type ObservedTensor, Recorder } from "./recorder.ts";
import { type Guard, guardsOf, hold, whileRecording } from "./recording.ts";
import {
  leafCount,
  leaves,
  ownTree,
  shapeOf,
  type TensorTree,
  treeOf,
  type TreeShape,
} from "./tensor_tree.ts";
import { verify } from "./verification.ts";

/** Host constants above this size become inputs of the function instead of parts of it. */
const LARGEST_CONSTANT_BYTES = 16 * 1024;

/** Variables of a recorded step, each with the number that it had at the start. */
interface UsedVariables {
  /** Those that it changes. */
  states: [tf.Variable, number][];
  read: [tf.Variable, number][];
  /** For those that it assigns: the number at the start, and of the tensor that they end with. */
  assignments: Map<number, number>;
}

/** All of tfjs's variables: whatever a step changes is among them. */
function registeredVariables(): tf.Variable[] {
  return Object.values(tf.engine().registeredVariables);
}

/** One recording of a step: for inputs of certain shapes, under certain guarded values. */
export class Variant {
  readonly report: CompileReport = { ...noReport };
  readonly #backend: NativeBackend;
  readonly #name: string;
  readonly #sums: Sums | undefined;
  #exported: ExportedStep | null = null;
  #guards: Guard[] = [];
  #function: GraphFunction | null = null;
  /** Handles of constants that the function takes as inputs. */
  #constants: Pointer[] = [];
  /** The tensors from outside that are constants of the recording. */
  #outside: number[] = [];
  #readVariables: tf.Variable[] = [];
  #states: tf.Variable[] = [];
  #outputShape: TreeShape = 0;
  /** Values that the function returns after the step's outputs, for the comparison with the eager run. */
  #observedCount = 0;

  /** `sums`: where other processes are to run the step together. */
  constructor(backend: NativeBackend, name: string, sums?: Sums) {
    this.#backend = backend;
    this.#name = name;
    this.#sums = sums;
  }

  get isCompiled(): boolean {
    return this.#function !== null;
  }

  /** The step for other processes; null where it is not compiled, or not for several. */
  get exported(): ExportedStep | null {
    return this.isCompiled ? this.#exported : null;
  }

  get graphDef(): Uint8Array<ArrayBuffer> | null {
    return this.#function?.graphDef ?? null;
  }

  /** Whether the guarded values are what they were when recording. */
  isFor(): boolean {
    return hold(this.#guards);
  }

  /** Whether a tensor from outside that the step took is disposed: it takes another one by now, or none. */
  get isOutdated(): boolean {
    return this.isCompiled && this.#outside.some((id) => !this.#backend.binding.has(id));
  }

  dispose(): void {
    this.#function?.dispose();
    this.#function = null;
    this.#exported = null;
    const { api } = this.#backend.binding;
    this.#constants.forEach((handle) => api.TFE_DeleteTensorHandle(handle));
    this.#constants = [];
  }

  // ---- Running ------------------------------------------------------------------------------

  /** Runs the function on another thread. */
  async run(inputs: readonly tf.Tensor[]): Promise<TensorTree> {
    return this.#outputsOf(await this.#call(inputs));
  }

  /** The step's outputs of what the function returned; frees the rest. */
  #outputsOf(handles: readonly Pointer[]): TensorTree {
    const { binding } = this.#backend;
    const outputCount = leafCount(this.#outputShape);
    handles.slice(outputCount).forEach((handle) => binding.api.TFE_DeleteTensorHandle(handle));
    const tensors = handles.slice(0, outputCount).map((handle) =>
      this.#backend.createOutputTensor(binding.adopt(handle))
    );
    return treeOf(this.#outputShape, tensors);
  }

  /** All that the function returns: the outputs' handles, then the observed ones. */
  async #call(inputs: readonly tf.Tensor[]): Promise<Pointer[]> {
    const { binding } = this.#backend;
    const ids = this.#backend.getInputTensorIds(inputs);
    const read = this.#readVariables.map((variable) => this.#idOf(variable));
    const states = this.#states.map((variable) => this.#ownId(variable));
    const cells = states.map((id) => binding.cellOf(id));
    const handles = [...ids, ...read].map((id) => binding.handleOf(id));
    // A value read from a cell and kept would make TensorFlow copy the cell before it writes.
    states.forEach((id) => binding.forgetValue(id));
    try {
      return await binding.runInBackground(
        this.#function!.name,
        [...handles, ...this.#constants, ...cells],
        leafCount(this.#outputShape) + this.#observedCount,
        settings().graphOptimizer ? [optimized] : [],
      );
    } catch (error) {
      throw this.#explained(error);
    } finally {
      // What was read while the step ran is out of date.
      states.forEach((id) => binding.forgetValue(id));
    }
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
    const check = operation && this.#function!.checkOf(operation);
    const wrong = check && explainedIndex(`${this.#name}: ${check}`, error.message);
    if (wrong) return wrong;
    const kind = operation?.replace(/_\d+$/, "");
    const where = kind ? `${kind}${site ? ` at ${site}` : ""}: ` : "";
    return new TensorFlowError(`${this.#name}: ${where}${error.message}`, error.code);
  }

  // ---- Recording ----------------------------------------------------------------------------

  /**
   * Runs the step as it is written, records it, and makes the function for later calls. The state then
   * goes back to its start and the function runs too: where it agrees with the eager run its results
   * stand, so that a first call rounds as later ones do; else the eager results do.
   */
  async record(
    step: (...inputs: tf.Tensor[]) => TensorTree,
    inputs: readonly tf.Tensor[],
  ): Promise<TensorTree> {
    const { binding } = this.#backend;
    const before = registeredVariables();
    // With numbers of their own: another call's inputs need not be the same tensor twice, nor one that
    // the step knows from outside.
    const ownInputs = inputs.map((input) => this.#sharing(input));
    const inputIds = this.#backend.getInputTensorIds(ownInputs);
    // Shared with no other tensor, a variable's start is told apart from a constant.
    const startIds = new Map(
      before.map((variable) => [variable, ownNumber(this.#backend, variable)]),
    );
    const known = [...inputIds, ...startIds.values()].map((id) => binding.metadata(id));
    const recorder = new Recorder(binding, known);
    const started = performance.now();
    try {
      const outputs = whileRecording(
        recorder,
        () => {
          binding.observer = recorder;
          return () => binding.observer = null;
        },
        () => ownTree(() => step(...ownInputs), this.#name),
      );
      this.report.recordSeconds = (performance.now() - started) / 1000;
      this.#guards = recorder.guards;
      try {
        if (recorder.hazard) throw recorder.hazard;
        const compiled = await this.#compiled(recorder, { startIds, inputIds, inputs, outputs });
        this.report.mode = "compiled";
        tf.dispose(leaves(outputs));
        return compiled;
      } catch (error) {
        this.#stayEager(error);
        return outputs;
      } finally {
        this.report.buildSeconds = (performance.now() - started) / 1000 - this.report.recordSeconds;
      }
    } finally {
      recorder.dispose();
      tf.dispose(ownInputs);
    }
  }

  /** The function's first outputs. Where its fused kernels disagree with the eager run, it is made without. */
  async #compiled(
    recorder: Recorder,
    { startIds, inputIds, inputs, outputs }: {
      startIds: ReadonlyMap<tf.Variable, number>;
      inputIds: number[];
      inputs: readonly tf.Tensor[];
      outputs: TensorTree;
    },
  ): Promise<TensorTree> {
    const outputIds = this.#backend.getInputTensorIds(leaves(outputs));
    const variables = this.#variables(recorder, startIds, outputIds);
    const used = new Set([...variables.states, ...variables.read].map(([variable]) => variable));
    this.#guards = guardsOf(recorder.guards, (variable) => used.has(variable));
    const attempt = async (fused: boolean) => {
      const expected = await this.#build(recorder, {
        ...{ ...variables, inputIds, outputIds, outputs, fused },
      });
      const { assignments } = variables;
      return await this.#verified(recorder, { startIds, inputs, expected, assignments });
    };
    const observed = recorder.observed.length;
    try {
      return await attempt(true);
    } catch (error) {
      const { kernels, inConvolutions, convolutions } = this.report;
      if (!isRefusal(error) || kernels + inConvolutions + convolutions === 0) throw error;
      this.dispose();
      recorder.forgetObserved(observed);
      const compiled = await attempt(false);
      console.warn(`${this.#name} runs without fused kernels, more slowly: ${wordsOf(error)}.`);
      return compiled;
    }
  }

  /** Another tensor of the same value, with a number of its own. */
  #sharing(tensor: tf.Tensor): tf.Tensor {
    const { binding } = this.#backend;
    const [id] = this.#backend.getInputTensorIds([tensor]);
    return this.#backend.createOutputTensor(
      binding.adopt(binding.shareHandle(binding.handleOf(id))),
    );
  }

  /** What the recorded step does with variables. */
  #variables(
    recorder: Recorder,
    startIds: ReadonlyMap<tf.Variable, number>,
    outputIds: readonly number[],
  ): UsedVariables {
    const updated = new Set(
      recorder.nodes.flatMap((node) => node.kind === "update" ? node.states : []),
    );
    const used: UsedVariables = { states: [], read: [], assignments: new Map() };
    for (const [variable, start] of startIds) {
      const end = variable.isDisposed ? start : this.#idOf(variable);
      if (end !== start) used.assignments.set(start, end);
    }
    // A value from outside, or a variable's, that an output or an assignment passes on as it is.
    recorder.uses([...outputIds, ...used.assignments.values()]);
    for (const [variable, start] of startIds) {
      if (used.assignments.has(start) || updated.has(start)) used.states.push([variable, start]);
      else if (recorder.captured.has(start)) used.read.push([variable, start]);
    }
    return used;
  }

  /** Makes the function, and gives what the eager run has for the values that it returns, in order. */
  async #build(
    recorder: Recorder,
    { states, read, assignments, inputIds, outputIds, outputs, fused }: UsedVariables & {
      inputIds: number[];
      outputIds: number[];
      outputs: TensorTree;
      fused: boolean;
    },
  ): Promise<ObservedTensor[]> {
    const { binding } = this.#backend;
    const stateIds = states.map(([, start]) => start);
    const variableIds = new Set([...stateIds, ...read.map(([, start]) => start)]);
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
    // A tensor that TensorFlow had not had before is made while recording; one of the step's own is gone by now, or is
    // what the step returns or assigns.
    const given = recorder.nodes.flatMap((node) =>
      node.kind === "constant" ? [node.output.id] : []
    );
    const passedOn = new Set([...outputIds, ...assignments.values()]);
    this.#outside = [...constants, ...given.filter((id) => binding.has(id))]
      .filter((id) => !passedOn.has(id));
    this.#constants = [
      ...constants.map((id) => binding.shareHandle(recorder.captured.get(id)!.snapshot)),
      ...large.map((node) => binding.onCard(handleOfConstant(node.tensor))),
    ];
    const observed = observedIn(recorder);
    const inputs = [
      ...inputIds,
      ...read.map(([, start]) => start),
      ...constants,
      ...large.map((node) => node.output.id),
    ];
    this.#function = await buildFunction(binding, recorder, {
      inputs,
      states: stateIds,
      outputs: [...outputIds, ...observed.map(({ id }) => id)],
      assignments,
      fused,
    });
    this.report.operations = this.#function.operationCount;
    const { placement, fusion } = this.#function;
    this.report.kernels = fusion.kernels;
    this.report.fused = fusion.fused;
    this.report.inConvolutions = fusion.inConvolutions;
    this.report.convolutions = fusion.convolutions;
    this.report.crossings = placement?.crossings ?? [];
    this.report.onProcessor = [...placement?.onProcessor ?? []].map(([op, count]) =>
      count === 1 ? op : `${op} × ${count}`
    );
    this.#readVariables = read.map(([variable]) => variable);
    this.#states = states.map(([variable]) => variable);
    this.#outputShape = shapeOf(outputs);
    this.#observedCount = observed.length;
    if (this.#sums) {
      const isFused = fused && this.#sums.together.isFused === true;
      const plan = {
        ...{ inputs, states: stateIds, outputs: outputIds, assignments, fused: isFused },
        // The kernels that were compared with the eager run, not others.
        given: isFused ? observed.map(({ id }) => id) : [],
      };
      const ids = [...constants, ...large.map((node) => node.output.id)];
      this.#exported = {
        ...await exportFunction(binding, recorder, plan, this.#sums),
        reads: this.#readVariables,
        constants: this.#constants.map((handle, index) => ({ id: ids[index], handle })),
        states: this.#states,
        shape: this.#outputShape,
        precision: precision(),
      };
    }
    return [
      ...outputIds.map((id, index) => recorder.observe(`output ${index}`, id)),
      ...observed,
    ];
  }

  /**
   * Runs the function from the state's start and gives its outputs. Where it fails or disagrees with the
   * eager run, the state that the eager run left is put back.
   */
  async #verified(
    recorder: Recorder,
    { startIds, inputs, expected, assignments }: {
      startIds: ReadonlyMap<tf.Variable, number>;
      inputs: readonly tf.Tensor[];
      expected: readonly ObservedTensor[];
      assignments: ReadonlyMap<number, number>;
    },
  ): Promise<TensorTree> {
    const { binding } = this.#backend;
    const present = (variable: tf.Variable) =>
      binding.shareHandle(binding.handleOf(this.#idOf(variable)));
    const ends = this.#states.map(present);
    /** The state's values at the start. */
    const starts = new Map<number, Pointer>();
    let results: Pointer[] = [];
    try {
      for (const variable of this.#states) {
        const start = startIds.get(variable)!;
        const snapshot = recorder.take(start);
        // A state that the step only assigns needs no start.
        if (snapshot === undefined) continue;
        starts.set(start, binding.shareHandle(snapshot));
        this.#setValue(variable, snapshot);
      }
      results = await this.#call(inputs);
      const states = this.#states.map((variable, index) => {
        const start = startIds.get(variable)!;
        const end = assignments.get(start);
        return { start, end, eager: ends[index], compiled: present(variable) };
      });
      try {
        const captured = [...recorder.captured].map(([id, { snapshot }]) =>
          [id, snapshot] as const
        );
        Object.assign(
          this.report,
          verify(binding, {
            nodes: recorder.nodes,
            roots: new Map([...captured, ...starts]),
            compiled: new Map(expected.map(({ id }, index) => [id, results[index]])),
            ...{ eager: expected, states, gradients: recorder.gradients.map(({ id }) => id) },
            beside: this.#function!.fusion.beside,
          }),
        );
      } finally {
        states.forEach(({ compiled }) => binding.api.TFE_DeleteTensorHandle(compiled));
        // A value that is kept would make TensorFlow copy the cell before it writes.
        this.#states.forEach((variable) => binding.forgetValue(this.#idOf(variable)));
      }
    } catch (error) {
      results.forEach((handle) => binding.api.TFE_DeleteTensorHandle(handle));
      this.#states.forEach((variable, index) => this.#setValue(variable, ends[index]));
      for (const [id, handle] of starts) {
        const metadata = recorder.known.find((each) => each.id === id)!;
        recorder.giveBack(metadata, binding.shareHandle(handle));
      }
      throw error;
    } finally {
      starts.forEach((handle) => binding.api.TFE_DeleteTensorHandle(handle));
    }
    ends.forEach((handle) => binding.api.TFE_DeleteTensorHandle(handle));
    return this.#outputsOf(results);
  }

  /** Takes the handle over. */
  #setValue(variable: tf.Variable, handle: Pointer): void {
    const tensor = this.#backend.createOutputTensor(this.#backend.binding.adopt(handle));
    variable.assign(tensor);
    tensor.dispose();
  }

  #stayEager(error: unknown): void {
    if (!isRefusal(error)) throw error;
    this.dispose();
    this.report.mode = "eager";
    this.report.reason = wordsOf(error);
    console.warn(`${this.#name} runs eagerly, more slowly: ${this.report.reason}.`);
  }
}

/** Whether an error says that a step cannot be compiled, or that what was compiled is wrong. */
function isRefusal(error: unknown): error is Hazard | TensorFlowError {
  return error instanceof Hazard || error instanceof TensorFlowError;
}

function wordsOf(error: Hazard | TensorFlowError): string {
  if (error instanceof Hazard) return error.toString();
  return error.outOfMemory
    ? "the memory did not hold its eager and its compiled run side by side; with smaller inputs it is compiled"
    : error.message;
}

function byteLength({ shape, dtype }: TensorMetadata): number {
  const bytesPerElement = [0, 4, 8, 4, 1, 2, 1, 24, 8, 8, 1][dtype] ?? 4;
  return shape.reduce((product, size) => product * size, bytesPerElement);
}

/**
 * What the eager run is asked for beyond its outputs: gradients. Those of which an update takes something
 * made, such as a clipped one, are seen by that, and need not be kept until the function's end.
 */
function observedIn({ observed, gradients, nodes }: Recorder): ObservedTensor[] {
  const seen = new Set(observed.map(({ id }) => id));
  const taken = gradients.map(({ id }) => id);
  const made = ancestorsOf(taken, nodes);
  return [
    ...observed.filter(({ id }) => taken.includes(id) || !made.has(id)),
    ...gradients.filter(({ id }) => !seen.has(id)),
  ];
}
