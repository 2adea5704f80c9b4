/**
 * What a step of a learner's computation may have to be instead: other axes, other inputs, another operation, one
 * more or one less. A candidate is only tried here; {@link import("./repair.ts")} finds out which is right.
 */
import * as tf from "../../tensor/tf.ts";
import * as ops from "../../tensor/ops.ts";
import { Dropout } from "../../nn/dropout.ts";
import type { Module } from "../../nn/module.ts";
import { shapeText } from "./check.ts";
import { number } from "./compare.ts";
import { functionOf } from "./step_difference.ts";
import type { TracedStep, TracedTensor } from "./trace.ts";

/** A step in place of the learner's. */
export interface Candidate {
  /** What was wrong, as the end of "Likely cause: ". */
  say: string;
  /** Its outputs; `taken` gives the tensors of `uses`. May throw where it makes no sense. */
  make: (
    step: TracedStep,
    inputs: readonly tf.Tensor[],
    taken: readonly tf.Tensor[],
  ) => tf.Tensor[];
  /** Tensors beside the step's inputs. */
  uses?: readonly Source[];
}

/** A tensor of the learner's computation. */
export interface Source {
  /** In the learner's words: "`query`". */
  name: string;
  /** The step that gives it, and which of its outputs; or else the tensor itself. */
  index?: number;
  output?: number;
  tensor?: tf.Tensor;
  shape: readonly number[];
}

/** What candidates may be made of. */
export interface Material {
  step: TracedStep;
  /** The step's call in the learner's words: "`tf.sub(x, mean)`". */
  called: string;
  /** Layers of the learner's, with their names in code. */
  layers: readonly { module: Module; name: string }[];
  /** The input, parameters, and results of the steps before. */
  sources: readonly Source[];
  /** What the numbers of the task are called: "√(`width` / `heads`)". */
  numberText: (value: number) => string;
  /** By what the step's values are right ones' multiple, and what they have too much. */
  factor?: number;
  shift?: number;
  /** As `factor`, of the step's inputs. */
  factors: readonly (number | undefined)[];
  /** The steps of each right computation. */
  right: readonly (readonly TracedStep[])[];
  /** The tensors that they start from, parameters apart, by their ids. */
  inputs: ReadonlySet<number>;
  /** What their tensors are called in the learner's code, by their ids. */
  names: ReadonlyMap<number, string>;
  /** Whether the learner's code uses a layer or a parameter. */
  isUsed: (part: Module | tf.Variable) => boolean;
}

const same = (a: readonly number[], b: readonly number[]) => a.join() === b.join();

/** Candidates whose values tell whether they are right, the likeliest first. */
export function* candidatesFor(material: Material): Generator<Candidate> {
  yield* leftOut(material);
  yield* otherAttributes(material);
  yield* otherOperations(material);
  yield* exchanged(material);
  yield* otherLayers(material);
  yield* otherNumbers(material);
  yield* otherInputs(material);
  yield* missingBefore(material);
  yield* missingAfter(material);
  yield* missingSums(material);
}

/** Steps of which there are many others, that only put values in places. */
const arranging = /^(Transpose|Reshape|Slice)$/;

/** Candidates for a step whose values are right but not in their places, or that fails. */
export function* rearrangedFor(material: Material): Generator<Candidate> {
  yield* leftOut(material);
  if (!arranging.test(material.step.name)) yield* otherAttributes(material);
  yield* exchanged(material);
}

/** As {@link rearrangedFor}, for the steps that put values in places. */
export function* reorderedFor(material: Material): Generator<Candidate> {
  if (arranging.test(material.step.name)) yield* otherAttributes(material);
}

/** The few that are worth a computation of the whole where the values on the way tell nothing. */
export function* simpleFor(material: Material): Generator<Candidate> {
  yield* leftOut(material);
  yield* otherOperations(material);
  yield* exchanged(material);
  if (!arranging.test(material.step.name)) yield* otherAttributes(material);
  yield* otherNumbers(material);
}

