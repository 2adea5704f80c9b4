/** TensorFlow's C API as Deno FFI symbols, and nothing else. */
import { loadForGood } from "./dynamic_loader.ts";
import type { Runtime } from "./runtime.ts";

/** A `TF_Output`: an operation of a graph and the index of one of its outputs. */
const output = { struct: ["pointer", "i32"] } as const;

const frameworkSymbols = {
  TF_NewStatus: { parameters: [], result: "pointer" },
  TF_DeleteStatus: { parameters: ["pointer"], result: "void" },
  TF_GetCode: { parameters: ["pointer"], result: "i32" },
  TF_SetStatus: { parameters: ["pointer", "i32", "buffer"], result: "void" },
  TF_Message: { parameters: ["pointer"], result: "pointer" },
  TF_AllocateTensor: { parameters: ["i32", "buffer", "i32", "usize"], result: "pointer" },
  TF_DeleteTensor: { parameters: ["pointer"], result: "void" },
  TF_TensorData: { parameters: ["pointer"], result: "pointer" },
  TF_TensorByteSize: { parameters: ["pointer"], result: "usize" },
  TF_DataTypeSize: { parameters: ["i32"], result: "usize" },
  TF_NewBuffer: { parameters: [], result: "pointer" },
  TF_DeleteBuffer: { parameters: ["pointer"], result: "void" },
  // Not of the C API, which has no way to it: whether a GPU may round factors to 10 bits (TF32).
  enableTensorFloat32: {
    name: "_ZN3tsl32enable_tensor_float_32_executionEb",
    parameters: ["bool"],
    result: "void",
    optional: true,
  },
  isTensorFloat32Enabled: {
    name: "_ZN3tsl33tensor_float_32_execution_enabledEv",
    parameters: [],
    result: "bool",
    optional: true,
  },
  // Nor this: whether a GPU must take kernels that add in the same order every time.
  enableDeterminism: {
    name: "_ZN3tsl19EnableOpDeterminismEb",
    parameters: ["bool"],
    result: "void",
    optional: true,
  },
  isDeterminismEnabled: {
    name: "_ZN3tsl21OpDeterminismRequiredEv",
    parameters: [],
    result: "bool",
    optional: true,
  },
} as const;

