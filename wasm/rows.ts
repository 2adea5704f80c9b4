/** Softmax and layer normalisation over rows `[rows, width]`, and their gradients. */
import { bytes, exp, loadLast, storeLast, sumOf } from "./lanes";

export function softmax(x: usize, y: usize, rows: i32, width: i32): void {
  const whole = width & ~3, left = width & 3;
  const step = bytes(width), end = bytes(whole);
  for (let row = 0; row < rows; row++) {
    let most = f32x4.splat(-Infinity);
    for (let at: usize = 0; at < end; at += 16) most = f32x4.max(most, v128.load(x + at));
    if (left) most = f32x4.max(most, loadLast(x + end, left, -Infinity));
    const largest = max(
      max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
      max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
    );
    const shift = f32x4.splat(largest);
    let total = f32x4.splat(0);
    for (let at: usize = 0; at < end; at += 16) {
      const power = exp(f32x4.sub(v128.load(x + at), shift));
      total = f32x4.add(total, power);
      v128.store(y + at, power);
    }
    if (left) {
      const power = exp(f32x4.sub(loadLast(x + end, left, -Infinity), shift));
      total = f32x4.add(total, power);
      storeLast(y + end, power, left);
    }
    const scale = f32x4.splat(<f32> 1 / sumOf(total));
    for (let at: usize = 0; at < end; at += 16) {
      v128.store(y + at, f32x4.mul(v128.load(y + at), scale));
    }
    if (left) storeLast(y + end, f32x4.mul(loadLast(y + end, left, 0), scale), left);
    x += step;
    y += step;
  }
}

/** `y · (dy − Σ dy · y)` */
export function softmaxGradient(dy: usize, y: usize, dx: usize, rows: i32, width: i32): void {
  const whole = width & ~3, left = width & 3;
  const step = bytes(width), end = bytes(whole);
  for (let row = 0; row < rows; row++) {
    let total = f32x4.splat(0);
    for (let at: usize = 0; at < end; at += 16) {
      total = f32x4.add(total, f32x4.mul(v128.load(dy + at), v128.load(y + at)));
    }
    if (left) {
      const last = f32x4.mul(loadLast(dy + end, left, 0), loadLast(y + end, left, 0));
      total = f32x4.add(total, last);
    }
    const mean = f32x4.splat(sumOf(total));
    for (let at: usize = 0; at < end; at += 16) {
      const slope = f32x4.mul(v128.load(y + at), f32x4.sub(v128.load(dy + at), mean));
      v128.store(dx + at, slope);
    }
    if (left) {
      const above = f32x4.sub(loadLast(dy + end, left, 0), mean);
      storeLast(dx + end, f32x4.mul(loadLast(y + end, left, 0), above), left);
    }
    dy += step;
    y += step;
    dx += step;
  }
}

/** Also writes each row's mean and the inverse of its standard deviation, `[rows, 2]`. */
export function layerNorm(
  x: usize,
  scale: usize,
  shift: usize,
  epsilon: f32,
  y: usize,
  statistics: usize,
  rows: i32,
  width: i32,
): void {
  const whole = width & ~3, left = width & 3;
  const step = bytes(width), end = bytes(whole);
  for (let row = 0; row < rows; row++) {
    let total = f32x4.splat(0);
    for (let at: usize = 0; at < end; at += 16) total = f32x4.add(total, v128.load(x + at));
    if (left) total = f32x4.add(total, loadLast(x + end, left, 0));
    const mean = sumOf(total) / <f32> width;
    const means = f32x4.splat(mean);
    let squares = f32x4.splat(0);
    for (let at: usize = 0; at < end; at += 16) {
      const centred = f32x4.sub(v128.load(x + at), means);
      squares = f32x4.add(squares, f32x4.mul(centred, centred));
    }
    if (left) {
      const centred = f32x4.sub(loadLast(x + end, left, mean), means);
      squares = f32x4.add(squares, f32x4.mul(centred, centred));
    }
    const inverse = <f32> 1 / sqrt<f32>(sumOf(squares) / <f32> width + epsilon);
    const inverses = f32x4.splat(inverse);
    for (let at: usize = 0; at < end; at += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x + at), means), inverses);
      const scaled = f32x4.mul(normal, v128.load(scale + at));
      v128.store(y + at, f32x4.add(scaled, v128.load(shift + at)));
    }
    if (left) {
      const normal = f32x4.mul(f32x4.sub(loadLast(x + end, left, 0), means), inverses);
      const scaled = f32x4.mul(normal, loadLast(scale + end, left, 0));
      storeLast(y + end, f32x4.add(scaled, loadLast(shift + end, left, 0)), left);
    }
    f32.store(statistics, mean);
    f32.store(statistics, inverse, 4);
    x += step;
    y += step;
    statistics += 8;
  }
}

