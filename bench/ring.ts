/**
 * What a ring all-reduce costs on paper: each of n processes sends n − 1 parts twice, each an n-th of the bytes
 * (Patarasuk and Yuan, 2009, https://doi.org/10.1016/j.jpdc.2008.09.002). A part takes a latency and its bytes.
 */

/** A sum that was measured. */
export interface MeasuredSum {
  processes: number;
  bytes: number;
  seconds: number;
}

/** Of one network. */
export interface Ring {
  /** Seconds that a part takes beyond its bytes. */
  latency: number;
  bytesPerSecond: number;
}

const parts = (processes: number) => 2 * (processes - 1);

/** Seconds of a sum of so many bytes over so many processes. */
export function ringSeconds({ latency, bytesPerSecond }: Ring, processes: number, bytes: number) {
  return parts(processes) * (latency + bytes / processes / bytesPerSecond);
}

/** The ring that fits best, by the least squares of the relative errors; neither figure is below 0. */
export function fittedRing(sums: readonly MeasuredSum[]): Ring {
  // seconds / seconds = latency · a + secondsPerByte · b, with both sides divided by the measured time.
  let aa = 0, ab = 0, bb = 0, a1 = 0, b1 = 0;
  for (const { processes, bytes, seconds } of sums) {
    const a = parts(processes) / seconds, b = parts(processes) * bytes / processes / seconds;
    aa += a * a;
    ab += a * b;
    bb += b * b;
    a1 += a;
    b1 += b;
  }
  const determinant = aa * bb - ab * ab;
  const latency = Math.max(0, (a1 * bb - b1 * ab) / determinant);
  const secondsPerByte = (b1 - latency * ab) / bb;
  return { latency, bytesPerSecond: 1 / secondsPerByte };
}
