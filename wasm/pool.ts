/** The gradient of the largest value of each window. */
import { bytes } from "./lanes";

/**
 * Adds each window's gradient to the first place with its largest value, channels last; `dx` begins with zeros.
 * `best` has room for the channels' places.
 */
export function maxPoolGradient(
  x: usize,
  dy: usize,
  dx: usize,
  images: i32,
  inHeight: i32,
  inWidth: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  windowHeight: i32,
  windowWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  top: i32,
  left: i32,
  best: usize,
): void {
  const lanes = channels & ~3;
  for (let image = 0; image < images; image++) {
    for (let outRow = 0; outRow < outHeight; outRow++) {
      const firstRow = outRow * strideHeight - top;
      for (let outColumn = 0; outColumn < outWidth; outColumn++) {
        const firstColumn = outColumn * strideWidth - left;
        const bottom = min(inHeight, firstRow + windowHeight);
        const right = min(inWidth, firstColumn + windowWidth);
        const topRow = max(0, firstRow), leftColumn = max(0, firstColumn);
        if (topRow >= bottom || leftColumn >= right) {
          dy += bytes(channels);
          continue;
        }
        const start = ((image * inHeight + topRow) * inWidth + leftColumn) * channels;
        for (let channel = 0; channel < lanes; channel += 4) {
          let largest = v128.load(x + bytes(start + channel));
          let place = i32x4.splat(start);
          for (let row = topRow; row < bottom; row++) {
            for (let column = leftColumn; column < right; column++) {
              const at = ((image * inHeight + row) * inWidth + column) * channels;
              const value = v128.load(x + bytes(at + channel));
              const isLarger = f32x4.gt(value, largest);
              largest = v128.bitselect(value, largest, isLarger);
              place = v128.bitselect(i32x4.splat(at), place, isLarger);
            }
          }
          v128.store(best + bytes(channel), place);
        }
        for (let channel = lanes; channel < channels; channel++) {
          let largest = f32.load(x + bytes(start + channel)), place = start;
          for (let row = topRow; row < bottom; row++) {
            for (let column = leftColumn; column < right; column++) {
              const at = ((image * inHeight + row) * inWidth + column) * channels;
              const value = f32.load(x + bytes(at + channel));
              if (value > largest) {
                largest = value;
                place = at;
              }
            }
          }
          i32.store(best + bytes(channel), place);
        }
        for (let channel = 0; channel < channels; channel++, dy += 4) {
          const to = dx + bytes(i32.load(best + bytes(channel)) + channel);
          f32.store(to, f32.load(to) + f32.load(dy));
        }
      }
    }
  }
}
