/** Names of PyTorch, NumPy and Python in a learner's code, and what is written here in their place. */
import * as tf from "../../tensor/tf.ts";

/** What a method or function of PyTorch, NumPy or Python's TensorFlow is here. */
const here: Readonly<Record<string, string>> = {
  astype: '`tf.cast(x, "float32")`',
  bmm: "`tf.matMul(a, b)`",
  cat: "`tf.concat([a, b], axis)`",
  chunk: "`tf.split(x, parts, axis)`",
  contiguous: "nothing: leave it out",
  detach: "nothing: leave it out",
  expand: "`tf.broadcastTo(x, shape)`",
  float: '`tf.cast(x, "float32")`',
  identity: "`tf.clone(x)`",
  item: "`(await x.data())[0]`",
  masked_fill: "`tf.where(mask, a, b)`",
  numel: "`x.size`",
  numpy: "`await x.array()`",
  permute: "`tf.transpose(x, [0, 2, 1])`",
  power: "`tf.pow(x, 2)`",
  reduce_mean: "`tf.mean(x, axis)`",
  reduce_sum: "`tf.sum(x, axis)`",
  repeat: "`tf.tile(x, times)`",
  repeat_interleave: "`tf.tile(x, times)` and `tf.reshape`",
  size: "`x.shape[0]`",
  std: "`tf.moments(x, axis)` and `tf.sqrt`",
  t: "`tf.transpose(x)`",
  tolist: "`await x.array()`",
  unsqueeze: "`tf.expandDims(x, axis)`",
  var: "`tf.moments(x, axis)`",
  view: "`tf.reshape(x, [2, 3])`",
};

/** What a name of Python's is here. */
const names: Readonly<Record<string, string>> = {
  False: "`false`",
  F: "a function of `tf` or of the library",
  None: "`undefined`",
  True: "`true`",
  len: "`x.length`, of a tensor `x.shape[0]`",
  nn: "the library's layers, such as `new Linear(width, hiddenWidth, { random })`",
  np: "`tf`",
  print: "`console.log(x)`",
  range: "`for (let i = 0; i < n; i++)`",
  self: "`this`",
  torch: "`tf`",
};

/** The likely cause of an error about a name that there is in another language, or in another spelling. */
export function foreignName(message: string): string | undefined {
  const unknown = /^(\w+) is not defined/.exec(message)?.[1];
  if (unknown) {
    return unknown in names
      ? `\`${unknown}\` is Python's; here it is ${names[unknown]}. \`fromPython()\` lists more.`
      : undefined;
  }
  const [, holder, called] = /(?:^|[^\w$])([\w$]+|\))\.(\w+) is not a function/.exec(message) ?? [];
  // A part's own method is the learner's.
  if (!called || /^this\./.test(message)) return undefined;
  if (called === "assign") {
    return "a tensor's values never change: only a `tf.Variable` has `assign`. Compute a new tensor.";
  }
  const plain = called.replaceAll("_", "").toLowerCase();
  const spelt = Object.entries(tf).find(([name, value]) =>
    typeof value === "function" && name.toLowerCase() === plain
  )?.[0];
  const written = Object.hasOwn(here, called) ? here[called] : spelt && `\`tf.${spelt}(…)\``;
  return written &&
    `${
        holder === "tf" ? "there is no" : "tensors have no"
      } \`${called}\` here; write ${written}. ` +
      "`fromPython()` lists more.";
}
