import { type DeviceSettings, settingsOf } from "./device_settings.ts";
import { nativeBackend } from "./native.ts";

export type { DeviceSettings };

/** The settings of the device that computes; the processor's where native TensorFlow is not in use. */
export function settings(): DeviceSettings {
  return settingsOf(nativeBackend()?.binding);
}
