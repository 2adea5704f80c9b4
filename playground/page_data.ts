/** What the maker of the page writes into it, and the page reads. */

/** The sizes of a `VisionTransformer`, from which the page builds it again. */
export interface Sizes {
  imageSize: [height: number, width: number];
  channels: number;
  patchSize: number;
  classes: number;
  width: number;
  mlpWidth: number;
  heads: number;
  depth: number;
  positions: number;
}

export interface PageData {
  /** What the model is called, for example `mnist-vit`. */
  name: string;
  sizes: Sizes;
  /** The names of all variables, and their float32 values one after the other, in base64. */
  variables: string[];
  weights: string;
  /** What was subtracted from the images, and what they were divided by, for images in 0…1. */
  mean: number;
  standardDeviation: number;
  /** Test images to try, as bytes in base64, and what the model says they are. */
  examples: { label: number; said: number; pixels: string }[];
  /** The WASM backend's program, in base64. */
  wasm: string;
}

/** The element that holds the data, as JSON. */
export const dataElement = "playground-data";
