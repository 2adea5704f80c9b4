/** How a picture that a camera held sideways becomes upright: the eight orientations of EXIF. */

export interface Orientation {
  /** Whether rows become columns. */
  swaps: boolean;
  /** Whether the upright picture takes the file's rows, or columns, from the last to the first. */
  reversesRows: boolean;
  reversesColumns: boolean;
}

export function orientationOf(exif: number): Orientation {
  return {
    swaps: exif >= 5,
    reversesRows: [3, 4, 6, 7].includes(exif),
    reversesColumns: [2, 3, 7, 8].includes(exif),
  };
}

/**
 * By how much an axis is moved so that the upright picture's middle is cut out, of which an odd place goes to
 * its end.
 */
export function shiftToMiddle(scaled: number, size: number, isReversed: boolean): number {
  const half = (scaled - size) / 2;
  return -(isReversed ? Math.ceil(half) : Math.floor(half));
}

/** The upright picture, `[height, width, 3]`, of one as it lies in its file. */
export function upright(
  values: Uint8ClampedArray,
  { swaps, reversesRows, reversesColumns }: Orientation,
  [height, width]: readonly [number, number],
): Uint8ClampedArray {
  if (!swaps && !reversesRows && !reversesColumns) return values;
  const [rows, columns] = swaps ? [width, height] : [height, width];
  const result = new Uint8ClampedArray(values.length);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      const [row, column] = swaps ? [x, y] : [y, x];
      const from = 3 * ((reversesRows ? rows - 1 - row : row) * columns +
        (reversesColumns ? columns - 1 - column : column));
      for (let colour = 0; colour < 3; colour++) result[to + colour] = values[from + colour];
    }
  }
  return result;
}
