/**
 * What JavaScript's, tfjs's and the library's own words for an error usually mean. They are the same on every
 * device; TensorFlow's are not, and never come here.
 */
import { generalCauses } from "./general_causes.ts";
import { foreignName } from "./other_languages.ts";

/** `+` between tensors. */
export const plusCause = "`+` between tensors, which makes a text of them; write `tf.add(a, b)`.";
/** Another sign between tensors. */
export const signsCause =
  "`-`, `*`, `/` or `**` on tensors, which makes NaN, no tensor. Write `tf.div(a, b)`, " +
  "`tf.mul(a, b)`, `tf.sub(a, b)` or `tf.pow(a, b)`.";

/** What tfjs refuses in its own words, and TensorFlow where tfjs lets it through. */
export const axisCause =
  "an axis that does not exist: of n axes they count from 0 to n − 1; the last one is −1.";
export const orderCause = "`tf.transpose` wants the number of every axis, each once.";
export const partsCause =
  "`tf.split` without an axis, which splits the batch, or into a number of parts that does not divide the " +
  "axis: `tf.split(x, 3, -1)`.";
export const singleNumbersCause =
  "a shape in single numbers; it is one array, as in `tf.reshape(x, [2, 3])`.";

/** The likely cause of an error with these words. */
export function causeOfWords(message: string): string | undefined {
  return missingValue(message) ?? wrongOption(message) ?? foreignName(message) ??
    meanings.find(([pattern]) => pattern.test(message))?.[1];
}

/** Something undefined, NaN or a text where an operation wants a tensor, which tfjs refuses. */
function missingValue(message: string): string | undefined {
  const wanted =
    /Argument '([^']+)' passed to '(\w+)' must be (?:a )?(?:numeric )?[Tt]ensor.*but got '?(\w+)/
      .exec(message);
  if (!wanted) return undefined;
  const [, argument, operation, found] = wanted;
  if (found === "string") return plusCause;
  if (found === "Function") {
    return `\`tf.${operation}\` gets a function in place of what it gives: call it, as in \`this.part(x)\` for a ` +
      "method and `this.part.forward(x)` for a module.";
  }
  if (found !== "undefined" && found !== "null") return undefined;
  return /\[\d+\]/.test(argument)
    ? `\`tf.${operation}\` gets a list with undefined in it. A callback with braces needs a \`return\`: ` +
      "`.map((x) => { return …; })`, or no braces: `.map((x) => …)`."
    : `\`tf.${operation}\` gets undefined. A \`return\` is missing in the function that makes it, or its name is ` +
      "misspelt.";
}

/** A layer of the library's that refuses a number that it is made with. */
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

const meanings: readonly [RegExp, string][] = [
  // The library's
  [
    /^\w+: input of shape \[[\d, ]*\], expected/,
    `${generalCauses.layer}; print its \`.shape\`, and look at the numbers that the layer is made with.`,
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
  [
    /the index value \d+ is not in/,
    "an index that does not exist: of n they count from 0 to n − 1.",
  ],
  // tfjs's
  [/numeric tensor, but got string/i, plusCause],
  [/length of perm/i, orderCause],
  [/Number of splits must evenly divide the axis/i, partsCause],
  [/axis must be|axis out of|in axis param must be in range/i, axisCause],
  [
    /non-last dimension/,
    "a softmax over the wrong axis: tfjs's goes over the last one. In attention it goes over the keys, which lie on the last axis: " +
    "`tf.softmax(scores)`.",
  ],
  [
    /Can't squeeze axis/i,
    `${generalCauses.squeeze}; \`tf.reshape\` or \`tf.slice\` do other work.`,
  ],
  [/flat\/TypedArray/i, singleNumbersCause],
  [
    /is disposed|a disposed tensor/i,
    "a tensor is used after `dispose()` or outside its `tf.tidy`.",
  ],
  // JavaScript's
  [/\.shape is not a function/i, "`x.shape` is an array: write `x.shape[0]`."],
  [
    /Cannot delete property|object is not extensible|read only property '(?:\d|length)/i,
    "the `.shape` of the input is changed, as by `pop()` or `splice()`; it is not yours alone. Copy it first: " +
    "`const sizes = [...x.shape];`.",
  ],
  [
    /Reduce of empty array/i,
    "`reduce` gets a list without items, as `slice(1)` gives of a list of one.",
  ],
  [/is not defined/i, "a misspelt name, or a cell further up that has not been run."],
  [
    /before initialization/i,
    "a name is used before its own line has declared it. A field's is written with `this.`; else put that line first.",
  ],
  [/constant variable/i, "a `const` gets a new value; declare it with `let`."],
  [
    /undefined \(reading 'forward'\)/,
    "a module that is not there: a list has no item of this index (those of n count from 0 to n − 1), or a field " +
    "that the constructor does not set.",
  ],
  [
    /(?:undefined|null) \(reading '(?:shape|rank|dtype)'\)/,
    "undefined in place of a tensor: a `return` is missing, a name is misspelt, or a tensor was indexed. " +
    "`x[0]` is undefined; write `tf.gather(x, 0)`.",
  ],
  [
    /^make is not a function/,
    "`buffer` wants a function that makes the values: `buffer(() => …)`.",
  ],
  [
    /must call super|before accessing 'this'/i,
    "the constructor must call `super()` before it uses `this`.",
  ],
  [
    /undefined \(reading|is not a function|null \(reading/i,
    "a misspelt name, or a field that the constructor does not set.",
  ],
];
