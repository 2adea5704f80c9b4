/** Scales a picture and cuts out its middle as TensorFlow's `ScaleAndTranslate` does, on the host. */
import type { Pixels } from "../platform/pictures.ts";
import { shiftToMiddle } from "./orientation.ts";

/** What each place of an axis takes of the old places, from `first` on; the shares add up to 1. */
interface Shares {
  first: number;
  weights: number[];
}

/**
 * Bilinear with antialiasing: `size` places of an axis of `length` places that was scaled by `factor` and
 * shifted by `shift`.
 */
function sharesOf(length: number, size: number, factor: number, shift: number): Shares[] {
  // A place of a smaller picture stands for several old ones.
  const reach = Math.max(1 / factor, 1);
  return Array.from({ length: size }, (_, place) => {
    const middle = (place + 0.5 - shift) / factor;
    const first = Math.max(0, Math.ceil(middle - reach - 0.5));
    const last = Math.min(length - 1, Math.floor(middle + reach - 0.5));
    const raw = Array.from(
      { length: Math.max(0, last - first + 1) },
      (_, index) => Math.max(0, 1 - Math.abs(first + index + 0.5 - middle) / reach),
    );
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return { first, weights: sum > 0 ? raw.map((weight) => weight / sum) : [] };
  });
}

/**
 * The picture with its shorter side scaled to `resize`, then its middle of `[height, width]`: three bytes for
 * each pixel, grey ones repeated, opacity left out. An axis that will be reversed has its odd place elsewhere.
 */
export function scaledMiddle(
  { width: oldWidth, height: oldHeight, channels, values }: Pixels,
  resize: number,
  [height, width]: readonly [number, number],
  reverses: readonly [rows: boolean, columns: boolean] = [false, false],
): Uint8ClampedArray {
  const factor = resize / Math.min(oldHeight, oldWidth);
  const axis = (length: number, size: number, isReversed: boolean) => {
    const scaled = Math.trunc(length * factor + 1e-6);
    return sharesOf(length, size, scaled / length, shiftToMiddle(scaled, size, isReversed));
  };
  const rows = axis(oldHeight, height, reverses[0]), columns = axis(oldWidth, width, reverses[1]);
  const colours = channels < 3 ? 1 : 3;
  // Along the rows first: [oldHeight, width, colours].
  const narrow = new Float32Array(oldHeight * width * colours);
  for (let row = 0, to = 0; row < oldHeight; row++) {
    for (const { first, weights } of columns) {
      for (let colour = 0; colour < colours; colour++, to++) {
        let from = (row * oldWidth + first) * channels + colour;
        for (const weight of weights) {
          narrow[to] += weight * values[from];
          from += channels;
        }
      }
    }
  }
  const result = new Uint8ClampedArray(height * width * 3); // a clamped array rounds
  for (let row = 0, to = 0; row < height; row++) {
    const { first, weights } = rows[row];
    for (let column = 0; column < width; column++) {
      for (let colour = 0; colour < 3; colour++, to++) {
        let from = (first * width + column) * colours + Math.min(colour, colours - 1);
        let sum = 0;
        for (const weight of weights) {
          sum += weight * narrow[from];
          from += width * colours;
        }
        result[to] = sum;
      }
    }
  }
  return result;
}
