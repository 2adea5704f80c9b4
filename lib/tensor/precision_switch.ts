import type { Precision } from "./requests.ts";

/** TensorFlow's switch for TF32, and what tells how it stands; a build may export none. */
interface PrecisionSwitch {
  enableTensorFloat32: ((on: boolean) => void) | null;
  isTensorFloat32Enabled: (() => boolean) | null;
}

/** Whether the precision may be another one while the program runs. */
export function canSwitchPrecision<T extends PrecisionSwitch>(
  api: T,
): api is T & { [name in keyof PrecisionSwitch]: NonNullable<PrecisionSwitch[name]> } {
  return api.enableTensorFloat32 !== null && api.isTensorFloat32Enabled !== null;
}

/**
 * Sets what a card computes in from now on. A TensorFlow without the switch is told by NVIDIA's variable,
 * before the card's libraries are loaded, and then for good.
 */
export function startPrecision(api: PrecisionSwitch, precision: Precision): void {
  if (canSwitchPrecision(api)) api.enableTensorFloat32(precision === "tf32");
  else if (precision === "float32") Deno.env.set("NVIDIA_TF32_OVERRIDE", "0");
}
