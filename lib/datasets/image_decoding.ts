import { decodePixels, PictureError } from "../platform/pictures.ts";
import { attribute, type NativeBackend, nativeBackend } from "../tensor/native.ts";
import * as tf from "../tensor/tf.ts";
import { orientationOf, shiftToMiddle, upright } from "./orientation.ts";
import { asItLies, pictureHeader } from "./picture_header.ts";
import { scaledMiddle } from "./resampling.ts";

/** How a picture of any size becomes one of a given size. */
export interface PictureSize {
  /** The shorter side after scaling. */
  resize: number;
  /** What is cut out of the middle then: at most `resize` each. */
  crop: readonly [height: number, width: number];
}

/** A picture of more pixels is refused: with what is made of it, it would take a gigabyte. */
export const mostPixels = 100e6;

/** About how many bytes of memory a picture takes while it is decoded, for each of its pixels. */
export const bytesPerPixel = 8;

type Attributes = Parameters<NativeBackend["executeSingleOutput"]>[1];

/**
 * Decodes a JPEG, PNG, GIF, BMP or WebP file, scales it (bilinear with antialiasing) and cuts out its
 * middle, as torchvision's `Resize` and `CenterCrop`: `[height, width, 3]` bytes. A picture that a camera held
 * sideways is turned upright first, by its EXIF orientation, as browsers do.
 *
 * TensorFlow's ops do the work on other threads, several pictures at a time if one asks for several;
 * without TensorFlow the platform decodes. Throws a `TensorFlowError`, or a `PictureError`, for bytes that are no
 * whole picture or has more than {@link mostPixels} pixels.
 */
export async function decodePicture(
  bytes: Uint8Array<ArrayBuffer>,
  { resize, crop: [height, width] }: PictureSize,
): Promise<Uint8ClampedArray> {
  const header = pictureHeader(bytes);
  requireSize(header);
  const orientation = orientationOf(header?.orientation ?? 1);
  const { swaps, reversesRows, reversesColumns } = orientation;
  const inFile: [number, number] = swaps ? [width, height] : [height, width];
  const reverses = [reversesRows, reversesColumns] as const;
  const backend = nativeBackend();
  if (backend === null) {
    const pixels = await decodePixels(asItLies(bytes, header));
    return upright(scaledMiddle(pixels, resize, inFile, reverses), orientation, [height, width]);
  }
  const owned: tf.Tensor[] = [];
  const own = <T extends tf.Tensor>(tensor: T): T => {
    owned.push(tensor);
    return tensor;
  };
  try {
    const file = own(tf.tensor([bytes] as unknown as string[], [1], "string"));
    const scalar = own(tf.reshape(file, []));
    const picture = own(
      await inBackground(backend, "DecodeImage", [scalar], [
        attribute.int("channels", 3),
        attribute.type("dtype", "uint8"),
        attribute.bool("expand_animations", false),
      ]),
    );
    const zero = own(tf.scalar(0, "int32"));
    const batch = own(backend.executeSingleOutput("ExpandDims", [
      attribute.type("T", "uint8"),
      attribute.type("Tdim", "int32"),
    ], [picture, zero]));
    const [oldHeight, oldWidth] = picture.shape as [number, number];
    const factor = resize / Math.min(oldHeight, oldWidth);
    const scaled = [oldHeight, oldWidth].map((side) => Math.trunc(side * factor + 1e-6));
    const size = own(tf.tensor1d(inFile, "int32"));
    const scale = own(tf.tensor1d([scaled[0] / oldHeight, scaled[1] / oldWidth]));
    const middle = scaled.map((side, axis) => shiftToMiddle(side, inFile[axis], reverses[axis]));
    const shift = own(tf.tensor1d(middle));
    const result = own(
      await inBackground(backend, "ScaleAndTranslate", [batch, size, scale, shift], [
        attribute.type("T", "uint8"),
        attribute.string("kernel_type", "triangle"),
        attribute.bool("antialias", true),
      ]),
    );
    // A clamped array rounds.
    const values = Uint8ClampedArray.from(await result.data());
    return upright(values, orientation, [height, width]);
  } finally {
    tf.dispose(owned);
  }
}

/** Throws a PictureError where a picture has more pixels than are decoded. */
export function requireSize(header: { width: number; height: number } | undefined): void {
  if (!header || header.width * header.height <= mostPixels) return;
  const [width, height] = [header.width, header.height].map((side) => side.toLocaleString("en"));
  throw new PictureError(`${width}×${height} pixels are more than 100 million`);
}

/** Runs one op of one output on another thread. */
async function inBackground(
  backend: NativeBackend,
  name: string,
  inputs: tf.Tensor[],
  attributes: Attributes,
): Promise<tf.Tensor> {
  const { binding } = backend;
  const handles = backend.getInputTensorIds(inputs).map((id) => binding.handleOf(id));
  const [output] = await binding.runInBackground(name, handles, 1, attributes);
  return backend.createOutputTensor(binding.adopt(output));
}
