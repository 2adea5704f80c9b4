/**
 * The transformer block and its feed-forward part as plain computations, with a switch for each typical
 * mistake.
 */
import * as tf from "../../tensor/tf.ts";
import * as ops from "../../tensor/ops.ts";
import { attention, attentionMistakes } from "../attention/attention_mistakes.ts";
import type { Mistakes } from "../engine/mistakes.ts";
import { layerNorm, linear, type Weights } from "../engine/plain_layers.ts";

export const mlpMistakes = {
  noActivation: "without GELU between the two Linear layers",
  relu: "with ReLU in place of GELU",
  approximateGelu: "with the tanh approximation of GELU; the exact one is `Gelu`",
  sigmoidGelu: "with x · sigmoid(1.702 x), an approximation of GELU; the exact one is `Gelu`",
  sigmoid: "with a sigmoid in place of GELU",
  silu: "with SiLU, x · sigmoid(x), in place of GELU",
  tanh: "with tanh in place of GELU",
  activationLast: "with GELU after the second Linear layer, not between the two",
  activationTwice: "with a second GELU after the second Linear layer",
  mlpResidual: "with a residual connection inside the feed-forward part; it belongs in the block",
} as const satisfies Mistakes<string>;

export type MlpMistake = keyof typeof mlpMistakes;

/** Activations that stand in GELU's place. */
const others: readonly [MlpMistake, (x: tf.Tensor) => tf.Tensor][] = [
  ["relu", ops.relu],
  ["sigmoid", tf.sigmoid],
  ["silu", (x) => tf.mul(x, tf.sigmoid(x))],
  ["sigmoidGelu", (x) => tf.mul(x, tf.sigmoid(tf.mul(x, 1.702)))],
  ["tanh", tf.tanh],
];

/** `hidden` and `output` are the paths of two linear maps. */
export function mlp(x: tf.Tensor, weights: Weights, prefix: string, has: ReadonlySet<string>) {
  const hidden = linear(x, weights, `${prefix}hidden`);
  const gelu = has.has("approximateGelu") ? approximateGelu : ops.gelu;
  const activation = others.find(([mistake]) => has.has(mistake))?.[1] ?? gelu;
  const activated = has.has("noActivation") || has.has("activationLast")
    ? hidden
    : activation(hidden);
  const output = linear(activated, weights, `${prefix}output`);
  const result = has.has("activationLast") || has.has("activationTwice")
    ? activation(output)
    : output;
  return has.has("mlpResidual") ? tf.add(x, result) : result;
}

export const blockMistakes = {
  postNorm:
    "when LayerNorm comes after each residual sum (post-LN). Here it comes before attention and " +
    "before the feed-forward part (pre-LN), and the residual passes by it",
  noAttentionResidual: "without the first residual connection, the one round the attention",
  noMlpResidual: "without the second residual connection, the one round the feed-forward part",
  noResiduals: "without the two residual connections",
  noAttentionNorm: "without LayerNorm before the attention",
  noMlpNorm: "without LayerNorm before the feed-forward part",
  normOnAttentionResidual:
    "when the first residual adds the normalised input; it must add the input itself",
  normOnMlpResidual:
    "when the second residual adds its normalised input; it must add the input itself",
  normOnResiduals:
    "when both residuals add the normalised input (`x = norm(x)` first); they must add x as it " +
    "came in",
  normAfterAttention:
    "when LayerNorm stands after the attention instead of before it, inside the residual",
  normsSwapped: "with the two LayerNorms exchanged",
  firstNormTwice: "with the first LayerNorm in both places",
  secondNormTwice: "with the second LayerNorm in both places",
  parallel: "when the feed-forward part gets the block's input in place of the attention's result",
  secondResidualFromInput:
    "when the second residual adds the block's input in place of the first half's " +
    "result",
  mlpFirst: "with the feed-forward part before the attention",
  noAttention: "without the attention half",
  noMlp: "without the feed-forward half",
  ...mlpMistakes,
  ...attentionMistakes,
} as const satisfies Mistakes<string>;

export type BlockMistake = keyof typeof blockMistakes;

/** A pre-LN transformer block, `[B, N, D] → [B, N, D]`. */
export function block(
  input: tf.Tensor,
  weights: Weights,
  { prefix = "", heads }: { prefix?: string; heads: number },
  has: ReadonlySet<string>,
): tf.Tensor {
  let norms = ["attentionNorm", "mlpNorm"];
  if (has.has("normsSwapped")) norms = ["mlpNorm", "attentionNorm"];
  if (has.has("firstNormTwice")) norms = ["attentionNorm", "attentionNorm"];
  if (has.has("secondNormTwice")) norms = ["mlpNorm", "mlpNorm"];
  const [firstNorm, secondNorm] = norms.map((name) => (x: tf.Tensor) =>
    layerNorm(x, weights, prefix + name)
  );
  const attend = (x: tf.Tensor) =>
    attention(x, weights, { prefix: `${prefix}attention.`, heads }, has);
  const feedForward = (x: tf.Tensor) => mlp(x, weights, `${prefix}mlp.`, has);
  const none = has.has("noResiduals");

  const first = (x: tf.Tensor) => {
    if (has.has("noAttention")) return x;
    if (has.has("postNorm")) return firstNorm(tf.add(x, attend(x)));
    if (has.has("normAfterAttention")) return tf.add(x, firstNorm(attend(x)));
    const normal = has.has("noAttentionNorm") ? x : firstNorm(x);
    const change = attend(normal);
    if (none || has.has("noAttentionResidual")) return change;
    const onNorm = has.has("normOnAttentionResidual") || has.has("normOnResiduals");
    return tf.add(onNorm ? normal : x, change);
  };
  const second = (x: tf.Tensor) => {
    if (has.has("noMlp")) return x;
    if (has.has("postNorm")) return secondNorm(tf.add(x, feedForward(x)));
    const source = has.has("parallel") ? input : x;
    const normal = has.has("noMlpNorm") ? source : secondNorm(source);
    const change = feedForward(normal);
    if (none || has.has("noMlpResidual")) return change;
    const onNorm = has.has("normOnMlpResidual") || has.has("normOnResiduals");
    return tf.add(onNorm ? normal : has.has("secondResidualFromInput") ? input : x, change);
  };
  return has.has("mlpFirst") ? first(second(input)) : second(first(input));
}

/** `0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³)))` (arXiv 1606.08415, section 2). */
function approximateGelu(x: tf.Tensor): tf.Tensor {
  const inner = tf.mul(tf.add(x, tf.mul(tf.pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
}
