import { host } from "../../platform/browser/host.ts";
import type { BackendReport } from "../backends.ts";

/** Says what computes, and what to expect of it. */
export function announce({ kind, version }: BackendReport): void {
  const what = `Tessera computes in this browser, by ${version}`;
  host().introduce(
    kind === "wasm"
      ? `${what}: a training's step takes two to four times as long as on native TensorFlow. Checks and small ` +
        "networks take seconds; larger ones show given weights."
      : `${what}, slowly: it has no WASM with SIMD, as Chrome and Edge have from version 91 on, Firefox from 89 and ` +
        "Safari from 16.4. Checks work; to train, take such a browser.",
  );
}
