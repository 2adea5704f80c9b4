/** Makes a learner's module and runs it: what goes wrong becomes a message that says so. */
import * as tf from "../../tensor/tf.ts";
import { atEnd } from "../../platform/kernel_door.ts";
import { Module } from "../../nn/module.ts";
import type { Part } from "../../nn/part.ts";
import { attempt, notSolved } from "./attempt.ts";
import { callText, describe, failure, shapeText } from "./check.ts";
import { assertNotFreed, assertTensor } from "./compare.ts";
import { given } from "./given.ts";
import { leavingAsIs } from "./given_options.ts";
import type { CodePart } from "./learner_code.ts";
import type { ParameterPair } from "./parameters.ts";

/** The learner's module and the library's, with the same weights. */
export interface CheckedModules {
  ours: Module;
  theirs: Module;
  pairs: readonly ParameterPair[];
  input: tf.Tensor;
  /** The pairs by what the parameters do, where that was looked at already: `null` for none. */
  byRole?: readonly ParameterPair[] | null;
  /** Parts of the learner's that have been checked, and mended where they were wrong. */
  sound?: readonly Module[];
}

type Class<Options> = new (options: Options) => Module;

/** Whether a part is made by `new`. */
function isClass<Options>(part: Part<Options>): part is Class<Options> {
  return part.prototype instanceof Module || /^class\b/.test(part.toString());
}

/** What a learner's class is called in code: its own name, or else the name that messages give it. */
export function codeName<Options>(name: string, part: Part<Options>): string {
  return isClass(part) && part.name !== "" ? part.name : name.replace(/^the | \(.*\)$/g, "");
}

/** Makes a learner's module, or says why it cannot be made. */
export function build<Options>(name: string, part: Part<Options>, options: Options): Module {
  if (typeof part !== "function") {
    throw failure(`${name} should be a class, but is ${describe(part)}.`);
  }
  const called = codeName(name, part);
  const keys = Object.keys(options as object).join(", ");
  const make = () =>
    isClass(part) ? new part(options) : (part as (options: Options) => Module)(options);
  const made: unknown = leavingAsIs(
    called,
    options as object,
    "options",
    () => attempt(`new ${called}({ ${keys} })`, "when it was made", make, { code: part }),
  );
  if (!(made instanceof Module)) {
    throw failure(
      `${name} should be a Module, but is ${describe(made)}.`,
      `Write \`class ${called} extends Module\`.`,
    );
  }
  return made;
}

/** The module's output as a float32 tensor, or what is wrong with it. */
export function evaluate(name: string, module: Module, input: tf.Tensor): tf.Tensor {
  const copy = given(input);
  const output: unknown = attempt(
    callText(name),
    `on an input of shape ${shapeText(input.shape)}`,
    () => module.forward(copy),
    { module },
  );
  assertTensor(output, `the result of ${callText(name)}`);
  assertNotFreed(callText(name), copy);
  return output;
}

export interface FunctionCall {
  /** The learner's function, as its name is shown. */
  name: string;
  /** "on images of shape [2, 3]" */
  situation: string;
  /** The learner's function. */
  code: CodePart;
  /** The call in words, for what it gives. Default: "the result of NAME". */
  of?: string;
  /** The likely cause where sizes do not fit each other. */
  sizesHint?: string;
}

/** What a learner's function gives for a tensor, as a float32 tensor, or what is wrong with it. */
export function evaluateFunction<Input extends tf.Tensor>(
  { name, situation, code, of = `the result of ${name}`, sizesHint }: FunctionCall,
  input: Input,
  call: (input: Input) => unknown,
): tf.Tensor {
  const copy = given(input);
  const result = attempt(name, situation, () => call(copy), { code, sizesHint });
  if (result === undefined && isEmpty(code)) throw notSolved(name);
  assertTensor(result, of);
  assertNotFreed(name, copy);
  return result;
}

/** Whether a function does nothing. */
function isEmpty(code: CodePart): boolean {
  const text = code.toString().replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  return /\{\s*\}\s*$/.test(text);
}

/** Calls with some parameters set to zero in both modules, and puts their values back. */
export function withZeros<T>(pairs: readonly ParameterPair[], call: () => T): T {
  const variables = pairs.flatMap(({ ours, theirs }) => [ours, theirs]);
  const values = variables.map((variable) => variable.clone());
  const end = atEnd(() => variables.forEach((variable, i) => variable.assign(values[i])));
  for (const variable of variables) variable.assign(tf.zerosLike(variable));
  try {
    return call();
  } finally {
    end();
  }
}

/** Calls with a module in training, and sets it to evaluation again. */
export function inTraining<T>(module: Module, call: () => T): T {
  const end = atEnd(() => module.setTraining(false));
  module.setTraining(true);
  try {
    return call();
  } finally {
    end();
  }
}
