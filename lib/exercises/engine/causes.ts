/** What errors in a learner's code usually come from: shapes, operations and values tell it before any words. */
import { fieldsOf, Module } from "../../nn/module.ts";
import { wordsOfError } from "../../platform/engine_words.ts";
import { TensorFlowError } from "../../tensor/tensorflow_error.ts";
import { shapeText } from "./check.ts";
import { causeOfWords, plusCause, signsCause } from "./error_words.ts";
import { isGeneral } from "./general_causes.ts";
import type { CodeLine } from "./learner_code.ts";
import { type Explained, misfit } from "./misfit.ts";
import { functionOf } from "./step_difference.ts";
import type { Trace, TracedStep } from "./trace.ts";

/** What is known of an error beside its words. */
export interface ErrorContext {
  /** The operations up to the error. */
  trace?: Trace<unknown>;
  /** The learner's module that it happened in. */
  module?: Module;
  /** The learner's line that it happened in. */
  line?: CodeLine;
  /** The likely cause where sizes do not fit each other. */
  sizesHint?: string;
}

/** Explains an error that a learner's code threw. */
export function explainError(error: unknown, context: ErrorContext): Explained {
  const step = context.trace?.failed;
  const failed = step && (noTensorIn(step) ?? misfit(step, context.trace?.steps));
  const raw = error instanceof Error ? wordsOfError(error) : String(error);
  const isTensorFlows = error instanceof TensorFlowError;
  const cause = slipCause(isTensorFlows ? "" : raw, context) ??
    (failed?.cause && isGeneral(failed.cause) ? context.sizesHint : undefined) ?? failed?.cause ??
    (isTensorFlows ? undefined : causeOfWords(raw));
  const message = failed?.message ??
    (step && isTensorFlows ? refusedText(step, raw) : errorText(error));
  return { message, cause: cause && `Likely cause: ${cause}` };
}

function errorText(error: unknown): string {
  const words = error instanceof Error ? wordsOfError(error) : String(error);
  return `${error instanceof Error ? error.name : "Error"}: ${firstLine(words)}`;
}

/** What an operation got that TensorFlow refused, before its own words. */
const refusedText = ({ name, inputs }: TracedStep, words: string) =>
  `${functionOf(name)} fails on ${
    inputs.map(({ shape }) => `a tensor of shape ${shapeText(shape)}`).join(" and ")
  }. TensorFlow says: ${firstLine(words)}`;

function firstLine(words: string): string {
  const [first] = words.split("\n");
  return first.length > 240 ? `${first.slice(0, 238)}…` : first;
}

/** The slips of people who come from PyTorch or NumPy, seen in what the operations got. */
function slipCause(message: string, { trace, module, line }: ErrorContext): string | undefined {
  if (/^Cannot set property training of/.test(message)) {
    return "the mode of a module is set by `setTraining(…)`, and not in `forward`: who trains or measures sets that of " +
      "the whole model.";
  }
  const called = /^([\w$.#[\]]+) is not a function/.exec(message)?.[1];
  const item = called?.replace(/\..*$/, "");
  if (
    item && new RegExp(`\\bfor \\((?:const|let|var) ${escaped(item)} in\\b`).test(line?.text ?? "")
  ) {
    return `\`for (const ${item} in …)\` goes over the indices of a list, as texts; write ` +
      `\`for (const ${item} of …)\`.`;
  }
  if (called && module) {
    const isPart = isModuleName(called, module) || /^this\./.test(called) && partAt(called, module);
    if (isPart) {
      return `\`.forward\` is missing: a module is no function here; write \`${called}.forward(…)\`.`;
    }
  }
  const read = /^Cannot read properties of undefined \(reading '([\w$#]+)'\)/.exec(message)?.[1];
  if (
    read && module && (read in module) && read !== "forward" &&
    new RegExp(`this\\.${read}\\b`).test(line?.text ?? `this.${read}`)
  ) {
    return "`this` is lost in a callback: inside `function (…) { … }`, or in a method that is passed on as it is, " +
      "`this` is not the module. Write an arrow function, `(x) => this.…`.";
  }
  if (read && line) {
    const element = /([\w$.]+)\[([^\]]+)\]\s*(?:!)?\.[\w$]+/.exec(line.text);
    if (element && line.text.includes(`.${read}`)) {
      return `\`${element[1]}\` has no item ${
        element[2]
      }: the items of n count from 0 to n − 1, so a loop runs ` +
        "while `i < n`.";
    }
  }
  return valueSlip(trace);
}

/** A name for use in a pattern. */
const escaped = (name: string) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Whether a variable of a cell is, by its name, an item of one of the module's lists: `block` of `blocks`. */
function isModuleName(name: string, module: Module): boolean {
  return [...fieldsOf(module)].some(([field, value]) => {
    const list = /^(\w+)\.\d+$/.exec(field)?.[1];
    return list !== undefined && value instanceof Module &&
      (list === `${name}s` || list === `${name}es` || name.length < 3 && list.startsWith(name));
  });
}

/** What a path such as `this.blocks[0]` leads to, where it is a module. */
function partAt(path: string, module: Module): boolean {
  const parts = path.replace(/^this\./, "").replace(/\[(\w+)\]/g, ".$1").split(".");
  let value: unknown = module;
  for (const part of parts) {
    // An index in a variable stands for any item.
    value = Array.isArray(value) && !/^\d+$/.test(part)
      ? value[0]
      : (value as Record<string, unknown> | undefined)?.[part];
  }
  return value instanceof Module;
}

/** An operation that failed because it got NaN or a text for a tensor, in words of our own. */
function noTensorIn({ name, inputs }: TracedStep): Explained | undefined {
  const got = inputs.some(({ dtype }) => dtype === "string")
    ? "a text"
    : inputs.some(({ loneValue }) => Number.isNaN(loneValue))
    ? "NaN"
    : undefined;
  return got && { message: `${functionOf(name)} got ${got} in place of a tensor.` };
}

/** `+`, `-`, `*`, `/` between tensors: a text or NaN that no operation has made. */
export function valueSlip(trace: Trace<unknown> | undefined): string | undefined {
  const steps = [...trace?.steps ?? [], ...(trace?.failed ? [trace.failed] : [])];
  const made = new Set(steps.flatMap(({ outputs }) => outputs.map(({ id }) => id)));
  for (const { inputs } of steps) {
    for (const { id, dtype, loneValue } of inputs) {
      if (made.has(id)) continue;
      if (dtype === "string") return plusCause;
      if (loneValue !== undefined && Number.isNaN(loneValue)) return signsCause;
    }
  }
}
