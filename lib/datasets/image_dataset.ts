import * as tf from "../tensor/tf.ts";
import { ByteTensor } from "../tensor/bytes.ts";
import { permutation } from "../random.ts";
import type { Batch, Dataset } from "./dataset.ts";

export interface ImageDatasetParts {
  /** `[N, height, width, C]`, as one run of bytes, or on the device already (and then shared). */
  images: Uint8Array | ByteTensor;
  /** Nobody else needs the images: their memory is freed once they are on the device. Default: false. */
  isTaken?: boolean;
  imageShape: readonly [height: number, width: number, channels: number];
  /** The class index of every example. */
  labels: ArrayLike<number>;
  classNames: readonly string[];
  /** Which rows of `images` the examples are. Default: all, in their order. */
  rows?: Int32Array;
}

/** Labelled images as bytes on the device; a subset is a view of the same bytes. */
export class ImageDataset implements Dataset {
  readonly size: number;
  readonly classNames: readonly string[];
  readonly imageShape: readonly [number, number, number];
  /** The class index of every example, for looking at; training uses `batch`. */
  readonly labels: Int32Array;
  readonly #images: ByteTensor;
  readonly #ownsImages: boolean;
  readonly #rows?: Int32Array;
  readonly #rowTensor?: tf.Tensor1D;
  readonly #labelTensor: tf.Tensor1D;

  /** Throws a `RangeError` where sizes do not fit together or a label has no class name. */
  constructor({ images, isTaken, imageShape, labels, classNames, rows }: ImageDatasetParts) {
    this.size = labels.length;
    this.imageShape = imageShape;
    this.classNames = classNames;
    this.labels = Int32Array.from(labels);
    const imageSize = imageShape[0] * imageShape[1] * imageShape[2];
    this.#checkLabels();
    if (images instanceof Uint8Array && images.length !== this.size * imageSize) {
      throw new RangeError(
        `ImageDataset: ${this.size} images of ${imageShape.join("×")} are ` +
          `${this.size * imageSize} bytes, but there are ${images.length}`,
      );
    }
    this.#ownsImages = images instanceof Uint8Array;
    this.#images = images instanceof Uint8Array
      ? new ByteTensor(images, [this.size, ...imageShape], { isTaken })
      : images;
    this.#rows = rows;
    this.#rowTensor = rows && tf.keep(tf.tensor1d(rows, "int32"));
    this.#labelTensor = tf.keep(tf.tensor1d(this.labels, "int32"));
  }

  /**
   * The examples at `indices`: images `[B, height, width, C]` (float32, 0 to 255), labels `[B]`.
   * Throws a `RangeError` for a plain number that is no example's index.
   */
  batch(indices: tf.Tensor1D | ArrayLike<number>): Batch {
    return tf.tidy(() => {
      const chosen = indices instanceof tf.Tensor ? indices : this.#indexTensor(indices);
      const rows = this.#rowTensor ? tf.gather(this.#rowTensor, chosen) : chosen;
      const images = this.#images.gather(rows as tf.Tensor1D) as tf.Tensor4D;
      return { images, labels: tf.gather(this.#labelTensor, chosen) as tf.Tensor1D };
    });
  }

  /** The examples at `indices` as a data set of their own, over the same bytes. */
  subset(indices: ArrayLike<number>): ImageDataset {
    const chosen = this.#checkedIndices(indices);
    return new ImageDataset({
      images: this.#images,
      imageShape: this.imageShape,
      labels: chosen.map((index) => this.labels[index]),
      classNames: this.classNames,
      rows: this.#rows ? chosen.map((index) => this.#rows![index]) : chosen,
    });
  }

  /** The indices of the examples of one class, named or numbered, in their order. */
  indicesOfClass(classOrName: number | string): Int32Array {
    const index = typeof classOrName === "number"
      ? classOrName
      : this.classNames.indexOf(classOrName);
    if (!(index in this.classNames)) {
      throw new RangeError(
        `indicesOfClass: "${classOrName}" is not one of ${this.classNames.join(", ")}`,
      );
    }
    const found = [];
    for (let i = 0; i < this.size; i++) if (this.labels[i] === index) found.push(i);
    return Int32Array.from(found);
  }

  /** Whether {@link dispose} was called. */
  get isDisposed(): boolean {
    return this.#labelTensor.isDisposed;
  }

  /** Frees the device's memory; a subset leaves the shared bytes to the data set it is of. */
  dispose(): void {
    if (this.#ownsImages) this.#images.dispose();
    this.#rowTensor?.dispose();
    this.#labelTensor.dispose();
  }

  #indexTensor(indices: ArrayLike<number>): tf.Tensor1D {
    return tf.tensor1d(this.#checkedIndices(indices), "int32");
  }

  #checkedIndices(indices: ArrayLike<number>): Int32Array {
    return Int32Array.from(indices, (index) => {
      if (Number.isInteger(index) && index >= 0 && index < this.size) return index;
      throw new RangeError(`The data set has examples 0 to ${this.size - 1}, but not ${index}`);
    });
  }

  #checkLabels(): void {
    const wrong = this.labels.findIndex((label) => !(label in this.classNames));
    if (wrong >= 0) {
      throw new RangeError(
        `ImageDataset: example ${wrong} has label ${this.labels[wrong]}, ` +
          `but there are ${this.classNames.length} classes`,
      );
    }
  }
}

/** The examples at `indices` as a data set of their own, over the same bytes. */
export function subset(dataset: ImageDataset, indices: ArrayLike<number>): ImageDataset {
  return dataset.subset(indices);
}

/**
 * Divides a data set at random into parts of the given sizes (`[55_000, 5_000]`, or shares that sum
 * to 1); the same seed gives the same parts.
 *
 * Throws a `RangeError` where the sizes do not sum to the data set's.
 */
export function split(
  dataset: ImageDataset,
  sizes: readonly number[],
  seed: number,
): ImageDataset[] {
  const counts = partSizes(dataset.size, sizes);
  const order = permutation(dataset.size, seed);
  let start = 0;
  return counts.map((count, part) => {
    const result = dataset.subset(order.subarray(start, start += count));
    warnOfMissingClasses(dataset, result, part);
    return result;
  });
}

function partSizes(size: number, sizes: readonly number[]): number[] {
  const sum = sizes.reduce((total, each) => total + each, 0);
  const areShares = sizes.every((each) => each > 0 && each <= 1) && Math.abs(sum - 1) < 1e-6;
  if (areShares && size > 1) {
    let share = 0;
    let start = 0;
    return sizes.map((each) => {
      const end = Math.round(size * (share += each));
      const count = end - start;
      start = end;
      return count;
    });
  }
  if (sum !== size || sizes.some((each) => !Number.isInteger(each) || each < 0)) {
    throw new RangeError(
      `split: sizes ${sizes.join(" + ")} = ${sum} must sum to the data set's ${size} examples ` +
        `(or be shares that sum to 1)`,
    );
  }
  return [...sizes];
}

function warnOfMissingClasses(whole: ImageDataset, part: ImageDataset, index: number): void {
  const wanted = new Set(whole.labels);
  for (const label of part.labels) wanted.delete(label);
  if (wanted.size === 0) return;
  const names = [...wanted].sort((a, b) => a - b).map((label) => whole.classNames[label]);
  console.warn(
    `split: part ${index + 1} (${part.size} examples) has none of class ${names.join(", ")}; ` +
      `its accuracy says nothing about them.`,
  );
}