/** Layers and parameters that the learner's code never uses, in whatever place: they are the likeliest to be missing. */
export function* unusedFor(material: Material): Generator<Candidate> {
  const { isUsed } = material;
  const layers = material.layers.filter(({ module }) => !isUsed(module));
  // What a layer holds is used by its call.
  const held = new Set(
    material.layers.flatMap(({ module }) => [...module.namedVariables().values()]),
  );
  const sources = material.sources.filter(({ tensor }) =>
    tensor instanceof tf.Variable && !held.has(tensor) && !isUsed(tensor)
  );
  const unused = { ...material, layers, sources };
  if (layers.length > 0) {
    yield* otherLayers(unused);
    for (const { module, name } of layers) yield* layerBefore(unused, module, name);
    yield* layersAfter(unused);
  }
  yield* missingSums(unused);
  yield* missingSumsBefore(unused);
}

const reductions: Readonly<
  Record<string, (x: tf.Tensor, axis: number[], keep: boolean) => tf.Tensor>
> = {
  Sum: tf.sum,
  Mean: tf.mean,
  Max: tf.max,
  Min: tf.min,
  Prod: tf.prod,
};

/** The same operation over other axes, in another order, turned round. */
function* otherAttributes({ step, called }: Material): Generator<Candidate> {
  const { name } = step;
  const [input] = step.inputs;
  if (!input || step.layer) return;
  const rank = input.shape.length;
  const attributes = step.attributes as Record<string, unknown>;
  const changed = (key: string, value: unknown, say: string): Candidate => ({
    say,
    make: (step, inputs) => step.again(inputs, { ...step.attributes, [key]: value }),
  });
  if (name in reductions) {
    const keep = attributes.keepDims === true;
    const axes = [attributes.axis].flat().filter((each) => typeof each === "number");
    const own = axes.length === 0
      ? Array.from({ length: rank }, (_, axis) => axis)
      : axes.map((axis) => axis < 0 ? axis + rank : axis);
    for (const other of subsets(rank)) {
      if (same(other, own.toSorted())) continue;
      yield {
        say: `${called} goes over ${axesText(own, rank)}, but should go over ${
          axesText(other, rank)
        }`,
        make: (_, [x]) => [reductions[name](x, other, keep)],
      };
    }
    yield {
      say: `${called} ${keep ? "keeps" : "drops"} its axis, but should ${
        keep ? "drop" : "keep"
      } it`,
      make: (_, [x]) => [reductions[name](x, own, !keep)],
    };
  }
  if (/^softmax$/i.test(name)) {
    for (let axis = 0; axis < rank - 1; axis++) {
      yield {
        say: `${called} goes over the last axis, but should go over axis ${axis}`,
        make: (_, [x]) => [softmaxOver(x, axis)],
      };
    }
  }
  if (name === "Transpose") {
    const own = attributes.perm as number[] | undefined;
    for (const perm of orders(rank)) {
      if (own && same(perm, own)) continue;
      yield {
        say:
          `${called} puts the axes in the order ${own ? shapeText(own) : "from last to first"}, ` +
          `but it should be ${shapeText(perm)}`,
        make: (_, [x]) => [tf.transpose(x, perm)],
      };
    }
  }
  if (name === "Reshape") {
    const own = attributes.shape as number[];
    for (const shape of arrangements(own)) {
      if (same(shape, own)) continue;
      yield {
        say: `${called} reshapes to ${shapeText(own)}, but should to ${shapeText(shape)}`,
        make: (_, [x]) => [tf.reshape(x, shape)],
      };
    }
    // One size such that all values have a place.
    for (const axis of own.keys()) {
      const others = own.toSpliced(axis, 1).reduce((x, y) => x * y, 1);
      const size = input.shape.reduce((x, y) => x * y, 1) / others;
      if (!Number.isInteger(size) || size < 1 || size === own[axis]) continue;
      const shape = own.with(axis, size);
      yield {
        say: `${called} reshapes to ${shapeText(own)}, but should to ${shapeText(shape)}`,
        make: (_, [x]) => [tf.reshape(x, shape)],
      };
    }
    if (rank > 5) return;
    for (const perm of orders(rank).slice(1)) {
      yield {
        say: `before ${called}, \`tf.transpose(…, ${shapeText(perm)})\` is missing`,
        make: (step, [x]) => step.again([tf.transpose(x, perm)]),
      };
    }
  }
  if (name === "BatchMatMul") {
    const { transposeA: a = false, transposeB: b = false } = attributes as {
      transposeA?: boolean;
      transposeB?: boolean;
    };
    for (const [transposeA, transposeB] of [[a, !b], [!a, b], [!a, !b]]) {
      yield {
        say: `${called} should ${turnText([a, transposeA], "first")}${
          a !== transposeA && b !== transposeB ? " and " : ""
        }${turnText([b, transposeB], "second")}`,
        make: (step, inputs) => step.again(inputs, { ...step.attributes, transposeA, transposeB }),
      };
    }
  }
  for (const key of ["axis", "dim"]) {
    const own = attributes[key];
    if (typeof own !== "number" || name in reductions || /^softmax$/i.test(name)) continue;
    for (let axis = 0; axis <= rank; axis++) {
      if (axis === (own < 0 ? own + rank : own)) continue;
      yield changed(key, axis, `${called} has axis ${own}, but should have ${axis}`);
    }
  }
  if (name === "Concat" || name === "Pack") {
    const count = step.inputs.length;
    if (count > 4) {
      yield {
        say: `${called} joins its tensors in reverse order`,
        make: (step, inputs) => step.again(inputs.toReversed()),
      };
    } else {
      for (const order of orders(count).slice(1)) {
        yield {
          say: `${called} joins its tensors in the wrong order; right is ${
            order.map((each) => ordinal(each)).join(", ")
          }`,
          make: (step, inputs) => step.again(order.map((each) => inputs[each])),
        };
      }
    }
  }
  if (name === "Slice") {
    const { begin, size } = attributes as { begin: number[]; size: number[] };
    const starts = [begin].flat();
    const lengths = input.shape.map((length, axis) => {
      const asked = [size].flat()[axis] ?? -1;
      return asked < 0 ? length - (starts[axis] ?? 0) : asked;
    });
    for (const [axis, length] of input.shape.entries()) {
      for (let start = 0; start < length && length <= 12; start++) {
        for (const count of new Set([lengths[axis], length - start, 1])) {
          if (start + count > length || start === starts[axis] && count === lengths[axis]) continue;
          yield {
            say:
              `${called} takes ${rangeText(starts[axis] ?? 0, lengths[axis])} of axis ${axis}, ` +
              `but should take ${rangeText(start, count)}`,
            make: (_, [x]) => [
              tf.slice(
                x,
                x.shape.map((_, each) => each === axis ? start : starts[each] ?? 0),
                lengths.with(axis, count),
              ),
            ],
          };
        }
      }
    }
  }
}

