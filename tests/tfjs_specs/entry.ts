/** What is bundled: Tessera's native backend, then every spec file of tfjs-core, registered with jasmine. */
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { setTestEnvs } from "@tensorflow/tfjs-core/dist/jasmine_util";
import { startNative } from "../../lib/tensor/native.ts";

const { binding } = await startNative();
export const version = binding.TF_Version;

setTestEnvs([{
  name: "test-tensorflow",
  backendName: "tensorflow",
  flags: {},
  isDataSync: true,
}]);

await import("@tensorflow/tfjs-core/dist/tests");
