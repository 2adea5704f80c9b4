/**
 * What errors in a learner's code usually come from. Shapes, operations and values tell it, not the words of
 * TensorFlow, which differ between processor and GPU.
 */
import { fieldsOf, Module } from "../../nn/module.ts";
import { misfitOfReshape, misfitOfSlice, shapeText } from "./check.ts";
import type { CodeLine } from "./learner_code.ts";
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

/** An error in words of its own where they are not to be relied on, and its likely cause. */
export interface Explained {
  message: string;
  cause?: string;
}

/** Explains an error that a learner's code threw. */
export function explainError(error: unknown, context: ErrorContext): Explained {
  const step = context.trace?.failed;
  const failed = step && (noTensorIn(step) ?? misfit(step));
  const raw = error instanceof Error ? error.message : String(error);
  const [first] = raw.split("\n");
  const message = failed?.message ??
    `${error instanceof Error ? error.name : "Error"}: ${
      first.length > 240 ? `${first.slice(0, 238)}…` : first
    }`;
  const cause = slipCause(raw, context) ?? wrongOption(raw) ??
    (failed ? context.sizesHint ?? failed.cause : undefined) ??
    messageCause(raw, context.sizesHint);
  return { message, cause: cause && `Likely cause: ${cause}` };
}

/** The slips of people who come from PyTorch or NumPy, seen in what the operations got. */
function slipCause(message: string, { trace, module, line }: ErrorContext): string | undefined {
  const called = /^([\w$.#[\]]+) is not a function/.exec(message)?.[1];
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
  return valueSlip(trace) ?? missingValue(message);
}

/** A layer that refuses a number that it is made with; these are the library's own words. */
function wrongOption(message: string): string | undefined {
  const [, layer, what, value] =
    /^(\w+): (\w+) is (undefined|null|NaN|-?[\d.]+), expected/.exec(message) ??
      [];
  if (!layer) return undefined;
  if (value === "undefined" || value === "null") {
    return `\`${layer}\` gets no \`${what}\`: an option is not passed on to it, or its name is misspelt.`;
  }
  return value === "NaN"
    ? `\`${layer}\` gets NaN as its \`${what}\`: arithmetic with something that is no number.`
    : `\`${layer}\` is made with \`${what}\` ${value} in this line; take it from the options as it is.`;
}

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
  return got && { message: `${name} got ${got} in place of a tensor.` };
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

const plusCause = "`+` between tensors, which makes a text of them; write `tf.add(a, b)`.";
const signsCause =
  "`-`, `*`, `/` or `**` on tensors, which makes NaN, no tensor. Write `tf.div(a, b)`, " +
  "`tf.mul(a, b)`, `tf.sub(a, b)` or `tf.pow(a, b)`.";

/** Something undefined, NaN or a text where an operation wants a tensor; these are tfjs's own words. */
function missingValue(message: string): string | undefined {
  const wanted =
    /Argument '([^']+)' passed to '(\w+)' must be (?:a )?(?:numeric )?[Tt]ensor.*but got '?(\w+)/
      .exec(message);
  if (!wanted) return undefined;
  const [, argument, operation, found] = wanted;
  if (found === "string") return plusCause;
  if (found !== "undefined" && found !== "null") return undefined;
  return /\[\d+\]/.test(argument)
    ? `\`tf.${operation}\` gets a list with undefined in it. A callback with braces needs a \`return\`: ` +
      "`.map((x) => { return …; })`, or no braces: `.map((x) => …)`."
    : `\`tf.${operation}\` gets undefined. A \`return\` is missing in the function that makes it, or its name is ` +
      "misspelt.";
}

/** The elementwise operations of two tensors, by tfjs's names. */
const elementwise: Readonly<Record<string, string>> = {
  Add: "add",
  AddV2: "add",
  Sub: "sub",
  Multiply: "mul",
  RealDiv: "div",
  Pow: "pow",
  Maximum: "maximum",
  Minimum: "minimum",
  SquaredDifference: "squaredDifference",
};

const reshapeCause = `${misfitOfReshape} Use the sizes in \`x.shape\`, not fixed numbers.`;

