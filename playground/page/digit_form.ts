/** Brings a drawing to the form of MNIST's digits. */

/** A grey picture: 0 is paper, 255 is ink. */
export interface Ink {
  values: ArrayLike<number>;
  width: number;
  height: number;
}

/**
 * The drawing as MNIST would hold it: scaled to fit a box of 20×20 pixels with its proportions kept,
 * each pixel the mean of the area that it covers, its centre of mass in the middle of 28×28 (LeCun
 * et al., "Gradient-based learning applied to document recognition", 1998, section III.A). Null where
 * nothing is drawn.
 */
export function toMnistForm(ink: Ink, { side = 28, box = 20 } = {}): Uint8Array | null {
  const { values, width, height } = ink;
  let [left, top, right, bottom] = [width, height, -1, -1];
  let [mass, massX, massY] = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = values[y * width + x];
      if (value === 0) continue;
      mass += value;
      massX += value * (x + 0.5);
      massY += value * (y + 0.5);
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  if (right < 0) return null;
  const step = Math.max(right - left + 1, bottom - top + 1) / box; // of the drawing, for one pixel
  // The digit begins at a whole pixel, and its centre of mass lies in the pixel right and below of the middle.
  const begins = (start: number, centre: number) => Math.ceil(side / 2 - (centre - start) / step);
  const originX = left - step * begins(left, massX / mass);
  const originY = top - step * begins(top, massY / mass);
  const inkBefore = summed(ink);
  const pixels = new Uint8Array(side * side);
  for (let row = 0; row < side; row++) {
    const [from, to] = [originY + row * step, originY + (row + 1) * step];
    for (let column = 0; column < side; column++) {
      const [start, end] = [originX + column * step, originX + (column + 1) * step];
      const sum = inkBefore(end, to) - inkBefore(start, to) - inkBefore(end, from) +
        inkBefore(start, from);
      pixels[row * side + column] = Math.round(Math.min(255, Math.max(0, sum / (step * step))));
    }
  }
  return pixels;
}

/** How much ink lies above and left of a point, between pixels too. */
function summed({ values, width, height }: Ink): (x: number, y: number) => number {
  const stride = width + 1;
  const sums = new Float64Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += values[y * width + x];
      sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row;
    }
  }
  return (x, y) => {
    const insideX = Math.min(width, Math.max(0, x)), insideY = Math.min(height, Math.max(0, y));
    const column = Math.min(width - 1, Math.floor(insideX));
    const line = Math.min(height - 1, Math.floor(insideY));
    const [partX, partY] = [insideX - column, insideY - line];
    const at = line * stride + column;
    const above = sums[at] + (sums[at + 1] - sums[at]) * partX;
    const below = sums[at + stride] + (sums[at + stride + 1] - sums[at + stride]) * partX;
    return above + (below - above) * partY;
  };
}
