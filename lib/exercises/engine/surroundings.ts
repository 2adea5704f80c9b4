/** What a learner's computation has around one of its steps, of which other steps can be made in its place. */
import * as tf from "../../tensor/tf.ts";
import type { Module } from "../../nn/module.ts";
import { type Material, ordinal, type Source } from "./candidate.ts";
import { codePath, type LearnerCode, parameterNames, siteOf } from "./learner_code.ts";
import type { Repaired } from "./repair.ts";
import type { RightValues } from "./right_values.ts";
import { functionOf } from "./step_difference.ts";
import type { TracedStep } from "./trace.ts";

/** So many results, and so many parameters, are tried as other inputs. */
const mostSources = 40;

export interface SurroundingsOptions {
  located: Repaired;
  right: RightValues;
  /** The parts of the learner's module each of whose calls is one step. */
  layers: readonly Module[];
  steps: readonly TracedStep[];
  code: LearnerCode;
  numberText: (value: number) => string;
}

/** The steps of a learner's computation, and what there is at each. */
export class Surroundings {
  readonly #options: SurroundingsOptions;
  readonly #module?: Module;
  /** What each step takes, by the tensors' ids. */
  readonly #taken: ReadonlySet<number>;
  readonly #inputNames: ReadonlyMap<number, string>;
  /** For each step its place in the code, and the call in the cell that makes it. */
  readonly #places: readonly { place: string; call?: string }[];