/** Adds to what is in `dScale` and `dShift`, which begin with zeros. */
export function layerNormGradient(
  dy: usize,
  x: usize,
  scale: usize,
  statistics: usize,
  dx: usize,
  dScale: usize,
  dShift: usize,
  rows: i32,
  width: i32,
): void {
  const whole = width & ~3, left = width & 3;
  const step = bytes(width), end = bytes(whole);
  for (let row = 0; row < rows; row++) {
    const mean = f32x4.splat(f32.load(statistics));
    const inverse = f32x4.splat(f32.load(statistics, 4));
    let total = f32x4.splat(0), slopes = f32x4.splat(0);
    for (let at: usize = 0; at < end; at += 16) {
      const up = v128.load(dy + at);
      const normal = f32x4.mul(f32x4.sub(v128.load(x + at), mean), inverse);
      const upNormal = f32x4.mul(up, normal);
      v128.store(dShift + at, f32x4.add(v128.load(dShift + at), up));
      v128.store(dScale + at, f32x4.add(v128.load(dScale + at), upNormal));
      const factor = v128.load(scale + at);
      total = f32x4.add(total, f32x4.mul(up, factor));
      slopes = f32x4.add(slopes, f32x4.mul(upNormal, factor));
    }
    if (left) {
      const up = loadLast(dy + end, left, 0);
      const normal = f32x4.mul(f32x4.sub(loadLast(x + end, left, 0), mean), inverse);
      const upNormal = f32x4.mul(up, normal);
      storeLast(dShift + end, f32x4.add(loadLast(dShift + end, left, 0), up), left);
      storeLast(dScale + end, f32x4.add(loadLast(dScale + end, left, 0), upNormal), left);
      const factor = loadLast(scale + end, left, 0);
      total = f32x4.add(total, f32x4.mul(up, factor));
      slopes = f32x4.add(slopes, f32x4.mul(upNormal, factor));
    }
    const meanSlope = f32x4.splat(sumOf(total) / <f32> width);
    const meanProduct = f32x4.splat(sumOf(slopes) / <f32> width);
    for (let at: usize = 0; at < end; at += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x + at), mean), inverse);
      const up = f32x4.mul(v128.load(dy + at), v128.load(scale + at));
      const rest = f32x4.sub(f32x4.sub(up, meanSlope), f32x4.mul(normal, meanProduct));
      v128.store(dx + at, f32x4.mul(rest, inverse));
    }
    if (left) {
      const normal = f32x4.mul(f32x4.sub(loadLast(x + end, left, 0), mean), inverse);
      const up = f32x4.mul(loadLast(dy + end, left, 0), loadLast(scale + end, left, 0));
      const rest = f32x4.sub(f32x4.sub(up, meanSlope), f32x4.mul(normal, meanProduct));
      storeLast(dx + end, f32x4.mul(rest, inverse), left);
    }
    dy += step;
    x += step;
    dx += step;
    statistics += 8;
  }
}