/** The two inputs in each other's place. */
function* exchanged({ step, called }: Material): Generator<Candidate> {
  if (step.layer || !/^(Sub|RealDiv|Pow|BatchMatMul)$/.test(step.name)) return;
  yield {
    say: `the two inputs of ${called} are exchanged`,
    make: (step, [a, b]) => step.again([b, a]),
  };
}

const binary: Readonly<Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  maximum: tf.maximum,
  minimum: tf.minimum,
  pow: tf.pow,
  squaredDifference: tf.squaredDifference,
};

const unary: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  "tf.softmax": ops.softmax,
  "GELU": ops.gelu,
  "tf.relu": tf.relu,
  "tf.sigmoid": tf.sigmoid,
  "tf.tanh": tf.tanh,
  "tf.exp": tf.exp,
  "tf.log": tf.log,
  "tf.sqrt": tf.sqrt,
  "tf.rsqrt": tf.rsqrt,
  "tf.square": tf.square,
  "tf.reciprocal": tf.reciprocal,
  "tf.neg": tf.neg,
  "tf.abs": tf.abs,
  "tf.sin": tf.sin,
  "tf.cos": tf.cos,
};

/** The operations of one tensor that a right computation has: others would be right by chance. */
function unaryIn({ right }: Material) {
  const names = new Set(right.flat().map(({ name }) => name.toLowerCase()));
  return Object.entries(unary).filter(([name]) => names.has(name.replace("tf.", "").toLowerCase()));
}

const quoted = (name: string) => name.startsWith("tf.") ? `\`${name}\`` : name;

