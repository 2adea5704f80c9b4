import * as tf from "../../lib/tensor/tf.ts";
import { Random } from "../../lib/random.ts";
import { Dropout } from "../../lib/nn/dropout.ts";
import { Linear } from "../../lib/nn/linear.ts";
import { Module } from "../../lib/nn/module.ts";
import { ImageDataset } from "../../lib/datasets/image_dataset.ts";
import { readSafetensors, writeSafetensors } from "../../lib/training/safetensors.ts";
import type { Transform } from "../../lib/augmentations/transform.ts";
import { seedFrom } from "../seeds.ts";

export const classNames = ["left", "middle", "right"];

/** Images of 2×3 pixels: the class's column is bright, with noise that a seed decides. */
export function columns(size: number, seed = 1): ImageDataset {
  let state = seed;
  const noise = () => (state = (state * 16807) % 2147483647) / 2147483647;
  const labels = Int32Array.from({ length: size }, () => Math.floor(3 * noise()));
  const images = Uint8Array.from({ length: size * 6 }, (_, index) => {
    const isBright = index % 3 === labels[Math.floor(index / 6)];
    return Math.floor(140 * noise()) + (isBright ? 80 : 0);
  });
  return new ImageDataset({ images, imageShape: [2, 3, 1], labels, classNames });
}

/** A perceptron with dropout. */
export class SmallNet extends Module {
  first: Linear;
  dropout: Dropout;
  last: Linear;

  constructor({ seed = seedFrom(5), width = 8 } = {}) {
    super();
    const random = new Random(seed);
    this.first = new Linear(6, width, { random });
    this.dropout = new Dropout(0.1, { random });
    this.last = new Linear(width, 3, { random });
  }

  forward(images: tf.Tensor): tf.Tensor {
    const flat = tf.reshape(images, [-1, 6]);
    return this.last.forward(this.dropout.forward(tf.relu(this.first.forward(flat))));
  }
}

/** Bytes to −1…1. */
export const scale: Transform = ({ images, labels }) => ({
  images: tf.sub(tf.mul(images, 2 / 255), 1) as tf.Tensor4D,
  labels,
});

/** {@link scale} and a random brightness for each image. */
export const brighten: Transform = (batch, random) => {
  const { images, labels } = scale(batch, random);
  const shift = random.uniform([images.shape[0], 1, 1, 1], -0.2, 0.2);
  return { images: tf.add(images, shift) as tf.Tensor4D, labels };
};

/** All variables' values by path. */
export function valuesOf(model: Module): Record<string, number[]> {
  return Object.fromEntries(
    [...model.namedVariables()].map(([path, variable]) => [path, [...variable.dataSync()]]),
  );
}

/** Runs `use` with a new folder that is removed afterwards. */
export async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Changes what a checkpoint says of itself, such as to what an older version wrote. */
export async function rewriteInfo(
  path: string,
  // deno-lint-ignore no-explicit-any
  change: (info: any) => void,
): Promise<void> {
  const { tensors, metadata } = await readSafetensors(path);
  const info = JSON.parse(metadata.info);
  change(info);
  await writeSafetensors(path, { tensors, metadata: { ...metadata, info: JSON.stringify(info) } });
}

/** What is printed while `use` runs, but for the line that names a graphics card. */
export async function printedBy(use: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const log = console.log;
  console.log = (...parts: unknown[]) => lines.push(parts.join(" "));
  try {
    await use();
  } finally {
    console.log = log;
  }
  return lines.filter((line) => !/^on .*, in (float32|tf32)$/.test(line));
}
