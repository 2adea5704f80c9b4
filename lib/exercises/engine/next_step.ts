/** What the right computation goes on with where a learner's forward pass goes on with something else. */
import type * as tf from "../../tensor/tf.ts";
import type { Module } from "../../nn/module.ts";
import { shapeText } from "./check.ts";
import { given } from "./given.ts";
import { KnownValues } from "./known_values.ts";
import type { CheckedModules } from "./run_module.ts";
import { attributeDifference, wordFor } from "./step_difference.ts";
import { steps as tracedSteps, type Trace, type TracedTensor } from "./trace.ts";

/** An operation that changes values, or a layer whose call threw before it came to one. */
interface Step {
  /** tfjs's name of the operation, or the layer's class. */
  name: string;
  /** The learner's path of the layer whose parameters it uses, if it uses some. */
  layer?: string;
  /** What it gets beside parameters and factors. */
  inputs: readonly TracedTensor[];
  output?: TracedTensor;
  /** Absent where a layer threw before it came to an operation. */
  attributes?: object;
}

/**
 * "`convolution2` should come before `hidden`, right after ReLU": the first step at which a learner's module
 * does something else than the library's with values that are right. `undefined` where values are compared in
 * vain, as after a computation in another style.
 */
export function nextStep(checked: CheckedModules): string | undefined {
  const { ours, theirs, pairs, input } = checked;
  const all = { values: (tensor: tf.Tensor) => tensor.size <= largest };
  const paths = new Map(pairs.map(({ libraryPath, path }) => [libraryPath, path]));
  const right = stepsOf(
    tracedSteps(() => theirs.forward(input), all),
    layersOf(theirs, (path) => paths.get(path)),
  );
  const { trace, thrown } = followed(ours, input, all);
  const own = stepsOf(trace, layersOf(ours, (path) => path));
  if (thrown) own.push(thrown);
  const values = new Classes(right, input);
  const index = own.findIndex((step) => values.departs(step, own));
  return index < 0 ? undefined : describe(own[index], own.slice(0, index), right, values);
}

/** What the values of the input are called among {@link Classes}. */
const inputClass = "0";

/** Larger tensors are not read: no check has one. */
const largest = 20_000;

/** Which tensors hold the same values, in whatever order and shape. */
class Classes {
  readonly #known = new KnownValues();
  /** What was found for values already: to sort them takes most of the time. */
  readonly #found = new Map<Float32Array, string | undefined>();
  #count = 0;

  constructor(right: readonly Step[], input: tf.Tensor) {
    this.#take(input.dataSync() as Float32Array);
    for (const { inputs, output } of right) {
      for (const { values } of inputs) this.#take(values);
      if (output) this.#take(output.values);
    }
  }

  #take(values: Float32Array): void {
    if (!this.#known.find(values)) this.#known.add(String(this.#count++), values);
  }

