/** Loads TensorFlow's library for a program that computes on the processor, or on a card. */
import { type CApi, loadCApi } from "./c_api.ts";
import { startDeterminism } from "./determinism.ts";
import { startPrecision } from "./precision_switch.ts";
import { requestedPrecision } from "./requests.ts";
import { preloadCuda, type Runtime } from "./runtime.ts";

/** The library, and those of NVIDIA's that did not load. Its environment must have been prepared. */
export function loadTensorFlow(
  runtime: Runtime,
  { onCard }: { onCard: boolean },
): { api: CApi; notLoaded: string[] } {
  const precision = requestedPrecision();
  const notLoaded = onCard ? preloadCuda(runtime.sitePackages) : [];
  const api = loadCApi(runtime);
  startPrecision(api, precision);
  if (onCard) startDeterminism(api);
  return { api, notLoaded };
}
