/** What is computed value by value: GELU, masks, an Adam update, a bias for each column. */
import { bytes, exp, loadLast, storeLast } from "./lanes";

/**
 * Φ(x), the share of a normal distribution below x, where `power` is exp(−x²/2): erf by formula 7.1.26 of
 * Abramowitz and Stegun's handbook, within 1.5e-7.
 */
function shareBelow(x: v128, power: v128): v128 {
  const one = f32x4.splat(1);
  const size = f32x4.mul(f32x4.abs(x), f32x4.splat(0.70710678118654752));
  const t = f32x4.div(one, f32x4.add(one, f32x4.mul(size, f32x4.splat(0.3275911))));
  let p = f32x4.splat(1.061405429);
  p = f32x4.sub(f32x4.mul(p, t), f32x4.splat(1.453152027));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(1.421413741));
  p = f32x4.sub(f32x4.mul(p, t), f32x4.splat(0.284496736));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.254829592));
  const half = f32x4.mul(f32x4.mul(f32x4.mul(p, t), power), f32x4.splat(0.5));
  const isNegative = f32x4.lt(x, f32x4.splat(0));
  return v128.bitselect(half, f32x4.sub(one, half), isNegative);
}

function normalPower(x: v128): v128 {
  return exp(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5)));
}

function geluOf(x: v128): v128 {
  return f32x4.mul(x, shareBelow(x, normalPower(x)));
}

/** x · Φ(x) */
export function gelu(x: usize, y: usize, size: i32): void {
  const end = x + bytes(size & ~3), left = size & 3;
  for (; x < end; x += 16, y += 16) v128.store(y, geluOf(v128.load(x)));
  if (left) storeLast(y, geluOf(loadLast(x, left, 0)), left);
}

function geluSlope(x: v128): v128 {
  const power = normalPower(x);
  const density = f32x4.mul(power, f32x4.splat(0.39894228040143268));
  return f32x4.add(shareBelow(x, power), f32x4.mul(x, density));
}

/** dy · (Φ(x) + x · φ(x)) */
export function geluGradient(dy: usize, x: usize, dx: usize, size: i32): void {
  const end = x + bytes(size & ~3), left = size & 3;
  for (; x < end; x += 16, dy += 16, dx += 16) {
    v128.store(dx, f32x4.mul(v128.load(dy), geluSlope(v128.load(x))));
  }
  if (left) {
    storeLast(dx, f32x4.mul(loadLast(dy, left, 0), geluSlope(loadLast(x, left, 0))), left);
  }
}

/** `x · scale` where the mask's byte is 1, else 0. */
export function masked(x: usize, mask: usize, scale: f32, y: usize, size: i32): void {
  const end = x + bytes(size & ~3), left = size & 3;
  const scales = f32x4.splat(scale), zero = i32x4.splat(0);
  for (; x < end; x += 16, y += 16, mask += 4) {
    const kept = i16x8.extend_low_i8x16_u(v128.load32_zero(mask));
    const isKept = i32x4.ne(i32x4.extend_low_i16x8_u(kept), zero);
    v128.store(y, v128.and(f32x4.mul(v128.load(x), scales), isKept));
  }
  for (let at = 0; at < left; at++) {
    const place = bytes(at);
    f32.store(y + place, load<u8>(mask + <usize> at) ? f32.load(x + place) * scale : 0);
  }
}

/** Adds `bias`, `[columns]`, to each row of `y`. */
export function addBias(y: usize, bias: usize, rows: i32, columns: i32): void {
  const end = bytes(columns & ~3), left = columns & 3;
  for (let row = 0; row < rows; row++) {
    for (let at: usize = 0; at < end; at += 16) {
      v128.store(y + at, f32x4.add(v128.load(y + at), v128.load(bias + at)));
    }
    if (left) {
      const last = f32x4.add(loadLast(y + end, left, 0), loadLast(bias + end, left, 0));
      storeLast(y + end, last, left);
    }
    y += bytes(columns);
  }
}

/** One AdamW update, in the order of `lib/tensor/ops.ts`: `decay` is 1 − learning rate · weight decay. */
export function adam(
  parameter: usize,
  first: usize,
  second: usize,
  gradient: usize,
  newParameter: usize,
  newFirst: usize,
  newSecond: usize,
  size: i32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  decay: f32,
  stepSize: f32,
  root: f32,
  epsilon: f32,
): void {
  for (let at = 0; at < size; at += 4) {
    const place = bytes(at), left = min(4, size - at);
    const isWhole = left == 4;
    const g = isWhole ? v128.load(gradient + place) : loadLast(gradient + place, left, 0);
    const p = isWhole ? v128.load(parameter + place) : loadLast(parameter + place, left, 0);
    let m = isWhole ? v128.load(first + place) : loadLast(first + place, left, 0);
    let v = isWhole ? v128.load(second + place) : loadLast(second + place, left, 0);
    m = f32x4.add(f32x4.mul(m, f32x4.splat(beta1)), f32x4.mul(g, f32x4.splat(rest1)));
    v = f32x4.add(
      f32x4.mul(v, f32x4.splat(beta2)),
      f32x4.mul(f32x4.mul(g, g), f32x4.splat(rest2)),
    );
    const size = f32x4.add(f32x4.div(f32x4.sqrt(v), f32x4.splat(root)), f32x4.splat(epsilon));
    const step = f32x4.mul(f32x4.splat(stepSize), f32x4.div(m, size));
    const next = f32x4.sub(f32x4.mul(p, f32x4.splat(decay)), step);
    if (isWhole) {
      v128.store(newFirst + place, m);
      v128.store(newSecond + place, v);
      v128.store(newParameter + place, next);
    } else {
      storeLast(newFirst + place, m, left);
      storeLast(newSecond + place, v, left);
      storeLast(newParameter + place, next, left);
    }
  }
}
