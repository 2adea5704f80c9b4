/**
 * `tf`, as everything else imports it: tfjs on the best backend that works here. Notebooks get this
 * module for `@tensorflow/tfjs`, `@tensorflow/tfjs-node` and `@tensorflow/tfjs-node-gpu`.
 */
import * as tfjs from "tfjs";
import { announce } from "./announce.ts";
import { type BackendReport, chooseBackend } from "./backends.ts";
import * as corrected from "./corrected_ops.ts";
import { closeWhatIsCutOff } from "./cut_off.ts";
import { node } from "./node.ts";
import { showAs } from "../platform/last_value.ts";
import { stopFits } from "./stoppable_fit.ts";
import { describeTensor } from "./tensor_text.ts";
import { correctVariableMethod, variable } from "./variable_names.ts";

/** The backend that runs, and why. */
export const backendReport: BackendReport = await chooseBackend();

announce(backendReport);
corrected.correctMethods();
correctVariableMethod();
closeWhatIsCutOff();
stopFits();
showAs(tfjs.Tensor, describeTensor);

export * from "tfjs";
export {
  abs,
  conv1d,
  divNoNan,
  euclideanNorm,
  fused,
  logSigmoid,
  lowerBound,
  norm,
  raggedGather,
  raggedTensorToTensor,
  searchSorted,
  upperBound,
} from "./corrected_ops.ts";
export { node, variable };
/** For `import tf from …`, beside `import * as tf from …`. */
export default { ...tfjs, ...corrected.ops, node, variable };