/** What does not fit in an operation that failed, in words and shapes alone. */
function misfit({ name, inputs, attributes }: TracedStep): Explained | undefined {
  const shapes = inputs.map(({ shape }) => shape);
  const [a, b] = shapes;
  const both = () => `shapes ${shapes.map(shapeText).join(" and ")}`;
  if (name in elementwise && b && !fitElementwise(a, b)) {
    return {
      message: `tf.${elementwise[name]} got ${both()}, which do not fit each other.`,
      cause: "two tensors of different shapes are added or multiplied; print both `.shape`s.",
    };
  }
  if (name === "BatchMatMul" && b) {
    const { transposeA, transposeB } = attributes as { transposeA?: boolean; transposeB?: boolean };
    const inner = [a.at(transposeA ? -2 : -1), b.at(transposeB ? -1 : -2)];
    // The second turned round with its batch: its last axis is the first one's batch.
    const isTurned = a.length > 2 && b.at(-1) === a[0] && b[0] !== a[0] && !transposeB;
    if (inner[0] !== inner[1] && !isTurned) {
      return {
        message: `tf.matMul got ${both()}: ${inner[0]} columns do not meet ${inner[1]} rows.`,
        cause:
          "a matrix product of shapes that do not fit; print both `.shape`s before it. Where the second is " +
          "to be transposed, `tf.matMul(a, b, false, true)` does it.",
      };
    }
    return {
      message: `tf.matMul got ${both()}, whose leading axes do not fit each other.`,
      cause:
        "`tf.transpose(x)` without axes, which turns round the batch too. Name the order of all axes, or " +
        "write `tf.matMul(a, b, false, true)`.",
    };
  }
  if (name === "Transpose") {
    const { perm } = attributes as { perm?: readonly number[] };
    if (!perm || new Set(perm).size === a.length) return undefined;
    const lost = [...a.keys()].filter((axis) => !perm.includes(axis));
    return {
      message: `tf.transpose of a tensor of shape ${shapeText(a)} got the order ${
        shapeText(perm)
      }.`,
      cause: perm.length === a.length && perm.every((axis) => axis >= 0 && axis < a.length)
        ? `the order names an axis twice and leaves out ${lost.join(", ")}; each stands there once.`
        : "`tf.transpose` wants the number of every axis, each once.",
    };
  }
  if (name === "Reshape") {
    const { shape } = attributes as { shape: unknown };
    if (!isNumbers(shape)) return undefined; // sizes in single arguments
    const size = (each: readonly number[]) => each.reduce((x, y) => x * y, 1).toLocaleString("en");
    return {
      message:
        `tf.reshape of a tensor of shape ${shapeText(a)}, ${size(a)} values, got the shape ` +
        `${shapeText(shape)}${shape.includes(-1) ? "" : `, ${size(shape)} values`}.`,
      cause: reshapeCause,
    };
  }
  if (name === "Slice") {
    const { begin, size } = attributes as { begin: readonly number[]; size: readonly number[] };
    const ends = a.map((_, axis) => begin[axis] + Math.max(size[axis], 0));
    const axis = ends.findIndex((end, each) => end > a[each]);
    if (axis < 0) return undefined;
    return {
      message: `tf.slice of a tensor of shape ${shapeText(a)} got the start ${
        shapeText(begin)
      } and the size ${shapeText(size)}.`,
      cause: `${misfitOfSlice} along axis ${axis}: up to ${ends[axis]} of ${
        a[axis]
      }. The tensor was made too small, or the size is another axis's.`,
    };
  }
  if (name === "Concat") {
    return {
      message: `tf.concat got ${both()} for axis ${(attributes as { axis?: number }).axis ?? 0}.`,
      cause:
        "`tf.concat` of tensors that differ in another axis; print their `.shape`s. What every image gets, " +
        "such as a class token, is repeated for each first: `tf.tile`.",
    };
  }
}

const isNumbers = (each: unknown): each is readonly number[] =>
  Array.isArray(each) && each.every((size) => typeof size === "number");

/** Whether each axis, counted from the last, has one size, or 1 on one side. */
function fitElementwise(a: readonly number[], b: readonly number[]): boolean {
  return Array.from({ length: Math.min(a.length, b.length) }, (_, index) => {
    const [one, other] = [a.at(-1 - index), b.at(-1 - index)];
    return one === other || one === 1 || other === 1;
  }).every((fits) => fits);
}