const mainSymbols = {
  TF_Version: { parameters: [], result: "pointer" },
  TF_StringInit: { parameters: ["pointer"], result: "void" },
  TF_StringCopy: { parameters: ["pointer", "buffer", "usize"], result: "void" },
  TF_StringGetDataPointer: { parameters: ["pointer"], result: "pointer" },
  TF_StringDealloc: { parameters: ["pointer"], result: "void" },
  TF_StringGetSize: { parameters: ["pointer"], result: "usize" },

  TFE_NewContextOptions: { parameters: [], result: "pointer" },
  TFE_ContextOptionsSetConfig: {
    parameters: ["pointer", "buffer", "usize", "pointer"],
    result: "void",
  },
  TFE_ContextOptionsSetDevicePlacementPolicy: { parameters: ["pointer", "i32"], result: "void" },
  TFE_DeleteContextOptions: { parameters: ["pointer"], result: "void" },
  TFE_NewContext: { parameters: ["pointer", "pointer"], result: "pointer" },
  TFE_DeleteContext: { parameters: ["pointer"], result: "void" },
  TFE_EnableCollectiveOps: {
    parameters: ["pointer", "buffer", "usize", "pointer"],
    result: "void",
  },
  TFE_ContextListDevices: { parameters: ["pointer", "pointer"], result: "pointer" },
  TF_DeviceListCount: { parameters: ["pointer"], result: "i32" },
  TF_DeviceListType: { parameters: ["pointer", "i32", "pointer"], result: "pointer" },
  TF_DeleteDeviceList: { parameters: ["pointer"], result: "void" },
  TFE_ContextAddFunction: { parameters: ["pointer", "pointer", "pointer"], result: "void" },
  TFE_ContextAddFunctionDef: {
    parameters: ["pointer", "buffer", "usize", "pointer"],
    result: "void",
  },
  TFE_ContextRemoveFunction: { parameters: ["pointer", "buffer", "pointer"], result: "void" },

  TFE_NewTensorHandle: { parameters: ["pointer", "pointer"], result: "pointer" },
  TFE_DeleteTensorHandle: { parameters: ["pointer"], result: "void" },
  TFE_TensorHandleResolve: { parameters: ["pointer", "pointer"], result: "pointer" },
  TFE_TensorHandleDataType: { parameters: ["pointer"], result: "i32" },
  TFE_TensorHandleNumDims: { parameters: ["pointer", "pointer"], result: "i32" },
  TFE_TensorHandleDim: { parameters: ["pointer", "i32", "pointer"], result: "i64" },
  TFE_TensorHandleCopyToDevice: {
    parameters: ["pointer", "pointer", "buffer", "pointer"],
    result: "pointer",
  },
  TFE_TensorHandleCopySharingTensor: { parameters: ["pointer", "pointer"], result: "pointer" },

  TFE_NewOp: { parameters: ["pointer", "buffer", "pointer"], result: "pointer" },
  TFE_DeleteOp: { parameters: ["pointer"], result: "void" },
  TFE_OpAddInput: { parameters: ["pointer", "pointer", "pointer"], result: "void" },
  TFE_OpSetDevice: { parameters: ["pointer", "buffer", "pointer"], result: "void" },
  TFE_OpSetAttrString: { parameters: ["pointer", "buffer", "buffer", "usize"], result: "void" },
  TFE_OpSetAttrInt: { parameters: ["pointer", "buffer", "i64"], result: "void" },
  TFE_OpSetAttrFloat: { parameters: ["pointer", "buffer", "f32"], result: "void" },
  TFE_OpSetAttrBool: { parameters: ["pointer", "buffer", "u8"], result: "void" },
  TFE_OpSetAttrType: { parameters: ["pointer", "buffer", "i32"], result: "void" },
  TFE_OpSetAttrShape: {
    parameters: ["pointer", "buffer", "buffer", "i32", "pointer"],
    result: "void",
  },
  TFE_OpSetAttrStringList: {
    parameters: ["pointer", "buffer", "buffer", "buffer", "i32"],
    result: "void",
  },
  TFE_OpSetAttrIntList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TFE_OpSetAttrFloatList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TFE_OpSetAttrBoolList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TFE_OpSetAttrTypeList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TFE_OpSetAttrShapeList: {
    parameters: ["pointer", "buffer", "buffer", "buffer", "i32", "pointer"],
    result: "void",
  },
  TFE_OpSetAttrTensor: { parameters: ["pointer", "buffer", "pointer", "pointer"], result: "void" },
  TFE_OpSetAttrFunctionName: {
    parameters: ["pointer", "buffer", "buffer", "usize"],
    result: "void",
  },
  TFE_Execute: { parameters: ["pointer", "buffer", "buffer", "pointer"], result: "void" },
  /** The same call, made on another thread: the event loop stays free while it runs. */
  TFE_ExecuteInBackground: {
    name: "TFE_Execute",
    parameters: ["pointer", "pointer", "pointer", "pointer"],
    result: "void",
    nonblocking: true,
  },

  TF_GetRegisteredKernelsForOp: { parameters: ["buffer", "pointer"], result: "pointer" },
  TF_NewGraph: { parameters: [], result: "pointer" },
  TF_DeleteGraph: { parameters: ["pointer"], result: "void" },
  TF_GraphGetOpDef: { parameters: ["pointer", "buffer", "pointer", "pointer"], result: "void" },
  TF_GraphToGraphDef: { parameters: ["pointer", "pointer", "pointer"], result: "void" },
  TF_GraphGetTensorNumDims: { parameters: ["pointer", output, "pointer"], result: "i32" },
  TF_GraphSetTensorShape: {
    parameters: ["pointer", output, "buffer", "i32", "pointer"],
    result: "void",
  },
  TF_GraphGetTensorShape: {
    parameters: ["pointer", output, "buffer", "i32", "pointer"],
    result: "void",
  },
  TF_NewOperation: { parameters: ["pointer", "buffer", "buffer"], result: "pointer" },
  TF_FinishOperation: { parameters: ["pointer", "pointer"], result: "pointer" },
  TF_AddInput: { parameters: ["pointer", output], result: "void" },
  TF_AddInputList: { parameters: ["pointer", "buffer", "i32"], result: "void" },
  TF_AddControlInput: { parameters: ["pointer", "pointer"], result: "void" },
  TF_SetDevice: { parameters: ["pointer", "buffer"], result: "void" },
  TF_SetAttrString: { parameters: ["pointer", "buffer", "buffer", "usize"], result: "void" },
  TF_SetAttrInt: { parameters: ["pointer", "buffer", "i64"], result: "void" },
  TF_SetAttrFloat: { parameters: ["pointer", "buffer", "f32"], result: "void" },
  TF_SetAttrBool: { parameters: ["pointer", "buffer", "u8"], result: "void" },
  TF_SetAttrType: { parameters: ["pointer", "buffer", "i32"], result: "void" },
  TF_SetAttrShape: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TF_SetAttrTensor: { parameters: ["pointer", "buffer", "pointer", "pointer"], result: "void" },
  TF_SetAttrStringList: {
    parameters: ["pointer", "buffer", "buffer", "buffer", "i32"],
    result: "void",
  },
  TF_SetAttrIntList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TF_SetAttrFloatList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TF_SetAttrBoolList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TF_SetAttrTypeList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TF_SetAttrShapeList: {
    parameters: ["pointer", "buffer", "buffer", "buffer", "i32"],
    result: "void",
  },
  TF_SetAttrFuncName: { parameters: ["pointer", "buffer", "buffer", "usize"], result: "void" },
  TF_GraphToFunctionWithControlOutputs: {
    // deno-fmt-ignore
    parameters: [
      "pointer", "buffer", "u8", // body, name, append a hash to the name
      "i32", "pointer", // all operations: -1, null
      "i32", "buffer", "i32", "buffer", "pointer", // inputs, outputs, output names
      "i32", "buffer", "buffer", // control outputs and their names
      "pointer", "pointer", "pointer", // options, description, status
    ],
    result: "pointer",
  },
  TF_FunctionToFunctionDef: { parameters: ["pointer", "pointer", "pointer"], result: "void" },
  TF_DeleteFunction: { parameters: ["pointer"], result: "void" },
  TF_NewSessionOptions: { parameters: [], result: "pointer" },
  TF_DeleteSessionOptions: { parameters: ["pointer"], result: "void" },
  TF_LoadSessionFromSavedModel: {
    // deno-fmt-ignore
    parameters: [
      "pointer", "pointer", "buffer", // session options, run options, folder
      "buffer", "i32", // tags
      "pointer", "pointer", "pointer", // graph, MetaGraphDef, status
    ],
    result: "pointer",
  },
  TF_GraphOperationByName: { parameters: ["pointer", "buffer"], result: "pointer" },
  TF_SessionRun: {
    // deno-fmt-ignore
    parameters: [
      "pointer", "pointer", // session, run options
      "buffer", "buffer", "i32", // inputs, their tensors
      "buffer", "buffer", "i32", // outputs, their tensors
      "pointer", "i32", "pointer", "pointer", // operations to run, metadata, status
    ],
    result: "void",
  },
  TF_CloseSession: { parameters: ["pointer", "pointer"], result: "void" },
  TF_DeleteSession: { parameters: ["pointer", "pointer"], result: "void" },
} as const;

