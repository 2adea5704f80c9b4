/** What TensorFlow.js exports beside the ops of the table, and why it is not in there. */

/** Exported objects that hold ops; their names in the table begin with the object's. */
// deno-fmt-ignore
export const namespaces = [
  "fused", "image", "linalg", "losses", "math", "signal", "sparse", "spectral", "string",
];

/** Exported objects that hold no ops. */
// deno-fmt-ignore
export const otherObjects = [
  "backendReport", "backend_util", "broadcast_util", "browser", "callbacks", "constraints", "data", "default",
  "device_util", "gather_util", "gpgpu_util", "initializers", "io", "kernel_impls", "layers", "metrics", "models", "node",
  "module.exports", "regularizers", "scatter_util", "serialization", "shared", "slice_util", "tensor_util",
  "test_util", "util", "version", "webgl", "webgl_util",
];

/** Reasons, each with the names that it explains. */
// deno-fmt-ignore
export const notInTable: Record<string, string[]> = {
  "another name of an op in the table": [
    "fft", "ifft", "irfft", "rfft", "asScalar", "asType", "as1D", "as2D", "as3D", "as4D", "as5D", "flatten",
    "reshapeAs", "toBool", "toFloat", "toInt", "resizeBilinear", "resizeNearestNeighbor",
  ],
  "its values are whole numbers, truth values or texts": [
    "bincount", "bitwiseAnd", "broadcastArgs", "lowerBound", "multinomial", "searchSorted", "unique", "upperBound",
    "image.nonMaxSuppression", "image.nonMaxSuppressionPadded", "image.nonMaxSuppressionWithScore",
    "image.threshold", "math.confusionMatrix", "sparse.sparseReshape", "string.staticRegexReplace",
    "string.stringNGrams", "string.stringSplit", "string.stringToHashBucketFast",
  ],
  "it gives a promise, so that no gradient can be taken through it": [
    "booleanMaskAsync", "inTopKAsync", "setdiff1dAsync", "whereAsync", "image.nonMaxSuppressionAsync",
    "image.nonMaxSuppressionPaddedAsync", "image.nonMaxSuppressionWithScoreAsync",
  ],
  "TensorFlow has no gradient of it": ["denseBincount", "raggedRange"],
  "it is a product with what is drawn anew in each call": ["dropout"],
  "it makes a tensor of what is no tensor": [
    "buffer", "cosineWindow", "eye", "fill", "linspace", "ones", "rand", "randomGamma", "randomNormal",
    "randomStandardNormal", "randomUniform", "randomUniformInt", "range", "scalar", "tensor", "tensor1d",
    "tensor2d", "tensor3d", "tensor4d", "tensor5d", "tensor6d", "truncatedNormal", "variable", "zeros",
    "signal.hammingWindow", "signal.hannWindow",
  ],
  "it is not an op": [
    "array", "arraySync", "backend", "bufferSync", "bytes", "constructor", "copyRegisteredKernels", "customGrad",
    "data", "dataSync", "dataToGPU", "deprecationWarn", "deregisterOp", "disableDeprecationWarnings", "dispose",
    "disposeVariables", "enableDebugMode", "enableProdMode", "enclosingPowerOfTwo", "engine", "env", "findBackend",
    "findBackendFactory", "forceHalfFloat", "getBackend", "getGradient", "getKernel", "getKernelsForBackend",
    "grad", "grads", "input", "isDisposed", "keep", "loadGraphModel", "loadGraphModelSync", "loadLayersModel",
    "memory", "model", "nextFrame", "op", "print", "profile", "rank", "ready", "registerBackend",
    "registerCallbackConstructor", "registerGradient", "registerKernel", "registerOp", "removeBackend",
    "sequential", "setBackend", "setPlatform", "setWebGLContext", "sumOutType", "throwIfDisposed", "tidy", "time",
    "toString", "train", "unregisterGradient", "unregisterKernel", "upcastType", "valueAndGrad", "valueAndGrads",
    "variableGrads",
  ],
};

/** Kernels that have a gradient though no op of TensorFlow.js runs them. */
export const kernelsWithoutOp = ["BroadcastTo", "LogSoftmax"];
