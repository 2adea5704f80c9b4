/** `tf.node`: image coding and TensorBoard as tfjs-node has them; SavedModel says what to do. */
import "./node_utilities.ts";

export { node } from "tfjs-node/dist/node.js";
