/**
 * What is computed otherwise on a graphics card than on the processor: the one table that the rest of the
 * engine asks. `./tessera bench` measured both columns; docs/performance.md has the figures.
 */
export interface DeviceSettings {
  /**
   * Up to how many places a convolution's value, and its input's gradient, have one matrix product for each
   * (`native_convolution.ts`). oneDNN is slow on maps of few places, cuDNN is not.
   */
  placeProducts: number;
  /** Up to how many places of the output a convolution's gradients are one product for each of the window's. */
  tapPlaces: { weightGradient: number; inputGradient: number };
  /** Whether a 1×1 convolution that skips places is a matrix product over those that it takes. */
  pointwiseTaps: boolean;
  /** Whether kernels of convolutions take zeros on the edge as a setting; else they are added to the map. */
  explicitPadding: boolean;
  /** Whether large factors of a weight's gradient are transposed before their product. */
  transposedFactors: boolean;
  /**
   * Whether TensorFlow's graph optimizer works over a compiled step. On a card it lays images out by channels,
   * as cuDNN wants them; on the processor it undoes what is done here by hand.
   */
  graphOptimizer: boolean;
  /** Whether depthwise convolution's kernel takes dilated windows. */
  dilatedDepthwise: boolean;
  /** Whether there is a kernel that counts with weights. */
  weightedCounts: boolean;
  /** Whether fused kernels (`fusion/`) may take the place of ops: LLVM makes them for the processor. */
  fusedKernels: boolean;
  /** Whether cross-entropy is TensorFlow's fused op, which has no deterministic kernel for a card. */
  fusedCrossEntropy: boolean;
  /** Whether images lie in words of four bytes: a card has no kernel that gathers bytes. */
  imagesInWords: boolean;
  /** How many training steps are under way while the values of the last are read. */
  stepsAhead: number;
}

export const deviceSettings: Record<"cpu" | "gpu", DeviceSettings> = {
  cpu: {
    placeProducts: 4,
    tapPlaces: { weightGradient: 16, inputGradient: 4 },
    pointwiseTaps: true,
    explicitPadding: false,
    transposedFactors: true,
    graphOptimizer: false,
    dilatedDepthwise: true,
    weightedCounts: true,
    fusedKernels: true,
    fusedCrossEntropy: true,
    imagesInWords: false,
    stepsAhead: 0,
  },
  gpu: {
    placeProducts: 0,
    tapPlaces: { weightGradient: 0, inputGradient: 0 },
    pointwiseTaps: false,
    explicitPadding: true,
    transposedFactors: false,
    graphOptimizer: true,
    dilatedDepthwise: false,
    weightedCounts: false,
    fusedKernels: false,
    fusedCrossEntropy: false,
    imagesInWords: true,
    stepsAhead: 1,
  },
};

/** TensorFlow's names for the first device of each kind, wherever its process stands in a group. */
export const firstDevice = { cpu: "/device:CPU:0", gpu: "/device:GPU:0" };

/** The settings of the device that a binding computes on. */
export function settingsOf(binding: { isUsingGpuDevice(): boolean } | undefined): DeviceSettings {
  return deviceSettings[binding?.isUsingGpuDevice() ? "gpu" : "cpu"];
}
