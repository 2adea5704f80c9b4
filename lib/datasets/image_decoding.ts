import { decodePixels } from "../platform/pictures.ts";
import { attribute, type NativeBackend, nativeBackend } from "../tensor/native.ts";
import * as tf from "../tensor/tf.ts";
import { scaledMiddle } from "./resampling.ts";

/** How a picture of any size becomes one of a given size. */
export interface PictureSize {
  /** The shorter side after scaling. */
  resize: number;
  /** What is cut out of the middle then: at most `resize` each. */
  crop: readonly [height: number, width: number];
}

type Attributes = Parameters<NativeBackend["executeSingleOutput"]>[1];

/**
 * Decodes a JPEG, PNG, GIF, BMP or WebP file, scales it (bilinear with antialiasing) and cuts out its
 * middle, as torchvision's `Resize` and `CenterCrop`: `[height, width, 3]` bytes.
 *
 * TensorFlow's ops do the work on other threads, several pictures at a time if one asks for several;
 * without TensorFlow the platform decodes. Throws a `TensorFlowError`, or a `PictureError`, for bytes that are no
 * whole picture.
 */
export async function decodePicture(
  bytes: Uint8Array<ArrayBuffer>,
  { resize, crop: [height, width] }: PictureSize,
): Promise<Uint8ClampedArray> {
  const backend = nativeBackend();
  if (backend === null) return scaledMiddle(await decodePixels(bytes), resize, [height, width]);
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
    const size = own(tf.tensor1d([height, width], "int32"));
    const scale = own(tf.tensor1d([scaled[0] / oldHeight, scaled[1] / oldWidth]));
    const middle = [scaled[0] - height, scaled[1] - width].map((room) => -Math.floor(room / 2));
    const shift = own(tf.tensor1d(middle));
    const result = own(
      await inBackground(backend, "ScaleAndTranslate", [batch, size, scale, shift], [
        attribute.type("T", "uint8"),
        attribute.string("kernel_type", "triangle"),
        attribute.bool("antialias", true),
      ]),
    );
    // A clamped array rounds.
    return Uint8ClampedArray.from(await result.data());
  } finally {
    tf.dispose(owned);
  }
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
