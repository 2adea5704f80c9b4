/** What learners type, half of it wrong, and what they are to see: that, and nothing else. */

export interface TypedCell {
  cell: string;
  /** The texts that are underlined, in order, each with the beginning of what is said of it. */
  wrong?: [text: string, said: string][];
  /** A word, and what pointing at it shows. */
  hover?: [word: string, shown: string];
  /** Where the cursor stands (behind that text), the names that are offered first, and some that are not. */
  offers?: { behind: string; first: string[]; not?: string[] };
  /** What a call's parentheses show behind that text. */
  signature?: [behind: string, shown: string];
}

/** The cell that stands above. */
export const above = `import * as tf from "@tensorflow/tfjs";
import { accuracy, Linear, Module, Random, show, VisionTransformer } from "tessera";
const images = tf.zeros<tf.Rank.R4>([4, 28, 28, 1]);
const random = new Random(42);
const patchSize = 7;
let losses: number[] = [];
function patchCount(height: number): number {
  return height / patchSize;
}`;

export const typedCells: TypedCell[] = [
  // Right, and so without a mark.
  { cell: "const count = patchCount(28) ** 2;", hover: ["patchCount", "height: number): number"] },
  { cell: "const [batch, height, width, channels] = images.shape;", hover: ["width", "number"] },
  { cell: "losses.push(0.5);", offers: { behind: "losses.pu", first: ["push"] } },
  {
    cell: "const flat = images.reshape([4, 784]);",
    offers: { behind: "images.resh", first: ["reshape", "reshapeAs"] },
  },
  {
    cell: "const layer = new Linear(784, 10, { random });",
    hover: ["Linear", "new Linear(inputs: number"],
    signature: ["new Linear(", "Linear("],
  },
  { cell: "const mean = images.mean([1, 2]).dataSync()[0];", hover: ["mean", "number"] },
  {
    cell: "const moved = tf.transpose(images, [0, 3, 1, 2]);",
    offers: { behind: "tf.transp", first: ["transpose"], not: ["Transpose"] },
    signature: ["tf.transpose(", "transpose"],
    hover: ["transpose", "Transposes the"],
  },
  { cell: "const patchSize = 14; // anew\nconst twice = patchSize * 2;" },
  {
    cell: "class Net extends Module {\n  forward(x: tf.Tensor): tf.Tensor {\n    return x;\n  }\n}",
  },
  { cell: "const text = `loss ${losses.at(-1)?.toFixed(3)}`;" },
  { cell: "for (const [index, loss] of losses.entries()) console.log(index, loss);" },
  { cell: "for (let i = 0; i < 3; i++) losses[i] = i / 2;" },
  { cell: "const half = 7 / 2; // 3.5\nconst rest = 7 % 2;" },
  { cell: "await show(images);", hover: ["show", "Promise<void>"] },
  { cell: "export const seed = 7;" },
  { cell: 'import { Trainer } from "tessera";', hover: ["Trainer", "class Trainer"] },
  { cell: "const unused = 3;\nlet never;" },
  { cell: "const value = tf.tidy(() => tf.add(tf.scalar(1), 2).arraySync());" },
  {
    cell: "type Options = { width: number };\nconst options: Options = { width: 3 };",
    offers: { behind: "const options: Opt", first: ["Options"] },
  },
  { cell: "const lines = `one\n\n\ntwo (`;" },
  { cell: "const sum = losses.reduce((a, b) => a + b, 0);", hover: ["sum", "number"] },
  { cell: 'const fresh = Deno.env.get("HOME") ?? "none";' },
  { cell: 'const lodash = await import("npm:lodash");' },
  {
    cell:
      'function solve(x: tf.Tensor): tf.Tensor {\n  throw new Error("not written yet");\n}\nsolve(images).print();',
  },
  {
    cell: "const list = Object.keys({ a: 1 });",
    offers: { behind: "Object.k", first: ["keys"] },
  },
  // Names.
  { cell: "console.log(heigth);", wrong: [["heigth", "Cannot find name 'heigth'"]] },
  { cell: "print(images);", wrong: [["images", "Expected 0 arguments"]] },
  { cell: "const empty = None;", wrong: [["None", "Cannot find name 'None'"]] },
  { cell: "const yes = True;", wrong: [["True", "Cannot find name 'True'"]] },
  { cell: "x = 5;", wrong: [["x", "Cannot find name 'x'"]] },
  { cell: "const n = len(losses);", wrong: [["len", "Cannot find name 'len'"]] },
  { cell: "const dropout = new Dropout(0.5);", wrong: [["Dropout", "Cannot find name 'Dropout'"]] },
  {
    cell: "images.reshpe([4, 784]);",
    wrong: [["reshpe", "Property 'reshpe' does not exist"]],
  },
  {
    cell: "tf.trnspose(images);",
    wrong: [["trnspose", "Property 'trnspose' does not exist on type 'tf'"]],
  },
  {
    cell: 'import { Traner } from "tessera";',
    wrong: [["Traner", "'\"tessera\"' has no exported member named 'Traner'"]],
    offers: { behind: "import { Tran", first: ["transferWeights", "TransformerBlock"] },
  },
  // Types.
  { cell: 'const digits: number[] = "0231";', wrong: [["digits", "Type 'string' is not"]] },
  { cell: 'patchCount("28");', wrong: [['"28"', "Argument of type 'string'"]] },
  { cell: "patchCount();", wrong: [["patchCount", "Expected 1 arguments"]] },
  { cell: "images + images;", wrong: [["images + images", "Operator '+' cannot"]] },
  {
    cell: "const doubled = images * 2;",
    wrong: [["images", "The left-hand side of an arithmetic"]],
  },
  {
    cell: "Linear(784, 10);",
    wrong: [["Linear(784, 10)", "Value of type 'typeof Linear' is not callable"]],
  },
  {
    cell: "const shape: [number, number] = [1, 2, 3];",
    wrong: [["shape", "Type '[number, number, number]' is not"]],
  },
  {
    cell: "const fixed = 3;\nfixed = 4;",
    wrong: [["fixed", "Cannot assign to 'fixed' because it is a constant"]],
  },
  {
    cell: "function double(x) {\n  return x * 2;\n}",
    wrong: [["x", "Parameter 'x' implicitly has an 'any' type"]],
  },
  {
    cell: "const vit = new VisionTransformer({ imageSize: 28 });",
    wrong: [["{ imageSize: 28 }", "Argument of type"]],
  },
  { cell: "losses.append(1);", wrong: [["append", "Property 'append' does not exist"]] },
  { cell: "const tensor: tf.Tensor = [1, 2];", wrong: [["tensor", "Type 'number[]' is missing"]] },
  { cell: "const x =", wrong: [["=", "Expression expected."]] },
  { cell: "class Net", wrong: [["t", "'{' expected."]] },
  // What is no TypeScript, and ends with its cell.
  { cell: "const open = [1, 2;", wrong: [["[", "This [ is not closed"]] },
  { cell: "function half(x: number) {\n  return x / 2;", wrong: [["{", "This { is not closed"]] },
  { cell: "const begun = `loss ", wrong: [["`", "This text does not end"]] },
  { cell: "console.log(1));", wrong: [[")", "No bracket is open"]] },
  { cell: "import { Lin", wrong: [["import { Lin", "This import is not complete"]] },
  {
    cell: "def f(x):\n  return x",
    wrong: [["def", "Unexpected keyword or identifier.\nThis looks like Python"]],
  },
  {
    cell: "images.",
    wrong: [[".", "Identifier expected."]],
    offers: {
      behind: "images.",
      first: ["abs", "acos"],
      not: ["__defineGetter__", "scopeId", "Abs"],
    },
  },
];