/** Another operation of the same kind. */
function* otherOperations(material: Material): Generator<Candidate> {
  const { step, called } = material;
  if (step.layer) return;
  const { name, inputs } = step;
  const own = functionOf(name);
  if (name in reductions) {
    const { axis, keepDims } = step.attributes as { axis: number[]; keepDims: boolean };
    for (const [other, reduce] of Object.entries(reductions)) {
      if (other === name) continue;
      yield {
        say: `${called} stands where \`${functionOf(other)}\` belongs`,
        make: (_, [x]) => [reduce(x, axis, keepDims)],
      };
    }
  }
  if (inputs.length === 2 && !/Concat|Pack|Gather/.test(name)) {
    for (const [other, operation] of Object.entries(binary)) {
      if (`tf.${other}` === own) continue;
      const say = `${called} stands where \`tf.${other}\` belongs`;
      yield { say, make: (_, [a, b]) => [operation(a, b)] };
    }
    for (const [other, operation] of Object.entries(binary)) {
      if (`tf.${other}` === own || !/sub|div|pow/.test(other)) continue;
      const say = `${called} stands where \`tf.${other}\` belongs`;
      yield {
        say: `${say}, with its inputs the other way round`,
        make: (_, [a, b]) => [operation(b, a)],
      };
    }
  }
  if (inputs.length === 1 && step.outputs[0] && same(inputs[0].shape, step.outputs[0].shape)) {
    for (const [other, operation] of unaryIn(material)) {
      if (other.toLowerCase().endsWith(name.toLowerCase())) continue;
      yield {
        say: `${called} stands where ${quoted(other)} belongs`,
        make: (_, [x]) => [operation(x)],
      };
    }
  }
}

/** Another layer of the module's. */
function* otherLayers({ step, called, layers, isUsed }: Material): Generator<Candidate> {
  if (!step.layer) return;
  for (const { module, name } of layers) {
    // In evaluation a dropout does nothing: only one that is nowhere else can be meant.
    if (module === step.layer || module instanceof Dropout && isUsed(module)) continue;
    yield {
      say: `${called} stands where \`${name}.forward\` belongs`,
      make: (_, inputs) => [module.forward(...inputs)],
    };
  }
}

/** Another number in the operation. */
function* otherNumbers(
  { step, called, factor, shift, numberText }: Material,
): Generator<Candidate> {
  const lone = step.inputs.findIndex(({ loneValue }) => loneValue !== undefined);
  const own = step.inputs[lone]?.loneValue;
  if (factor !== undefined && Math.abs(factor - 1) > 1e-3) {
    const right = own === undefined || step.layer
      ? undefined
      : step.name === "Multiply"
      ? own / factor
      : step.name === "RealDiv" && lone === 1
      ? own * factor
      : undefined;
    const verb = step.name === "Multiply" ? "multiplies" : "divides";
    const rounded = right === undefined ? undefined : numberText(right);
    yield {
      say: right !== undefined
        ? `${called} ${verb} by ${number(own!)}, but should by ${rounded}`
        : factor > 1
        ? `after ${called}, a division by ${numberText(factor)} is missing`
        : `after ${called}, a multiplication by ${numberText(1 / factor)} is missing`,
      make: (step, inputs) => step.again(inputs).map((each) => tf.div(each, factor)),
    };
  }
  if (shift !== undefined) {
    const right = own !== undefined && step.name === "Add" ? own - shift : undefined;
    yield {
      say: right !== undefined
        ? `${called} adds ${number(own!)}, but should add ${numberText(right)}`
        : `to ${called}, ${numberText(-shift)} must be added`,
      make: (step, inputs) => step.again(inputs).map((each) => tf.sub(each, shift)),
    };
  }
  if (own === undefined || step.layer || step.inputs.length !== 2) return;
  for (
    const right of [own ** 2, Math.sqrt(own), 1 / own, own - 1, own + 1, 2 * own, own / 2, -own]
  ) {
    if (!Number.isFinite(right) || right === own) continue;
    yield {
      say: `${called} has the number ${number(own)}, but should have ${numberText(right)}`,
      make: (step, inputs) => step.again(inputs.with(lone, tf.scalar(right))),
    };
  }
}

