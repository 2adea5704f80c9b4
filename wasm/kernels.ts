/** All that the program gives to `lib/tensor`. */
export {
  convolutionBytes,
  convolve,
  convolveToFilters,
  convolveToImages,
  describe,
} from "./convolution";
export { adam, addBias, gelu, geluGradient, masked } from "./pointwise";
export { maxPoolGradient } from "./pool";
export { multiply, scratchBytes } from "./product";
export { chance, uniform } from "./random";
export { rearrange } from "./rearrange";
export { layerNorm, layerNormGradient, softmax, softmaxGradient } from "./rows";
export { sum } from "./sums";
