/** The generator of `lib/tensor/host_random.ts` ("sfc32"), from its state after mixing in key and counter. */
import { bytes } from "./lanes";

/** Uniform numbers in [0, 1) as float32. */
export function uniform(a: u32, b: u32, c: u32, to: usize, size: i32): void {
  let step: u32 = 1;
  for (let at = -12; at < size; at++) {
    const sum = a + b + step;
    step++;
    a = b ^ (b >> 9);
    b = c + (c << 3);
    c = rotl<u32>(c, 21) + sum;
    if (at >= 0) f32.store(to + bytes(at), <f32> sum * <f32> 2.3283064365386963e-10);
  }
}

/** A byte for each number, 1 where it lies below `limit`. */
export function chance(a: u32, b: u32, c: u32, limit: f32, to: usize, size: i32): void {
  let step: u32 = 1;
  for (let at = -12; at < size; at++) {
    const sum = a + b + step;
    step++;
    a = b ^ (b >> 9);
    b = c + (c << 3);
    c = rotl<u32>(c, 21) + sum;
    if (at >= 0) {
      store<u8>(to + <usize> at, <u8> (<f32> sum * <f32> 2.3283064365386963e-10 < limit));
    }
  }
}
