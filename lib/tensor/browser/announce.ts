import type { BackendReport } from "../backends.ts";

/** Says what computes, and what to expect of it. */
export function announce({ kind, version }: BackendReport): void {
  const speed = kind === "wasm"
    ? "a Vision Transformer's step takes several times as long as on native TensorFlow"
    : "this browser has no WASM, and training takes many times as long as it would there";
  console.log(
    `Tessera computes in this browser, by ${version}: ${speed}. Checks and small networks take seconds; ` +
      "larger ones show given weights.",
  );
}
