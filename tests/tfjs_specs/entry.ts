/** What is bundled: Tessera's engine, then every spec file of a suite, registered with jasmine. */
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { setTestEnvs } from "@tensorflow/tfjs-core/dist/jasmine_util";
import * as tf from "tfjs";
import { chooseBackend } from "../../lib/tensor/backends.ts";

/** The backend that the specs run on, as `TESSERA_BACKEND` asks for. */
export const report = await chooseBackend();

setTestEnvs([{
  // So tfjs-node calls it, whose list of specs to ignore has it in their names.
  name: "test-tensorflow",
  backendName: tf.getBackend(),
  isDataSync: true,
}]);

// In tests tfjs counts the tensors that an op leaves behind. Where a gradient is recorded, some are kept
// for it; a reshaped one that shares the memory of its original does not count, but TensorFlow's is one more.
const engine = tf.engine() as unknown as {
  state: { gradientDepth: number };
  shouldCheckForMemLeaks(): boolean;
};
const shouldCheck = engine.shouldCheckForMemLeaks;
engine.shouldCheckForMemLeaks = function () {
  return this.state.gradientDepth === 0 && shouldCheck.call(this);
};

await import("suite:specs");
