/**
 * What a step of a learner's computation may have to be instead: other axes, other inputs, another operation, one
 * more or one less. A candidate is only tried here; {@link import("./repair.ts")} finds out which is right.
 */
import * as tf from "../../tensor/tf.ts";
import { Dropout } from "../../nn/dropout.ts";
import type { Module } from "../../nn/module.ts";
import { type Candidate, type Material, ordinal, whichInput } from "./candidate.ts";
import { missingSums, missingSumsBefore } from "./candidate_sums.ts";
import { orders, otherAttributes, reductions } from "./candidate_attributes.ts";
import { arranging, exchanged, otherOperations, quoted, unaryIn } from "./candidate_operations.ts";
import { shapeText } from "./check.ts";
import { number } from "./compare.ts";

/** Candidates whose values tell whether they are right, the likeliest first. */
export function* candidatesFor(material: Material): Generator<Candidate> {
  yield* repeated(material);
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

/** A reduction that drops its axis, and so meets other axes of what it should be stretched over. */
export function* keptFor({ step, called }: Material): Generator<Candidate> {
  const { axis, keepDims } = step.attributes as {
    axis?: number | number[] | null;
    keepDims?: boolean;
  };
  if (!(step.name in reductions) || keepDims) return;
  const rank = step.inputs[0].shape.length;
  const own = [axis ?? Array.from({ length: rank }, (_, axis) => axis)].flat();
  const over = (axes: number[], say: string): Candidate => ({
    say,
    make: (_, [x]) => [reductions[step.name](x, axes, true)],
  });
  yield over(own, `${called} drops its axis, but should keep it`);
  for (let other = rank - 1; other >= 0 && own.length === rank && rank > 1; other--) {
    yield over(
      [other],
      `${called} goes over all axes, but should go over axis ${other} and keep it`,
    );
  }
}

/** The few that are worth a computation of the whole where the values on the way tell nothing. */
export function* simpleFor(material: Material): Generator<Candidate> {
  yield* leftOut(material);
  yield* otherOperations(material);
  yield* exchanged(material);
  if (!arranging.test(material.step.name)) yield* otherAttributes(material);
  yield* otherNumbers(material);
}

/** Layers, parameters and results that the learner's code never uses, in whatever place: the likeliest to be missing. */
export function* unusedFor(material: Material): Generator<Candidate> {
  const { isUsed } = material;
  const layers = material.layers.filter(({ module }) => !isUsed(module));
  // What a layer holds is used by its call.
  const held = new Set(
    material.layers.flatMap(({ module }) => [...module.namedVariables().values()]),
  );
  const results = material.sources.filter(({ isUnused }) => isUnused);
  const sources = material.sources.filter(({ tensor, isUnused }) =>
    isUnused || tensor instanceof tf.Variable && !held.has(tensor) && !isUsed(tensor)
  ).map((source) => ({ ...source, isUnused: true }));
  const unused = { ...material, layers, sources };
  if (layers.length > 0) {
    yield* otherLayers(unused);
    for (const { module, name } of layers) yield* layerBefore(unused, module, name);
    yield* layersAfter(unused);
  }
  yield* missingSums(unused);
  yield* missingSumsBefore(unused);
  yield* otherInputs({ ...material, sources: results });
}

/** What every image gets, such as a class token, repeated for each before it is joined with others. */
function* repeated({ step, called }: Material): Generator<Candidate> {
  if (step.name !== "Concat") return;
  for (const [place, { shape }] of step.inputs.entries()) {
    const other = step.inputs.find((each) => each.shape[0] !== shape[0]);
    if (shape[0] !== 1 || !other) continue;
    const counts = shape.map((_, axis) => axis === 0 ? other.shape[0] : 1);
    yield {
      say: `before ${called}, its ${ordinal(place)} input must be repeated for each image: ` +
        "`tf.tile(x, [batch, 1, 1])`",
      make: (step, inputs) => step.again(inputs.with(place, tf.tile(inputs[place], counts))),
    };
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
export function* leftOut({ step, called, layers, isUsed }: Material): Generator<Candidate> {
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
