/**
 * `tf` in the page: stands where `lib/tensor/tf.ts` stands elsewhere, so that the library's models
 * compute in a browser. The fused ops of `lib/tensor/ops.ts` are then composed of tfjs's.
 */
export * from "tfjs";
