import { host } from "../../platform/browser/host.ts";
import type { BackendReport } from "../backends.ts";

/** Says what computes, and what to expect of it. */
export function announce({ kind, version, reason, card }: BackendReport): void {
  const asked = reason.includes("TESSERA_BACKEND") ? ` (${reason})` : "";
  const what = `Tessera computes in this browser, by ${version}${asked}`;
  if (kind === "wasm" && card) {
    return host().introduce(
      `${what}; a training's steps are tried on the graphics card (WebGPU: ${card.name}), and run there where it gives ` +
        "the same values sooner. How fast such a card is was never measured; on WASM alone a step takes two to four " +
        "times as long as on native TensorFlow. With TESSERA_BACKEND=wasm in the page's address the card stays out of it.",
    );
  }
  host().introduce(
    kind === "wasm"
      ? `${what}: a training's step takes two to four times as long as on native TensorFlow. Checks and small ` +
        "networks take seconds; larger ones show given weights."
      : `${what}, slowly: it has no WASM with SIMD, as Chrome and Edge have from version 91 on, Firefox from 89 and ` +
        "Safari from 16.4. Checks work; to train, take such a browser.",
  );
}
