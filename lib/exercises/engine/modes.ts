/** Whether each layer that works in another way in training is in the mode that its module was set to. */
import { atEnd } from "../../platform/kernel_door.ts";
import type * as tf from "../../tensor/tf.ts";
import { Dropout } from "../../nn/dropout.ts";
import type { Module } from "../../nn/module.ts";
import { BatchNorm2d } from "../../nn/normalization.ts";
import { callText, failure } from "./check.ts";
import { given } from "./given.ts";

/** Throws where a forward pass sets a layer to training, or to evaluation, by itself. */
export function assertKeepsMode(name: string, module: Module, input: tf.Tensor): void {
  for (const training of [false, true]) {
    const path = otherMode(module, input, training);
    if (path === undefined) continue;
    const [own, asked] = training ? ["evaluation", "training"] : ["training", "evaluation"];
    throw failure(
      `${callText(name)} works with \`${path}\` set to ${own}, while the whole is set to ${asked}.`,
      "Likely cause: `setTraining(…)` or `training = …` in `forward`. Leave the mode as it is: who trains or measures " +
        "sets that of the whole model.",
    );
  }
}

/** The path of the first layer that is called in another mode than the module's. */
function otherMode(module: Module, input: tf.Tensor, training: boolean): string | undefined {
  let found: string | undefined;
  const undo: (() => void)[] = [];
  for (const [path, layer] of module.namedModules()) {
    if (!(layer instanceof BatchNorm2d) && !(layer instanceof Dropout && layer.rate > 0)) continue;
    const { forward } = layer;
    layer.forward = (...inputs) => {
      if (layer.training !== training) found ??= path;
      return forward(...inputs);
    };
    undo.push(() => layer.forward = forward);
  }
  const end = atEnd(() => {
    for (const each of undo) each();
    module.setTraining(false);
  });
  try {
    module.setTraining(training);
    module.forward(given(input));
  } finally {
    end();
  }
  return found;
}