  /** The class of values that the right computation has too; "0" is its input. */
  of({ values }: TracedTensor): string | undefined {
    if (!this.#found.has(values)) this.#found.set(values, this.#known.find(values)?.key);
    return this.#found.get(values);
  }

  /** Whether a step makes other values of right ones, from which no later step comes back to right ones. */
  departs(step: Step, own: readonly Step[]): boolean {
    const { name, inputs, output } = step;
    if (!output) return true;
    if (this.of(output) !== undefined || !isWhole(step)) return false;
    // A part of right values may be one head's; of pooling each value is one of its input's.
    const isPart = name !== "MaxPool" && this.#known.holds(output.values);
    if (isPart || this.#known.findScaled(output.values)) return false;
    if (!inputs.some((each) => this.of(each) !== undefined)) return false;
    const reached = new Set([output.id]);
    return own.slice(own.indexOf(step) + 1).every(({ inputs, output }) => {
      if (!output || !inputs.some(({ id }) => reached.has(id))) return true;
      reached.add(output.id);
      return this.of(output) === undefined;
    });
  }
}

/** Operations that a learner does not put together from others. */
const whole = new Set(["relu", "gelu", "MaxPool", "AvgPool", "Mean", "softmax"]);
const isWhole = ({ name, layer }: Step) => layer !== undefined || whole.has(name);

function describe(
  step: Step,
  before: readonly Step[],
  right: readonly Step[],
  values: Classes,
): string | undefined {
  const start = step.inputs.find((each) => values.of(each) !== undefined);
  if (!start) return undefined;
  const origin = values.of(start)!;
  const isFrom = ({ inputs }: Step) => inputs.some((each) => values.of(each) === origin);
  const belong = right.filter(isFrom);
  const same = belong.find((each) => isAlike(each, step));
  if (same) {
    const wanted = same.inputs.find((each) => values.of(each) === origin)!;
    const setting = step.attributes && same.name === step.name
      ? attributeDifference(step.attributes, same.attributes!)
      : undefined;
    if (setting) return `${wordsFor(step)} has ${setting}.`;
    if (step.output || shapeText(wanted.shape) === shapeText(start.shape)) return undefined;
    // Values in another order take more than a reshape.
    if (wanted.values.some((value, index) => value !== start.values[index])) return undefined;
    // A linear map looks at the last axis alone.
    const shape = same.name === "linear" ? `[…, ${wanted.shape.at(-1)}]` : shapeText(wanted.shape);
    return `${wordsFor(step)} gets a tensor of shape ${shapeText(start.shape)}, but should get ` +
      `${shape}: a reshape is missing, or stands in another place.`;
  }
  const open = belong.filter((each) =>
    !before.some((other) => isFrom(other) && isAlike(other, each))
  );
  const next = open.find(({ layer }) => layer !== undefined) ?? open[0];
  const maker = before.findLast(({ output }) => output && values.of(output) === origin);
  // What makes it may be no step that is looked at, such as joined heads.
  const place = maker
    ? `, right after ${wordsFor(maker)}`
    : origin === inputClass
    ? ", right at the input"
    : "";
  const isRepeated = before.some((each) => isAlike(each, step));
  if (!next) {
    const last = right.at(-1)?.output;
    if (last && values.of(last) === origin) return `${wordsFor(step)} at the end is one too many.`;
    return isRepeated ? `${wordsFor(step)} is applied once more${place}.` : undefined;
  }
  if (isRepeated) {
    return `${wordsFor(step)} is applied once more${place}, where ${wordsFor(next)} comes.`;
  }
  if (comesAfter(next, step, right)) {
    return `${wordsFor(next)} should come before ${wordsFor(step)}${place}.`;
  }
  // A layer that refuses what it gets may be the right one, and what it gets the wrong.
  return step.output === undefined && step.layer !== undefined && next.layer !== undefined
    ? undefined
    : `${wordsFor(step)} stands where ${wordsFor(next)} belongs${place}.`;
}

const isAlike = (one: Step, other: Step) =>
  one.layer === other.layer && (one.layer !== undefined || one.name === other.name);

const wordsFor = ({ layer, name }: Step) => layer === undefined ? wordFor(name) : `\`${layer}\``;

/** Whether the right computation does a step like `step` with what comes of `first`. */
function comesAfter(first: Step, step: Step, right: readonly Step[]): boolean {
  const reached = new Set<number>(first.output ? [first.output.id] : []);
  for (const each of right.slice(right.indexOf(first) + 1)) {
    if (!each.inputs.some(({ id }) => reached.has(id))) continue;
    if (isAlike(each, step)) return true;
    if (each.output) reached.add(each.output.id);
  }
  return false;
}

/** The learner's path of the layer that each variable belongs to, by its id; statistics belong to none. */
function layersOf(
  module: Module,
  ownPath: (path: string) => string | undefined,
): Map<number, string | undefined> {
  const home = (path: string) => path.slice(0, Math.max(path.lastIndexOf("."), 0)) || path;
  return new Map(
    [...module.namedVariables()].map(([path, { id, trainable }]) => {
      const own = trainable ? ownPath(path) : undefined;
      return [id, own === undefined ? undefined : home(own)];
    }),
  );
}

/** What only brings values to other places. */
const moving = new Set([
  ...["Identity", "Reshape", "Transpose", "Slice", "StridedSlice", "Concat", "ConcatV2", "Unpack"],
  ...["Pack", "Cast", "ExpandDims", "Squeeze", "SplitV", "Tile"],
]);

/** The operations that change values; what only moves them is left out, and passes ids on. */
function stepsOf(
  { steps, failed }: Trace<void>,
  layers: ReadonlyMap<number, string | undefined>,
): Step[] {
  const origins = new Map<number, number>();
  const unpadded = new Map<number, TracedTensor>();
  const original = (input: TracedTensor) =>
    unpadded.get(input.id) ?? { ...input, id: origins.get(input.id) ?? input.id };
  const found: Step[] = [];
  for (const each of failed ? [...steps, failed] : steps) {
    const data = each.inputs.filter(({ id, shape }) => !layers.has(id) && shape.length > 0);
    if (isConvolutionsPadding(each) && each !== failed) {
      unpadded.set(each.outputs[0].id, original(data[0]));
      continue;
    }
    if (moving.has(each.name) && each !== failed) {
      for (const { id } of each.outputs) {
        if (data.length > 0) origins.set(id, origins.get(data[0].id) ?? data[0].id);
      }
      continue;
    }
    const layer = each.inputs.flatMap(({ id }) => layers.get(id) ?? [])[0];
    const inputs = data.map(original);
    const last = found.at(-1);
    const [output] = each.outputs;
    // A layer of several operations, as a convolution with its bias, is one step.
    const isBias = each.name === "Add" && layer !== undefined && last?.layer === layer &&
      data[0]?.id === last.output?.id;
    if (isBias) {
      found[found.length - 1] = { ...last, output };
    } else found.push({ name: nameOf(each), layer, inputs, output, attributes: each.attributes });
  }
  return found;
}

/** Whether a library's convolution pads its input, as it does where the backend's cannot: then it is a part of it. */
function isConvolutionsPadding({ name, stack }: Trace<void>["steps"][number]): boolean {
  return name === "PadV2" && stack.includes("/lib/tensor/ops.ts:");
}

/** One name for what does the same. */
function nameOf({ name, inputs }: Trace<void>["steps"][number]): string {
  const isRelu = name === "Relu" ||
    name === "Maximum" && inputs.some(({ loneValue }) => loneValue === 0);
  return isRelu ? "relu" : { Softmax: "softmax", AddV2: "Add", AddN: "Add" }[name] ?? name;
}

/** What layers without parameters do. */
const operations: Readonly<Record<string, string>> = {
  MaxPool2d: "MaxPool",
  GlobalAveragePool: "Mean",
};

/** Follows a module's forward pass; where a layer throws at what it gets, also says which, and what it got. */
function followed(
  module: Module,
  input: tf.Tensor,
  options: Parameters<typeof tracedSteps>[1],
): { trace: Trace<void>; thrown?: Step } {
  let thrown: Step | undefined;
  const undo: (() => void)[] = [];
  for (const [path, layer] of module.namedModules()) {
    if (layer === module || layer.namedChildren().size > 0) continue;
    const { forward } = layer;
    layer.forward = (...inputs) => {
      try {
        return forward(...inputs);
      } catch (error) {
        const hasParameters = layer.namedParameters().size > 0;
        thrown ??= {
          name: operations[layer.constructor.name] ?? layer.constructor.name,
          layer: hasParameters ? path : undefined,
          inputs: inputs.filter((each) => each?.dataSync).map((each) => ({
            ...{ id: each.id, shape: [...each.shape], dtype: each.dtype },
            values: Float32Array.from(each.dataSync() as Float32Array),
          })),
        };
        throw error;
      }
    };
    undo.push(() => layer.forward = forward);
  }
  try {
    const trace = tracedSteps(() => module.forward(given(input)), options);
    return trace.failed ? { trace } : { trace, thrown };
  } finally {
    for (const each of undo) each();
  }
}
