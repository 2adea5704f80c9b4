import type { Module } from "../../nn/module.ts";

/**
 * One number for each parameter, by which a network's values are known again: one that was made anew from the
 * same seed has the same, one that was trained or given other weights has not.
 */
export function fingerprint(model: Module): number[] {
  return Array.from(model.namedParameters().values(), (parameter) => {
    const values = parameter.dataSync() as Float32Array;
    // Weighed by place, so that values in another order count as others.
    return values.reduce((sum, value, index) => sum + value * (1 + index % 7), 0);
  });
}

/** Whether two fingerprints are of the same values. */
export function isSameFingerprint(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length &&
    one.every((value, index) => Math.abs(value - other[index]) <= 1e-6 * (1 + Math.abs(value)));
}
