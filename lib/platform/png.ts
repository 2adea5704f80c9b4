/** PNG files, by a library whose own arrays of bytes differ by platform. */
import { Buffer } from "node:buffer";
import { PNG } from "pngjs";

/** A picture, row by row. */
export interface PngPicture {
  width: number;
  height: number;
  data: Uint8Array | Uint8ClampedArray;
}

/** How a picture's pixels lie, and how they are written: PNG's colour types, 0 grey, 2 colours, 6 with opacity. */
export interface PngOptions {
  inputColorType: number;
  /** Default: as they lie. */
  colorType?: number;
  /** How hard to look for the shortest file, 0 to 9. */
  deflateLevel?: number;
}

/** The picture as a PNG file. */
export function writePng(
  { width, height, data }: PngPicture,
  { inputColorType, colorType = inputColorType, ...others }: PngOptions,
): Uint8Array<ArrayBuffer> {
  const inputHasAlpha = inputColorType === 6;
  const options = { width, height, colorType, inputColorType, inputHasAlpha, ...others };
  const png = new PNG(options);
  png.data = data;
  return new Uint8Array(PNG.sync.write(png, options));
}

/** The pixels of a PNG file, always red, green, blue and opacity. Throws an Error for other files. */
export function readPng(file: Uint8Array): PngPicture {
  const { width, height, data } = PNG.sync.read(Buffer.from(file));
  return { width, height, data: new Uint8Array(data) };
}
