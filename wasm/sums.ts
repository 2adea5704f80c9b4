/** Sums along one axis. */
import { bytes, loadLast, storeLast, sumOf } from "./lanes";

/** `[outer, length, inner] → [outer, inner]` */
export function sum(x: usize, y: usize, outer: i32, length: i32, inner: i32): void {
  if (inner == 1) {
    const end = bytes(length & ~3), left = length & 3;
    for (let row = 0; row < outer; row++) {
      let total = f32x4.splat(0);
      for (let at: usize = 0; at < end; at += 16) total = f32x4.add(total, v128.load(x + at));
      if (left) total = f32x4.add(total, loadLast(x + end, left, 0));
      f32.store(y, sumOf(total));
      x += bytes(length);
      y += 4;
    }
    return;
  }
  const end = bytes(inner & ~3), left = inner & 3;
  for (let each = 0; each < outer; each++) {
    memory.fill(y, 0, bytes(inner));
    for (let row = 0; row < length; row++) {
      for (let at: usize = 0; at < end; at += 16) {
        v128.store(y + at, f32x4.add(v128.load(y + at), v128.load(x + at)));
      }
      if (left) {
        storeLast(y + end, f32x4.add(loadLast(y + end, left, 0), loadLast(x + end, left, 0)), left);
      }
      x += bytes(inner);
    }
    y += bytes(inner);
  }
}
