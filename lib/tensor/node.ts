/**
 * What tfjs-node adds to tfjs: `tf.node` (image coding, TensorBoard, TensorFlow's SavedModels), models in
 * files, and progress lines for `model.fit`.
 */
import "./node_utilities.ts";
import * as tf from "tfjs";
import { ProgbarLogger } from "tfjs-node/dist/callbacks.js";
import { nodeFileSystemRouter } from "tfjs-node/dist/io/file_system.js";
import { fileSystem, nodeHTTPRequest } from "tfjs-node/dist/io/index.js";
import { version } from "tfjs-node/dist/version.js";

export { node } from "tfjs-node/dist/node.js";

Object.assign(tf.version, { "tfjs-node": version });
Object.assign(tf.io, { fileSystem, nodeHTTPRequest });

// "file://…" saves and loads.
tf.io.registerLoadRouter(nodeFileSystemRouter);
tf.io.registerSaveRouter(nodeFileSystemRouter);

/** The verbosity of `model.fit` that prints progress: tfjs's default. */
const PROGRESS = 1;
tf.registerCallbackConstructor(PROGRESS, ProgbarLogger);
