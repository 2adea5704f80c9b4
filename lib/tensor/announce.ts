import type { BackendReport } from "./backends.ts";

/** Says where computing is slower than it could be, or at first, and why. */
export function announce({ kind, version, reason, note }: BackendReport): void {
  if (kind !== "native") {
    console.warn(
      `Tessera runs on ${version}, many times slower than native TensorFlow: ${reason}. ` +
        "`./tessera doctor` says what to do.",
    );
  } else if (reason !== "") {
    console.warn(`Tessera computes on the processor: ${reason}.`);
  } else if (note) {
    console.warn(`${note}.`);
  }
}
