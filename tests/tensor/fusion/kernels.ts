/** Runs compiled kernels without TensorFlow, for tests. */
import type { Domain } from "../../../lib/tensor/fusion/access.ts";
import { type KernelForm, productTensors } from "../../../lib/tensor/fusion/kernel_form.ts";
import { loadImage } from "../../../lib/tensor/fusion/llvm/code_memory.ts";
import { Llvm } from "../../../lib/tensor/fusion/llvm/compiler.ts";
import { FINISH, ROWS } from "../../../lib/tensor/fusion/llvm/entries.ts";
import { kernelText } from "../../../lib/tensor/fusion/llvm/kernel.ts";
import { findLlvm } from "../../../lib/tensor/fusion/llvm/kernel_maker.ts";
import { type Image, linked } from "../../../lib/tensor/fusion/llvm/object_file.ts";
import { targetOf, tuningHere } from "../../../lib/tensor/fusion/llvm/processor.ts";
import type { Tuning } from "../../../lib/tensor/fusion/llvm/tuning.ts";
import { findRuntime } from "../../../lib/tensor/runtime.ts";

/** LLVM's library; undefined where the set-up has not fetched it, which CI's does. */
export const llvm = findLlvm(findRuntime().sitePackages);

let compiler: Llvm | undefined;

/** What LLVM makes of a text, in this process. */
export function imageOf(text: string): Image {
  compiler ??= new Llvm(llvm!.path);
  return linked(compiler.objectOf(text, targetOf(compiler.host())));
}

type TypedArray = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

const rowsDefinition = {
  parameters: ["buffer", "i64", "i64", "buffer"],
  result: "void",
} as const;
const finishDefinition = { parameters: ["buffer", "buffer", "i64"], result: "void" } as const;

const addressOf = (array: TypedArray) => Deno.UnsafePointer.value(Deno.UnsafePointer.of(array));

/** What texts may suit: any processor, or this one. */
export const tunings: readonly Tuning[] = [{}, tuningHere()];

/** What a kernel gives for the inputs, its rows run in so many blocks. */
export function compiled(
  form: KernelForm,
  { rows, width }: Domain,
  inputs: readonly TypedArray[],
  blocks = 1,
  tuning = tuningHere(),
): number[][] {
  const { text, partials } = kernelText(form, tuning);
  const at = loadImage(imageOf(text));
  const functionAt = <T extends Deno.ForeignFunction>(name: string, definition: T) =>
    new Deno.UnsafeFnPointer(
      Deno.UnsafePointer.create(at(name)) as Deno.PointerObject<T>,
      definition,
    );
  const outputs = form.outputs.map(({ value, type }) => {
    const { per } = form.values[value];
    const length = per === "place" ? rows * width : per === "row" ? rows : width;
    return type === "bool" ? new Uint8Array(length) : new Float32Array(length);
  });
  // Tensors of products: as long as anything of them that is written.
  const { height = 1, products = [] } = form;
  for (let at = 0; at < productTensors(form); at++) {
    const lengths = products.filter(({ output }) => output === form.outputs.length + at)
      .map(({ transposed, columns }) => rows / height * (transposed ? width : height) * columns);
    outputs.push(new Float32Array(lengths.reduce((a, b) => a + b)));
  }
  const pointers = BigUint64Array.from([...inputs, ...outputs].map(addressOf));
  const partial = new Float32Array(Math.max(1, partials * blocks));
  const run = functionAt(ROWS, rowsDefinition);
  const units = rows / height, each = Math.ceil(units / blocks);
  for (let block = 0; block < blocks; block++) {
    const begin = Math.min(block * each, units), end = Math.min(begin + each, units);
    run.call(pointers, BigInt(begin), BigInt(end), partial.subarray(block * partials));
  }
  functionAt(FINISH, finishDefinition).call(pointers, partial, BigInt(blocks));
  return outputs.map((output) => Array.from(output));
}