/** The operation left out. */
function* leftOut({ step, called, layers, isUsed }: Material): Generator<Candidate> {
  for (const { module, name } of step.layer ? layers : []) {
    if (!(module instanceof Dropout) || isUsed(module)) continue;
    const say = `${called} stands where \`${name}.forward\` belongs`;
    yield { say, make: (_, [x]) => [x] };
    break;
  }
  for (const [place] of step.inputs.entries()) {
    if (step.inputs[place].loneValue !== undefined && step.inputs.length > 1) continue;
    const what = step.inputs.length === 1
      ? `${called} is too much; what it gets goes on as it is`
      : `${called} is too much; its ${ordinal(place)} input goes on as it is`;
    yield { say: what, make: (_, inputs) => [inputs[place]] };
    if (place > 3) return;
  }
  if (!/Concat/.test(step.name) || step.inputs.length < 3) return;
  for (const place of step.inputs.keys()) {
    yield {
      say: `the ${ordinal(place)} tensor of ${called} is too much`,
      make: (step, inputs) => step.again(inputs.filter((_, index) => index !== place)),
    };
  }
}

/** Another tensor in place of an input. */
export function* otherInputs({ step, called, sources }: Material): Generator<Candidate> {
  for (const [place, input] of step.inputs.entries()) {
    for (const source of sources) {
      if (source.shape.length !== input.shape.length && step.name !== "Reshape") continue;
      const which = step.inputs.length === 1 ? "" : ` as its ${ordinal(place)} input`;
      yield {
        say: `${called} should get ${source.name}${which}`,
        uses: [source],
        make: (step, inputs, [taken]) => step.again(inputs.with(place, taken)),
      };
    }
    if (place > 3) return;
  }
}

/** An operation or a layer that what goes in must pass first. */
function* missingBefore(material: Material): Generator<Candidate> {
  const { step, called, layers, factors, numberText } = material;
  for (const { module, name } of layers) {
    if (!(module instanceof Dropout)) yield* layerBefore(material, module, name);
  }
  for (const [place, input] of step.inputs.entries()) {
    if (input.loneValue !== undefined || place > 3) continue;
    const which = whichInput(step, place);
    const factor = factors[place];
    if (factor !== undefined && Math.abs(factor - 1) > 1e-3) {
      const [what, by] = factor > 1 ? ["division", factor] : ["multiplication", 1 / factor];
      yield {
        say: `before ${called}, a ${what} by ${numberText(by)} is missing${which}`,
        make: (step, inputs) => step.again(inputs.with(place, tf.div(inputs[place], factor))),
      };
    }
    for (const [name, operation] of unaryIn(material)) {
      yield {
        say: `before ${called}, ${quoted(name)} is missing${which}`,
        make: (step, inputs) => step.again(inputs.with(place, operation(inputs[place]))),
      };
    }
    const rank = input.shape.length;
    for (const perm of rank <= 4 ? orders(rank).slice(1) : []) {
      yield {
        say: `before ${called}, \`tf.transpose(…, ${shapeText(perm)})\` is missing${which}`,
        make: (step, inputs) => step.again(inputs.with(place, tf.transpose(inputs[place], perm))),
      };
    }
  }
}

const whichInput = (step: TracedStep, place: number) =>
  step.inputs.length === 1 || step.layer ? "" : ` on its ${ordinal(place)} input`;

function* layerBefore(
  { step, called }: Material,
  module: Module,
  name: string,
): Generator<Candidate> {
  for (const [place, { loneValue }] of step.inputs.entries()) {
    if (loneValue !== undefined || place > 3) continue;
    yield {
      say: `before ${called}, \`${name}.forward\` is missing${whichInput(step, place)}`,
      make: (step, inputs) => step.again(inputs.with(place, module.forward(inputs[place]))),
    };
  }
}

function* layersAfter({ called, layers }: Material): Generator<Candidate> {
  for (const { module, name } of layers) {
    if (module instanceof Dropout) continue;
    yield {
      say: `after ${called}, \`${name}.forward\` is missing`,
      make: (step, inputs) => step.again(inputs).map((each) => module.forward(each)),
    };
  }
}

