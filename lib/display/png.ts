import { readPng, writePng } from "../platform/png.ts";

/** Bytes of one picture, row by row: 1 channel is grey, 3 are red, green and blue, 4 with opacity. */
export interface Picture {
  width: number;
  height: number;
  channels: 1 | 3 | 4;
  data: Uint8Array | Uint8ClampedArray;
}

const colorTypes = { 1: 0, 3: 2, 4: 6 };

/** The picture as a PNG file. Throws a `RangeError` where the bytes do not fill it. */
export function encodePng({ width, height, channels, data }: Picture): Uint8Array {
  if (data.length !== width * height * channels) {
    const rule = `${width}×${height} pixels of ${channels} channels`;
    throw new RangeError(`encodePng: ${data.length} bytes are not ${rule}`);
  }
  const inputColorType = colorTypes[channels];
  const colorType = channels === 4 && isOpaque(data) ? colorTypes[3] : inputColorType;
  return writePng({ width, height, data }, { inputColorType, colorType, deflateLevel: 9 });
}

function isOpaque(data: ArrayLike<number>): boolean {
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return false;
  return true;
}

/** The pixels of a PNG file, always with 4 channels. */
export function decodePng(file: Uint8Array): Picture {
  return { ...readPng(file), channels: 4 };
}

/** The picture as an address that needs no file. */
export function pngAddress(picture: Picture): string {
  return `data:image/png;base64,${encodePng(picture).toBase64()}`;
}

/** The picture behind an address that `pngAddress` made. */
export function pictureAt(address: string): Picture {
  return decodePng(Uint8Array.fromBase64(address.slice(address.indexOf(",") + 1)));
}

/** Every pixel as a square of `factor` by `factor` pixels: sharp in viewers that smooth images. */
export function enlarge({ width, height, channels, data }: Picture, factor: number): Picture {
  const large = new Uint8Array(data.length * factor * factor);
  const rowLength = width * factor * channels;
  for (let y = 0; y < height; y++) {
    const start = y * factor * rowLength;
    for (let x = 0; x < width * factor; x++) {
      const from = (y * width + Math.floor(x / factor)) * channels;
      for (let c = 0; c < channels; c++) large[start + x * channels + c] = data[from + c];
    }
    for (let copy = 1; copy < factor; copy++) {
      large.copyWithin(start + copy * rowLength, start, start + rowLength);
    }
  }
  return { width: width * factor, height: height * factor, channels, data: large };
}

/** Means of squares of `factor` by `factor` pixels, which at the right and the lower edge may be cut off. */
export function reduce({ width, height, channels, data }: Picture, factor: number): Picture {
  const [columns, rows] = [Math.ceil(width / factor), Math.ceil(height / factor)];
  const small = new Uint8Array(columns * rows * channels);
  for (let row = 0, to = 0; row < rows; row++) {
    const lastRow = Math.min(height, (row + 1) * factor);
    for (let column = 0; column < columns; column++) {
      const lastColumn = Math.min(width, (column + 1) * factor);
      const count = (lastRow - row * factor) * (lastColumn - column * factor);
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let y = row * factor; y < lastRow; y++) {
          for (let x = column * factor; x < lastColumn; x++) {
            sum += data[(y * width + x) * channels + c];
          }
        }
        small[to++] = Math.round(sum / count);
      }
    }
  }
  return { width: columns, height: rows, channels, data: small };
}