/** The C API's functions, of both libraries. */
export type CApi =
  & Deno.DynamicLibrary<typeof frameworkSymbols>["symbols"]
  & Deno.DynamicLibrary<typeof mainSymbols>["symbols"];

/** Loads TensorFlow. Throws an Error with the loader's words where a library cannot be loaded. */
export function loadCApi(runtime: Runtime): CApi {
  const framework = Deno.dlopen(runtime.frameworkLibrary, frameworkSymbols);
  const main = Deno.dlopen(runtime.mainLibrary, mainSymbols);
  loadForGood(runtime.frameworkLibrary);
  loadForGood(runtime.mainLibrary);
  return { ...framework.symbols, ...main.symbols };
}

/** `TF_DataType`, as far as tfjs and Tessera use it. */
export const DataType = {
  float32: 1,
  uint8: 4,
  int16: 5,
  int32: 3,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  resource: 20,
} as const;

/** `TF_AttrType`. */
export const AttributeType = {
  string: 0,
  int: 1,
  float: 2,
  bool: 3,
  type: 4,
  shape: 5,
  /** The value is a TF_Tensor, which stays the caller's. */
  tensor: 6,
  /** The value is the name of a function of the context. */
  function: 8,
  /** None of TensorFlow's: the device that the op runs on. */
  device: 100,
  /** None of TensorFlow's: the op gives the sum of its input over all processes, where there are several. */
  sumOverProcesses: 101,
} as const;