/** An operation or a layer that the result must pass. */
function* missingAfter(material: Material): Generator<Candidate> {
  const { called } = material;
  yield* layersAfter(material);
  for (const [name, operation] of unaryIn(material)) {
    yield {
      say: `after ${called}, ${quoted(name)} is missing`,
      make: (step, inputs) => step.again(inputs).map((each) => operation(each)),
    };
  }
}

/** A tensor that must be added to the result, or multiplied with it. */
function* missingSums({ step, called, sources }: Material): Generator<Candidate> {
  const [output] = step.outputs;
  if (!output) return;
  for (const source of sources) {
    if (!broadcasts(source.shape, output.shape)) continue;
    const made =
      (operation: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Candidate["make"] =>
      (step, inputs, [taken]) => step.again(inputs).map((each) => operation(each, taken));
    const uses = [source];
    yield { say: `to ${called}, ${source.name} must be added`, uses, make: made(tf.add) };
    yield { say: `from ${called}, ${source.name} must be subtracted`, uses, make: made(tf.sub) };
    yield { say: `${called} must be multiplied by ${source.name}`, uses, make: made(tf.mul) };
    yield { say: `${called} must be divided by ${source.name}`, uses, make: made(tf.div) };
  }
}

/** What a right computation does with the very values that go in or come out. */
export function* missingOfRight(
  { step, called, right, names, inputs }: Material,
): Generator<Candidate> {
  const isSame = (a: TracedTensor, b: TracedTensor) =>
    a.values.length > 3 && a.values.length === b.values.length &&
    a.values.every((value, index) => Math.abs(value - b.values[index]) < 1e-5);
  for (
    const [trace, other] of right.flatMap((trace) => trace.map((each) => [trace, each] as const))
  ) {
    if (/^(Reshape|Identity|Cast)$/.test(other.name) || other.outputs.length !== 1) continue;
    const own = [...step.inputs, ...step.outputs];
    const others = other.inputs.filter((each) => !own.some((mine) => isSame(mine, each)));
    // What else it takes may be a number, a parameter, or made of these: else more than this step would be missing.
    if (others.some(({ id }) => leavesOf(id, trace).some((leaf) => inputs.has(leaf)))) continue;
    const name = operationText(other.name) +
      (others.length === 0
        ? ""
        : ` with ${others.map((each) => tensorText(each, trace, names)).join(" and ")}`);
    for (const [place, input] of step.inputs.entries()) {
      if (!other.inputs.some((each) => isSame(each, input))) continue;
      // What a layer does is made of such steps; it does not stand in their place.
      if (other.name !== step.name && !step.layer) {
        yield {
          say: `${called} stands where ${name} belongs`,
          make: () => [tf.reshape(rebuilt(other.outputs[0]), fitted(other.outputs[0], input))],
        };
      }
      yield {
        say: `before ${called}, ${name} is missing${whichInput(step, place)}`,
        make: (step, inputs) => {
          const value = tf.reshape(
            rebuilt(other.outputs[0]),
            fitted(other.outputs[0], inputs[place]),
          );
          return step.again(inputs.with(place, value));
        },
      };
    }
    const [output] = step.outputs;
    if (!output || !other.inputs.some((each) => isSame(each, output))) continue;
    yield {
      say: `after ${called}, ${name} is missing`,
      make: () => [tf.reshape(rebuilt(other.outputs[0]), fitted(other.outputs[0], output))],
    };
  }
}

/** The tensors that no step makes and that lead to one. */
function leavesOf(id: number, trace: readonly TracedStep[]): number[] {
  // Each tensor once, for past n residuals there are 2ⁿ ways to it; the set grows while it is gone through.
  const reached = new Set([id]);
  const leaves: number[] = [];
  for (const each of reached) {
    const maker = trace.find(({ outputs }) => outputs.some((output) => output.id === each));
    // A step that hands its input on, as a dropout does in evaluation, makes none.
    const from = maker?.inputs.filter((input) => input.id !== each) ?? [];
    if (from.length === 0) leaves.push(each);
    for (const input of from) reached.add(input.id);
  }
  return leaves;
}

/** What a tensor of a right computation is to the learner: a number, a parameter or what comes of one, a shape. */
function tensorText(
  { id, loneValue, shape }: TracedTensor,
  trace: readonly TracedStep[],
  names: ReadonlyMap<number, string>,
): string {
  if (loneValue !== undefined) return number(loneValue);
  const found = new Set(leavesOf(id, trace).flatMap((each) => names.get(each) ?? []));
  const [name] = found;
  return found.size === 1 ? `\`${name}\`` : `a tensor of shape ${shapeText(shape)}`;
}

/** The shape of a value in the place of another: the other's own where it has as many values. */
const fitted = (value: TracedTensor, { shape }: { shape: readonly number[] }) =>
  shape.reduce((a, b) => a * b, 1) === value.values.length ? [...shape] : [...value.shape];

function operationText(name: string): string {
  const words: Record<string, string> = {
    layerNorm: "a LayerNorm",
    linear: "a linear map",
    gelu: "GELU",
    relu: "`tf.relu`",
    softmax: "`tf.softmax`",
    FusedBatchNorm: "a batch normalisation",
  };
  return words[name] ?? `\`${functionOf(name)}\``;
}

/** The same of what goes in. */
function* missingSumsBefore({ step, called, sources }: Material): Generator<Candidate> {
  for (const [place, { shape }] of step.inputs.entries()) {
    for (const source of sources) {
      if (place > 3 || !broadcasts(source.shape, shape)) continue;
      for (const [what, operation] of [["added", tf.add], ["multiplied", tf.mul]] as const) {
        yield {
          say: `before ${called}, ${source.name} must be ${what}${whichInput(step, place)}`,
          uses: [source],
          make: (step, inputs, [taken]) =>
            step.again(inputs.with(place, operation(inputs[place], taken))),
        };
      }
    }
  }
}

function broadcasts(from: readonly number[], to: readonly number[]): boolean {
  return from.length > 0 && from.length <= to.length &&
    from.every((length, index) => {
      const other = to[to.length - from.length + index];
      return length === other || length === 1;
    });
}

/** Softmax over any axis; tfjs's goes over the last one. */
function softmaxOver(x: tf.Tensor, axis: number): tf.Tensor {
  const exponentials = tf.exp(tf.sub(x, tf.max(x, axis, true)));
  return tf.div(exponentials, tf.sum(exponentials, axis, true));
}

/** The sets of axes that a reduction may go over: single ones, neighbours, all but the first, all. */
function subsets(rank: number): number[][] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const all = axes.reduce<number[][]>(
    (sets, axis) => [...sets, ...sets.map((set) => [...set, axis])],
    [[]],
  );
  return all.filter(({ length }) => length > 0).sort((a, b) => a.length - b.length);
}

