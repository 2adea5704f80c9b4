/** Four values at a time: what is left at the end of a row, sums over the four, and exp. */

/** The bytes of so many values. */
export function bytes(values: i32): usize {
  return <usize> values << 2;
}

/** The last `left` values, 1 to 3, of a row; `filler` in the places after them. */
export function loadLast(from: usize, left: i32, filler: f32): v128 {
  let lanes = f32x4.splat(filler);
  lanes = f32x4.replace_lane(lanes, 0, f32.load(from));
  if (left > 1) lanes = f32x4.replace_lane(lanes, 1, f32.load(from, 4));
  if (left > 2) lanes = f32x4.replace_lane(lanes, 2, f32.load(from, 8));
  return lanes;
}

/** Writes the first `left` values, 1 to 3. */
export function storeLast(to: usize, lanes: v128, left: i32): void {
  f32.store(to, f32x4.extract_lane(lanes, 0));
  if (left > 1) f32.store(to, f32x4.extract_lane(lanes, 1), 4);
  if (left > 2) f32.store(to, f32x4.extract_lane(lanes, 2), 8);
}

export function sumOf(lanes: v128): f32 {
  return (f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1)) +
    (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3));
}

/**
 * eˣ as 2ⁿ · eʳ with |r| ≤ ½ ln 2, by the polynomial of the Cephes library's `expf`: within two units of the last
 * place. 0 and Infinity beyond float32's range, NaN for NaN.
 */
export function exp(x: v128): v128 {
  const low = f32x4.splat(-87.33654), high = f32x4.splat(88.72284);
  const inside = f32x4.min(f32x4.max(x, low), high);
  // 2ⁿ is to be a number of float32 for n = 128 too: the last doubling comes afterwards.
  const n = f32x4.nearest(f32x4.mul(inside, f32x4.splat(1.44269504088896341)));
  let r = f32x4.sub(inside, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), f32x4.add(r, f32x4.splat(1)));
  const exponent = i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(126));
  const power = i32x4.shl(exponent, 23);
  const value = f32x4.mul(f32x4.mul(p, power), f32x4.splat(2));
  const small = f32x4.lt(x, low), large = f32x4.gt(x, high);
  return v128.bitselect(f32x4.splat(Infinity), v128.andnot(value, small), large);
}
