/** Starts the graphics card's device; tfjs's own backend stays WASM. */
import * as tf from "tfjs";
import "tfjs-webgpu";
import { CardError, within } from "./card_error.ts";
import { Gpu, type GpuBackend } from "./device.ts";
import { testItself } from "./self_test.ts";

const startSeconds = 60;
let starting: Promise<Gpu> | undefined;

/** The device, once it has computed known values; throws a {@link CardError} where it does not. */
export function startGpu(): Promise<Gpu> {
  return starting ??= within(startSeconds, "to start it", start());
}

async function start(): Promise<Gpu> {
  const factory = tf.findBackendFactory("webgpu");
  if (!factory) throw new CardError("this browser has no WebGPU where cells run");
  const gpu = new Gpu(await factory() as GpuBackend);
  await gpu.guarded(() => testItself(gpu));
  return gpu;
}
