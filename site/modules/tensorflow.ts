export * from "../../lib/tensor/tf.ts";
export { default } from "../../lib/tensor/tf.ts";
