import { assertAlmostEquals } from "@std/assert";
import { fittedRing, ringSeconds } from "../../bench/ring.ts";

Deno.test("a ring sends n - 1 parts twice, and the fit finds its latency and rate again", () => {
  const ring = { latency: 1e-3, bytesPerSecond: 1e9 };
  // Four processes: 6 parts of 10 MB, 10 ms each, and 1 ms more for each.
  assertAlmostEquals(ringSeconds(ring, 4, 40e6), 6 * (1e-3 + 1e-2), 1e-12);
  const sums = [2, 3, 4].flatMap((processes) =>
    [4e3, 4e5, 4e7].map((bytes) => ({
      processes,
      bytes,
      seconds: ringSeconds(ring, processes, bytes),
    }))
  );
  const fitted = fittedRing(sums);
  assertAlmostEquals(fitted.latency, ring.latency, 1e-9);
  assertAlmostEquals(fitted.bytesPerSecond / ring.bytesPerSecond, 1, 1e-6);
});
