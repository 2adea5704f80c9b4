/** Values in another order. */
import { bytes } from "./lanes";

/**
 * Copies to `y`, `[…sizes]`, the values of four bytes that lie `strides` values apart in `x`; both lists, of `rank`
 * 32-bit numbers from 1 on, lie in memory, and `places` has room for as many.
 */
export function rearrange(
  x: usize,
  y: usize,
  rank: i32,
  sizes: usize,
  strides: usize,
  places: usize,
): void {
  const last = rank - 1;
  const length = i32.load(sizes + bytes(last));
  const stride = bytes(i32.load(strides + bytes(last)));
  const step = bytes(length);
  memory.fill(places, 0, bytes(rank));
  while (true) {
    if (stride == 4) {
      const end = y + (step & ~15);
      let from = x;
      for (; y < end; y += 16, from += 16) v128.store(y, v128.load(from));
      for (let at = length & 3; at > 0; at--, y += 4, from += 4) i32.store(y, i32.load(from));
    } else {
      let from = x;
      for (let at = 0; at < length; at++, y += 4, from += stride) i32.store(y, i32.load(from));
    }
    let axis = last - 1;
    for (; axis >= 0; axis--) {
      const at = bytes(axis);
      const size = i32.load(sizes + at), step = bytes(i32.load(strides + at));
      const place = i32.load(places + at) + 1;
      x += step;
      if (place < size) {
        i32.store(places + at, place);
        break;
      }
      x -= step * <usize> size;
      i32.store(places + at, 0);
    }
    if (axis < 0) return;
  }
}
