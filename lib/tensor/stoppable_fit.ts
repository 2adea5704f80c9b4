/** Stop during tfjs's own trainings, `model.fit` and `model.fitDataset`. */
import * as tf from "tfjs";
import { atEnd, type KernelDoor, kernelDoor } from "../platform/kernel_door.ts";

/** What a model keeps of its training; tfjs reads `stopTraining_` after each batch. */
interface Model {
  isTraining: boolean;
  stopTraining_: boolean;
}
type Fit = (this: Model, ...args: unknown[]) => Promise<tf.History>;

/**
 * In a notebook Stop ends such a training after its running batch, with its history so far, and the cell goes on, as
 * after one of the library's own. One that its cell begins after that throws. Where Stop has to cut it off, the model
 * can be trained again all the same.
 */
export function stopFits(): void {
  const door = kernelDoor();
  if (!door) return;
  const methods = tf.LayersModel.prototype as unknown as Record<"fit" | "fitDataset", Fit>;
  for (const name of ["fit", "fitDataset"] as const) {
    const fit = methods[name];
    methods[name] = function (...args) {
      // Whoever trains it twice at once is told so by tfjs, and the first one goes on.
      return this.isTraining
        ? fit.apply(this, args)
        : fitUntilStop(door, this, () => fit.apply(this, args));
    };
  }
}

async function fitUntilStop(
  door: KernelDoor,
  model: Model,
  fit: () => Promise<tf.History>,
): Promise<tf.History> {
  let isAsked = false;
  const endWatch = door.watch({ stop: () => void (isAsked = true) });
  // Its loop sets this to false when it begins, which may be after Stop.
  let isEnding = false;
  Object.defineProperty(model, "stopTraining_", {
    configurable: true,
    enumerable: true,
    get: () => isAsked || isEnding,
    set: (value: boolean) => void (isEnding = value),
  });
  const end = atEnd(() => {
    endWatch();
    Object.defineProperty(model, "stopTraining_", {
      configurable: true,
      enumerable: true,
      writable: true,
      value: isEnding,
    });
    model.isTraining = false; // as tfjs's own `finally` block has it, which a cut passes over
  });
  try {
    if (isAsked) throw door.stopped();
    const history = await fit();
    if (isAsked) {
      console.log(
        "Stopped as you asked. fit() in another cell goes on from the weights that it has reached.",
      );
    }
    return history;
  } finally {
    end();
  }
}
