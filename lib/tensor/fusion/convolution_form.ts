/**
 * What the kernels of a convolution compute, and nothing of how: a 3×3 window that skips no place, over maps whose
 * channels come last. A bias, another map and a ReLU may follow, in this order.
 */
import type { TensorMetadata } from "../binding.ts";

export interface ConvolutionForm {
  kind: "convolution";
  /** Height and width of a map, and of what is made of it. */
  map: readonly [height: number, width: number];
  places: readonly [height: number, width: number];
  /** Zeros above a map and to its left. */
  zeros: readonly [above: number, left: number];
  /** Channels of a map, and of what is made of it. */
  inputs: number;
  outputs: number;
  hasBias: boolean;
  hasSum: boolean;
  hasRelu: boolean;
}

/** The window of a convolution, made ready for its kernel. */
export interface WindowForm {
  kind: "window";
  /** Channels that the convolution takes and makes. */
  inputs: number;
  outputs: number;
  /** It is another convolution's, `[3, 3, outputs, inputs]`, turned round: of its gradient for the input. */
  isTurned: boolean;
}

/** The gradient of a convolution for its window, in parts that are still to be summed. */
export interface WindowGradientForm
  extends Pick<ConvolutionForm, "map" | "places" | "zeros" | "inputs" | "outputs"> {
  kind: "windowGradient";
  maps: number;
}

/** The sum of those parts, as a window. */
export interface GatheredWindowForm {
  kind: "gatheredWindow";
  inputs: number;
  outputs: number;
}

export type OwnForm = ConvolutionForm | WindowForm | WindowGradientForm | GatheredWindowForm;

/** An op that a kernel of a convolution runs. */
export interface ConvolutionOp {
  form: OwnForm;
  /** How many maps; 1 for a window. */
  maps: number;
  /** The tensors that it takes and gives, all of float32, by their numbers in the recording. */
  inputs: number[];
  outputs: TensorMetadata[];
}
