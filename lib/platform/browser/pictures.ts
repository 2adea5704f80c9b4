import type { Pixels } from "../pictures.ts";

export type { Pixels };

/** Bytes that are no whole picture. */
export class PictureError extends Error {
  override readonly name = "PictureError";
}

/** Decodes what the browser reads, always to colours with opacity. */
export async function decodePixels(bytes: Uint8Array<ArrayBuffer>): Promise<Pixels> {
  const bitmap = await createImageBitmap(new Blob([bytes]), { premultiplyAlpha: "none" })
    .catch((error) => {
      throw new PictureError(error instanceof Error ? error.message : String(error));
    });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", {
    willReadFrequently: true,
  })!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, channels: 4, values: new Uint8Array(data.buffer) };
}
