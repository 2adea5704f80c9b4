/** Specs of tfjs that are known to fail, each with the reason. */
import type { Suite } from "./suites.ts";

export interface Exception {
  /** What the full names of the specs match. */
  specs: RegExp;
  /** Why they fail, and why that is left so. */
  reason: string;
  /** Whether they pass on plain JavaScript. */
  nativeOnly?: true;
}

export const exceptions: Record<Suite, Exception[]> = {
  core: [
    {
      specs: /^gradients .* errors if relevant ops are missing grads/,
      reason: "the op that it takes for one without a gradient has one here",
    },
    {
      specs: /^logSigmoid .* gradient with clones/,
      reason:
        "tfjs's gradient needs a tensor that is gone by then; tf.logSigmoid is another op here",
    },
    {
      specs: /^depthwiseConv2d gradients .* throws error on dilations > 1/,
      reason: "dilated windows have a gradient here",
    },
    {
      specs: /^(max|min) .* gradient: .*ties/,
      reason: "equal extremes share the gradient here, as in TensorFlow",
    },
    {
      specs: /^selu .* gradients: Tensor[12]D/,
      reason: "the slope at 0 is TensorFlow's here, that of the straight side",
    },
    {
      specs: /^mirrorPad .* grad(ient with clones)?$/,
      reason: "mirrored values add to the gradient here, as in TensorFlow",
    },
  ],
  layers: [
    {
      specs: /^Save-load round trips .*(Local storage|empty weights|IndexedDB|after load: )/,
      reason: "they save in a browser's local storage or IndexedDB",
    },
    {
      specs: /^TransformerDecoder one training step of transformer without cross attention/,
      reason:
        "tfjs-layers adds an array that holds a tensor: NaN on plain JavaScript, an error natively",
    },
    {
      specs: /^GPT2Backbone (call|variable sequence length|predict|does not leak memory)/,
      reason: "tfjs-layers adds the same array; these specs look at shapes alone, and NaN pass",
      nativeOnly: true,
    },
  ],
  data: [],
  converter: [
    {
      specs: /^OperationExecutor executeOp (should call \w+ executor|hash_table executor should)/,
      reason: "they replace exports of an ES module, which nobody can",
    },
    {
      specs: /^reduction executeOp Cum(prod|sum) should call tfOps.cum(prod|sum)/,
      reason: "they add up a scalar along an axis that it does not have",
      nativeOnly: true,
    },
  ],
};
