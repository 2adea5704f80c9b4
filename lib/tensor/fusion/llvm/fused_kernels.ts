/** Makes the fused kernels of steps, and has TensorFlow's op run them. */
import type { OpAttribute } from "../../attributes.ts";
import type { TensorMetadata } from "../../binding.ts";
import { AttributeType, DataType } from "../../c_api.ts";
import { sizeOf } from "../access.ts";
import type { FusedOp } from "../form_of_group.ts";
import type { BackEnd } from "../fuse.ts";
import { driverText, Field, LAYOUT, MOST_TENSORS } from "./driver.ts";
import { kernelText, MOST_SCRATCH_BYTES } from "./kernel.ts";
import type { KernelMaker } from "./kernel_maker.ts";
import { KernelOp } from "./kernel_op.ts";
import type { Image } from "./object_file.ts";
import { tuningHere } from "./processor.ts";

/** An op of fewer results than this is done sooner than another thread would wake. */
const LEAST_SHARED = 32_768;

interface Kernel {
  /** Its place in the op's table. */
  number: number;
  partials: number;
  image: Image;
}

/** Machine code by which another process of the same kind of processor runs ops. */
export interface FusedCode {
  /** TensorFlow's name of the op. */
  opName: string;
  /** The op's own. */
  driver: Image;
  /** The kernels by the numbers by which ops know them. */
  kernels: readonly { number: number; image: Image }[];
}

export class FusedKernels implements BackEnd {
  /** Ops are the process's, and may not be made twice; each worker of it has one of its own. */
  readonly opName = `TesseraFused${crypto.randomUUID().slice(0, 8)}`;
  readonly #maker: KernelMaker;
  readonly #settings: { framework: string; threads: number };
  readonly #tuning = tuningHere();
  readonly #kernels = new Map<string, Kernel>();
  #op: { op: KernelOp; driver: Image } | undefined;

  /** `settings`: the op's. */
  constructor(maker: KernelMaker, settings: { framework: string; threads: number }) {
    this.#maker = maker;
    this.#settings = settings;
  }

  canRun({ form, inputs, outputs }: FusedOp): boolean {
    return inputs.length + outputs.length <= MOST_TENSORS &&
      kernelText(form, this.#tuning).scratchBytes <= MOST_SCRATCH_BYTES;
  }

  attributesOf(ops: readonly FusedOp[]): OpAttribute[][] {
    return ops.map((op) => this.#attributes(op));
  }

  /** What another process needs to run ops of these attributes. */
  codeOf(ops: readonly (readonly OpAttribute[])[]): FusedCode {
    const layouts = ops.map((attributes) => attributes.find(({ name }) => name === LAYOUT)!.value);
    const numbers = new Set(layouts.map((layout) => (layout as number[])[Field.rows]));
    const kernels = [...this.#kernels.values()].filter(({ number }) => numbers.has(number));
    return { opName: this.opName, driver: this.#started().driver, kernels };
  }

  #attributes({ form, domain, inputTypes, outputs }: FusedOp): OpAttribute[] {
    const { number, partials } = this.#kernel(kernelText(form, this.#tuning));
    const places = domain.rows * domain.width;
    const count = domain.rows / (form.height ?? 1);
    const isShared = places >= LEAST_SHARED;
    const header = [number, 0, count, partials, Number(isShared), outputs.length];
    const layout = [...header, ...outputs.flatMap(outputLayout)];
    return [
      { name: "Tin", type: AttributeType.type, value: inputTypes },
      { name: "Tout", type: AttributeType.type, value: outputs.map(({ dtype }) => dtype) },
      { name: LAYOUT, type: AttributeType.int, value: layout },
    ];
  }

  #kernel({ text, partials }: { text: string; partials: number }): Kernel {
    const known = this.#kernels.get(text);
    if (known) return known;
    const kernel = { number: this.#kernels.size, partials, image: this.#maker.imageOf(text) };
    this.#started().op.load(kernel.number, kernel.image);
    this.#kernels.set(text, kernel);
    return kernel;
  }

  #started(): { op: KernelOp; driver: Image } {
    if (this.#op) return this.#op;
    const driver = this.#maker.imageOf(driverText(Deno.build.arch));
    return this.#op = { op: new KernelOp(this.opName, driver, this.#settings), driver };
  }
}

/** An output's type, bytes, rank and axes. */
function outputLayout({ dtype, shape }: TensorMetadata): number[] {
  const bytes = sizeOf(shape) * (dtype === DataType.bool ? 1 : 4);
  return [dtype, bytes, shape.length, ...shape];
}