/** What tfjs's and JavaScript's own words, which are the same on every device, usually mean. */
function messageCause(message: string, sizesHint?: string): string | undefined {
  const aboutSizes: [RegExp, string][] = [
    [
      /Size\(\d+\) must match the product of shape|Cannot reshape|Input to reshape|should have the same number of elements/i,
      reshapeCause,
    ],
    [
      /inner shapes|Error in matMul/i,
      "a matrix product of shapes that do not fit; print both `.shape`s before it. Where the second is to be " +
      "transposed, `tf.matMul(a, b, false, true)` does it.",
    ],
    [
      /must have compatible batch dimensions/i,
      "`tf.transpose(x)` without axes, which turns round the batch too. Name the order of all axes, or write " +
      "`tf.matMul(a, b, false, true)`.",
    ],
    [
      /Error in concat/i,
      "`tf.concat` of tensors that differ in another axis; print their `.shape`s. What every image gets, such as " +
      "a class token, is repeated for each first: `tf.tile`.",
    ],
    [
      /Operands could not be broadcast|incompatible shapes/i,
      "two tensors of different shapes are added or multiplied; print both `.shape`s.",
    ],
  ];
  const others: [RegExp, string][] = [
    [/numeric tensor, but got string/i, plusCause],
    [/length of perm/i, "`tf.transpose` wants the number of every axis, each once."],
    [
      /Number of splits must evenly divide the axis/i,
      "`tf.split` without an axis, which splits the batch, or into a number of parts that does not divide the " +
      "axis: `tf.split(x, 3, -1)`.",
    ],
    [
      /axis must be|axis out of|invalid (?:axis|reduction)|out of bounds|outside of/i,
      "an axis or index that does not exist: of n they count from 0 to n − 1; the last axis is −1.",
    ],
    [
      /non-last dimension/,
      "a softmax over the wrong axis: tfjs's goes over the last one. In attention it goes over the keys, which lie on the last axis: " +
      "`tf.softmax(scores)`.",
    ],
    [
      /logits must have >= 1 dimension/i,
      signsCause,
    ],
    [
      /flat\/TypedArray/i,
      "a shape in single numbers; it is one array, as in `tf.reshape(x, [2, 3])`.",
    ],
    [/\.shape is not a function/i, "`x.shape` is an array: write `x.shape[0]`."],
    [
      /Cannot delete property|object is not extensible|read only property '(?:\d|length)/i,
      "the `.shape` of the input is changed, as by `pop()` or `splice()`; it is not yours alone. Copy it first: " +
      "`const sizes = [...x.shape];`.",
    ],
    [
      /options\.random is missing/,
      "`random` is not passed on: the last argument of a layer holds its options, `{ …, random }`.",
    ],
    [
      /is \[object Object\], expected a whole number/,
      "arguments in the wrong order: the sizes come first, then the options, `{ …, random }`.",
    ],
    [
      /is -?\d+\.\d+, expected a whole number/,
      "a size that was divided by a number that does not divide it.",
    ],
    [/is not defined/i, "a misspelt name, or a cell further up that has not been run."],
    [
      /before initialization/i,
      "a name is used in a line above the one that declares it; put that line first.",
    ],
    [/constant variable/i, "a `const` gets a new value; declare it with `let`."],
    [
      /undefined \(reading 'forward'\)/,
      "a module that is not there: a list has no item of this index (those of n count from 0 to n − 1), or a field " +
      "that the constructor does not set.",
    ],
    [
      /undefined \(reading|is not a function|null \(reading/i,
      "a misspelt name, or a field that the constructor does not set.",
    ],
    [
      /must call super|before accessing 'this'/i,
      "the constructor must call `super()` before it uses `this`.",
    ],
    [
      /is disposed|a disposed tensor/i,
      "a tensor is used after `dispose()` or outside its `tf.tidy`.",
    ],
  ];
  const find = (causes: [RegExp, string][]) =>
    causes.find(([pattern]) => pattern.test(message))?.[1];
  const sizes = find(aboutSizes);
  return sizes ? sizesHint ?? sizes : find(others);
}
