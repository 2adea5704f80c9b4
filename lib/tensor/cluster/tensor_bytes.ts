/** Tensors as bytes, as they travel between processes. */
import { type Binding, describeTensor, type Pointer } from "../binding.ts";
import { DataType } from "../c_api.ts";
import type { Described } from "./messages.ts";

/** Shape and type of an eager tensor. Throws a TypeError where its values are no plain bytes. */
export function describedOf(binding: Binding, handle: Pointer): Described {
  const described = {
    shape: binding.shapeOf(handle),
    dtype: binding.api.TFE_TensorHandleDataType(handle),
  };
  if (described.dtype === DataType.string || described.dtype === DataType.resource) {
    throw new TypeError(`${describeTensor(described)} cannot be sent to another process`);
  }
  return described;
}

/** A copy of an eager tensor's bytes. */
export function bytesOf(binding: Binding, handle: Pointer): Uint8Array<ArrayBuffer> {
  const { api, status } = binding;
  const tensor = api.TFE_TensorHandleResolve(handle, status);
  binding.check("reading a tensor");
  try {
    const length = Number(api.TF_TensorByteSize(tensor));
    if (length === 0) return new Uint8Array(0);
    const data = api.TF_TensorData(tensor)!;
    return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(data, length).slice(0));
  } finally {
    api.TF_DeleteTensor(tensor);
  }
}

/** An eager tensor with these bytes, where ops look for it; the caller deletes its handle. */
export function tensorOf(
  binding: Binding,
  described: Described,
  bytes: Uint8Array<ArrayBuffer>,
): Pointer {
  const { api, status } = binding;
  const { shape, dtype } = described;
  const length = shape.reduce((product, size) => product * size, 1) *
    Number(api.TF_DataTypeSize(dtype));
  if (length !== bytes.length) {
    const tensor = describeTensor(described);
    throw new RangeError(`${tensor} needs ${length} bytes; ${bytes.length} came`);
  }
  const tensor = binding.allocateBytes(described, bytes);
  const handle = api.TFE_NewTensorHandle(tensor, status);
  api.TF_DeleteTensor(tensor);
  binding.check("new tensor");
  return binding.onCard(handle!);
}