/** All orders of so many items, the identity first; of more than five, those that leave the first. */
function orders(count: number): number[][] {
  const permuted = (items: number[]): number[][] =>
    items.length <= 1
      ? [items]
      : items.flatMap((item, index) =>
        permuted(items.toSpliced(index, 1)).map((rest) => [item, ...rest])
      );
  const items = Array.from({ length: count }, (_, index) => index);
  return count <= 5
    ? permuted(items)
    : count > 6
    ? [items]
    : permuted(items.slice(1)).map((rest) => [0, ...rest]);
}

/** The different orders of some numbers. */
function arrangements(numbers: readonly number[]): number[][] {
  if (numbers.length > 6) return [];
  const found = orders(numbers.length).map((order) => order.map((each) => numbers[each]));
  return [...new Map(found.map((each) => [each.join(), each])).values()];
}

const axesText = (axes: readonly number[], rank: number) =>
  axes.length === rank && rank > 1
    ? "all axes"
    : `${axes.length === 1 ? "axis" : "axes"} ${axes.join(", ")}`;

const rangeText = (start: number, count: number) =>
  count === 1 ? `place ${start}` : `places ${start} to ${start + count - 1}`;

const turnText = ([own, right]: readonly [boolean, boolean], which: string) =>
  own === right ? "" : right ? `transpose its ${which} input` : `not transpose its ${which} input`;

export const ordinal = (index: number) =>
  ["first", "second", "third", "fourth"][index] ?? `${index + 1}th`;

/** A tensor with the values that a trace kept. */
export function rebuilt({ values, shape, dtype }: TracedTensor): tf.Tensor {
  return tf.tensor(values, [...shape], dtype);
}
