/**
 * The memory of tensors, which an idle notebook gives back. TensorFlow's allocator (with oneDNN, for more than 4 KB)
 * takes regions of the C library, each twice as large as the one before, and never lets go of them. In a notebook's
 * kernel it is made to take one region at first in which all finds place, and of which the system sets aside no
 * more than is written to. What is free in it is found by asking for it.
 */
import { dimensionBuffer } from "./attributes.ts";
import { type CApi, DataType } from "./c_api.ts";
import { kernelDoor } from "../platform/kernel_door.ts";

/** Enough for most notebooks; TensorFlow's notes on it take a thirty-second part more. Others take regions beside. */
const regionBytes = 2 ** 30;
/** Pieces that are asked for, from the largest on: so small that what is never used holds them too. */
const largest = 2 ** 25, smallest = 2 ** 20;
/** Of every page's size a multiple. */
const alignment = 65_536n;
const MADV_DONTNEED = 4;

/** In a notebook's kernel on Linux: lets the memory of tensors be given back; elsewhere nothing. */
export function giveBackWhenIdle(api: CApi): void {
  const door = kernelDoor();
  if (Deno.build.os !== "linux" || door === undefined || countsPromises()) return;
  const bytes = Math.min(regionBytes, Math.floor(Deno.systemMemoryInfo().total / 4));
  const region = allocate(api, bytes);
  if (region === null) return;
  api.TF_DeleteTensor(region);
  door.rests.add(() => giveBack(api));
}

/** Whether the system counts memory that is asked for as if it were used. */
function countsPromises(): boolean {
  try {
    return Deno.readTextFileSync("/proc/sys/vm/overcommit_memory").trim() === "2";
  } catch {
    return true;
  }
}

function allocate(api: CApi, bytes: number): Deno.PointerValue {
  return api.TF_AllocateTensor(DataType.uint8, dimensionBuffer([bytes]), 1, BigInt(bytes));
}

/** Holds all that is free, has the system take its pages back, and lets go of it. Nothing may run meanwhile. */
function giveBack(api: CApi): void {
  const libc = Deno.dlopen("libc.so.6", {
    mincore: { parameters: ["pointer", "usize", "buffer"], result: "i32" },
    madvise: { parameters: ["pointer", "usize", "i32"], result: "i32" },
  });
  const pages = new Uint8Array(largest / 4096);
  /** Whether there was something to give back in a tensor's memory. */
  const empty = (tensor: Deno.PointerValue, bytes: number) => {
    const data = Deno.UnsafePointer.value(api.TF_TensorData(tensor));
    const start = (data + alignment - 1n) / alignment * alignment;
    const length = (data + BigInt(bytes)) / alignment * alignment - start;
    const pointer = Deno.UnsafePointer.create(start);
    pages.fill(0);
    if (libc.symbols.mincore(pointer, length, pages) !== 0) return false;
    if (!pages.some((page) => page & 1)) return false;
    return libc.symbols.madvise(pointer, length, MADV_DONTNEED) === 0;
  };
  const held: Deno.PointerValue[] = [];
  for (let bytes = largest; bytes >= smallest; bytes /= 2) {
    // The smallest that fit come first, and among these may be some that were given back before.
    for (let misses = largest / bytes; misses > 0;) {
      const tensor = allocate(api, bytes);
      if (tensor === null) break;
      held.push(tensor);
      if (!empty(tensor, bytes)) misses--;
    }
  }
  for (const tensor of held) api.TF_DeleteTensor(tensor);
  libc.close();
}
