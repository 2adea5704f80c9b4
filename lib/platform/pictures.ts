/** Pictures decoded by the platform itself, without TensorFlow. */

/** A decoded picture: rows of pixels, each of so many bytes. */
export interface Pixels {
  width: number;
  height: number;
  /** 1 or 2 for grey, 3 or 4 for colours; an even number has opacity last. */
  channels: number;
  values: Uint8Array;
}

/** Bytes that are no whole picture. */
export class PictureError extends Error {
  override readonly name = "PictureError";
}

/** The part of Deno that reads a bitmap, which elsewhere a canvas does. */
interface BitmapReader {
  getBitmapData?: (bitmap: ImageBitmap) => Uint8Array;
}

/** Decodes a JPEG, PNG, GIF, BMP or WebP file. Throws a {@link PictureError} for others. */
export async function decodePixels(bytes: Uint8Array<ArrayBuffer>): Promise<Pixels> {
  const bitmap = await createImageBitmap(new Blob([bytes]), { premultiplyAlpha: "none" })
    .catch((error) => {
      throw new PictureError(error instanceof Error ? error.message : String(error));
    });
  try {
    const { width, height } = bitmap;
    // deno-lint-ignore no-explicit-any -- internals have no types
    const deno = Deno as any;
    const values = (deno[deno.internal] as BitmapReader | undefined)?.getBitmapData?.(bitmap);
    if (!values) throw new Error("this Deno gives no access to a bitmap's pixels");
    const channels = values.length / (width * height);
    if (!Number.isInteger(channels) || channels < 1 || channels > 4) {
      throw new PictureError(`a picture with ${8 * channels} bits for each pixel`);
    }
    return { width, height, channels, values };
  } finally {
    bitmap.close();
  }
}