  constructor(options: SurroundingsOptions) {
    this.#options = options;
    const { located, steps } = options;
    this.#module = located.code.module;
    this.#places = steps.map(({ stack, name }) => {
      const site = siteOf(stack);
      return { place: `${name} ${site?.site}`, call: site?.call };
    });
    this.#taken = new Set(steps.flatMap(({ inputs }) => inputs.map(({ id }) => id)));
    const inputs = located.given.filter((each) => !(each instanceof tf.Variable));
    const names = parameterNames(located.code);
    this.#inputNames = new Map(
      inputs.map(({ id }, index) => [id, names[index] ? `\`${names[index]}\`` : "the input"]),
    );
  }

  /** What candidates for a step may be made of. */
  materialFor(index: number): Material {
    const { located, right, steps, code, numberText } = this.#options;
    const step = steps[index];
    const values = step.outputs[0]?.values ?? new Float32Array();
    return {
      step,
      called: calledText(step, code),
      layers: this.#module ? this.#layersIn(this.#module) : [],
      sources: this.#sourcesBefore(index),
      partOf: step.layer ? undefined : this.#partOf(index),
      numberText,
      factor: step.outputs.length === 1 ? right.factorOf(values) : undefined,
      factors: step.inputs.map(({ values }) => right.factorOf(values)),
      right: right.traces,
      inputs: new Set(this.#inputNames.keys()),
      names: located.names ?? new Map(),
      isUsed: (part) => this.#isUsed(part),
      shift: step.outputs.length === 1 ? right.shiftOf(values) : undefined,
    };
  }

  #isUsed(part: Module | tf.Variable): boolean {
    const { steps } = this.#options;
    const isFailed = steps.at(-1)?.outputs.length === 0;
    return steps.some(({ layer, inputs }) =>
      part instanceof tf.Variable ? inputs.some(({ id }) => id === part.id) : part === layer
    ) || isFailed && isMentioned(part, this.#module);
  }

  /** The layers that the learner's code may call: not those inside of others that count as one, unless it calls some. */
  #layersIn(module: Module, path = "this"): { module: Module; name: string }[] {
    return [...module.namedChildren()].flatMap(([name, child]) => {
      const own = codePath(name, path);
      const isOne = this.#options.layers.includes(child) || child.namedChildren().size === 0;
      const inside = isOne && !this.#callsInto(child) ? [] : this.#layersIn(child, own);
      return isOne ? [{ module: child, name: own }, ...inside] : inside;
    });
  }

  /** Whether a call of something inside of a module is a step, as of a branch's encoders. */
  #callsInto(module: Module): boolean {
    const inside = new Set(module.namedModules().values());
    return this.#options.steps.some(({ layer }) =>
      layer !== undefined && layer !== module && inside.has(layer)
    );
  }

  /** What the learner's code could use at a step: the results before, the input, and its parameters. */
  #sourcesBefore(index: number): Source[] {
    const { located, steps } = this.#options;
    const made = new Set(steps.flatMap(({ outputs }) => outputs.map(({ id }) => id)));
    const parameters = [...this.#module?.namedVariables() ?? []].map(([path, tensor]): Source => ({
      name: `\`${codePath(path)}\``,
      tensor,
      shape: tensor.shape,
    }));
    const inputs = located.given.filter((each) =>
      !(each instanceof tf.Variable) && !made.has(each.id)
    ).map((tensor): Source => ({
      name: this.#inputNames.get(tensor.id)!,
      tensor,
      shape: tensor.shape,
      isUnused: !this.#isTaken(tensor),
    }));
    const results = steps.slice(0, index).flatMap((step, at) =>
      this.#isOwn(step)
        ? step.outputs.map((each, output): Source => ({
          name: this.#resultText(at, output),
          index: at,
          output,
          shape: each.shape,
          isUnused: !this.#taken.has(each.id),
        }))
        : []
    );
    // The nearest first.
    return [
      ...results.toReversed().slice(0, mostSources),
      ...inputs,
      ...parameters.slice(0, mostSources),
    ];
  }

  /** What a result is called: of several from one place in the code, which one. */
  #resultText(index: number, output: number): string {
    const { steps, code } = this.#options;
    const called = calledText(steps[index], code);
    if (steps[index].outputs.length > 1) return `the ${ordinal(output)} of ${called}`;
    const { place } = this.#places[index];
    const alike = this.#places.flatMap((each, at) => each.place === place ? [at] : []);
    return alike.length === 1 ? called : `the ${ordinal(alike.indexOf(index))} result of ${called}`;
  }

  /** What the step is a part of where the call in the cell makes several operations, as `tf.norm` does. */
  #partOf(index: number): Material["partOf"] {
    const { steps } = this.#options;
    const { call } = this.#places[index];
    if (call === undefined) return undefined;
    let [first, last] = [index, index];
    while (this.#places[first - 1]?.call === call && !steps[first - 1].layer) first--;
    while (this.#places[last + 1]?.call === call && !steps[last + 1].layer) last++;
    const names = new Set(steps.slice(first, last + 1).map(({ name }) => name));
    if (names.size < 2) return undefined;
    const made = new Set(
      steps.slice(first, last).flatMap(({ outputs }) => outputs.map(({ id }) => id)),
    );
    const from = new Map(
      steps.slice(first, last + 1).flatMap(({ inputs }) =>
        inputs.flatMap(({ id, loneValue }) =>
          made.has(id) || loneValue !== undefined ? [] : [[id, id]] as const
        )
      ),
    );
    if (index !== last || from.size !== 1) return {};
    const [id] = from.keys();
    return { whole: this.#sourceOf(id) };
  }

  /** The tensor of an id, where a step gives it or the computation starts from it. */
  #sourceOf(id: number): Source | undefined {
    const { steps, located } = this.#options;
    for (const [index, { outputs }] of steps.entries()) {
      const output = outputs.findIndex((each) => each.id === id);
      if (output >= 0) return { name: "", index, output, shape: outputs[output].shape };
    }
    const tensor = located.given.find((each) => each.id === id);
    return tensor && { name: "", tensor, shape: tensor.shape };
  }

  /** Whether a step takes an input, or the copy that the check gives. */
  #isTaken({ id }: tf.Tensor): boolean {
    const { steps } = this.#options;
    const isCopy = ({ name, inputs }: TracedStep) => name === "Identity" && inputs[0].id === id;
    const copies = steps.filter(isCopy).flatMap(({ outputs }) => outputs.map((each) => each.id));
    return copies.some((copy) => this.#taken.has(copy)) ||
      steps.some((step) => !isCopy(step) && step.inputs.some((each) => each.id === id));
  }

  /** Whether a cell's code does a step; the check itself copies what it gives, in a cell too. */
  #isOwn({ stack, name, inputs }: TracedStep): boolean {
    const isCopy = name === "Identity" && this.#inputNames.has(inputs[0].id);
    return !isCopy && siteOf(stack) !== undefined;
  }
}

/** Whether the learner's code itself does a step, not a function that it calls. */
export function isDirect({ stack, layer, name }: TracedStep, code: LearnerCode): boolean {
  const site = siteOf(stack);
  if (!site || !code.isInnermost(stack)) return false;
  return layer !== undefined || /^[a-z]/.test(name) ||
    !site.inside.some((line) => /\/lib\/(?:nn|models|exercises)\//.test(line));
}

/** Whether the code of a module's class speaks of a part of it. */
function isMentioned(part: Module | tf.Variable, module?: Module): boolean {
  const field = Object.entries(module ?? {}).find(([, value]) => value === part)?.[0];
  return field !== undefined && module!.constructor.toString().includes(`this.${field}.forward`);
}

/** What a step is called in the learner's words. */
export function calledText(step: TracedStep, code: LearnerCode): string {
  const call = code.callOf(step.stack);
  if (call) return `\`${call}\``;
  return step.layer ? `the ${step.name}` : `\`${functionOf(step.name)}\``;
}
