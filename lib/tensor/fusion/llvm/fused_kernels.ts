/** Makes the fused kernels of steps, and has TensorFlow's op run them. */
import type { OpAttribute } from "../../attributes.ts";
import type { TensorMetadata } from "../../binding.ts";
import { AttributeType, DataType } from "../../c_api.ts";
import { sizeOf } from "../access.ts";
import type { FusedOp } from "../form_of_group.ts";
import type { ConvolutionForm, ConvolutionOp, WindowGradientForm } from "../convolution_form.ts";
import type { ConvolutionBackEnd } from "../convolutions.ts";
import type { BackEnd } from "../fuse.ts";
import { driverText, Field, LAYOUT, MOST_TENSORS } from "./driver.ts";
import { type KernelText, kernelText, MOST_SCRATCH_BYTES } from "./kernel.ts";
import type { KernelMaker } from "./kernel_maker.ts";
import { KernelOp } from "./kernel_op.ts";
import type { Image } from "./object_file.ts";
import { tuningHere } from "./processor.ts";
import { PRODUCTS } from "./tiles.ts";
import { partsOf, savesSums, takesTilesOnce } from "./window_gradient.ts";
import { fillsVectors, hasFullProducts, ownText, unitsOf } from "./winograd.ts";

/** An op of fewer numbers than this is done sooner than another thread would wake. */
const LEAST_SHARED = 32_768;

/**
 * Whether threads share out an op: it has many places, or gives many numbers, or multiplies by large matrices, as
 * attention of a single token does.
 */
export function isShared({ form, domain, outputs }: FusedOp): boolean {
  const { rows, width } = domain;
  const given = outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const depths = form.values.map((value) => value.kind === "product" ? value.depth : 0);
  const taken = rows / (form.height ?? 1) * Math.max(0, ...depths) * width;
  return Math.max(rows * width, given, taken) >= LEAST_SHARED;
}

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

export class FusedKernels implements BackEnd, ConvolutionBackEnd {
  /** Ops are the process's, and may not be made twice; each worker of it has one of its own. */
  readonly opName = `TesseraFused${crypto.randomUUID().slice(0, 8)}`;
  readonly #maker: KernelMaker;
  readonly #settings: { framework: string; threads: number };
  readonly #tuning = tuningHere();
  /** By their texts; undefined where LLVM makes none. */
  readonly #kernels = new Map<string, Kernel | undefined>();
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

  canConvolve(form: ConvolutionForm | WindowGradientForm): boolean {
    return fillsVectors(form) && (form.kind === "convolution" || takesTilesOnce(form)) &&
      ownText(form, this.#tuning).scratchBytes <= MOST_SCRATCH_BYTES;
  }

  convolvesFaster(form: ConvolutionForm | WindowGradientForm): boolean {
    return hasFullProducts(form) && (form.kind === "convolution" || savesSums(form));
  }

  betweenShape(form: ConvolutionForm | WindowGradientForm): number[] {
    const parts = form.kind === "windowGradient" ? [partsOf(form)] : [];
    return [...parts, PRODUCTS, form.inputs, form.outputs];
  }

  async attributesOf(
    ops: readonly (FusedOp | ConvolutionOp)[],
  ): Promise<(OpAttribute[] | undefined)[]> {
    const kernels = ops.map((op) => this.#textOf(op));
    await this.#make(kernels);
    return ops.map((op, at) => {
      const kernel = this.#kernels.get(kernels[at].text);
      return kernel && this.#attributes(op, kernel);
    });
  }

  /** What another process needs to run ops of these attributes. */
  codeOf(ops: readonly (readonly OpAttribute[])[]): FusedCode {
    const layouts = ops.map((attributes) => attributes.find(({ name }) => name === LAYOUT)!.value);
    const numbers = new Set(layouts.map((layout) => (layout as number[])[Field.rows]));
    const kernels = [...this.#kernels.values()].filter((kernel) => kernel !== undefined)
      .filter(({ number }) => numbers.has(number));
    return { opName: this.opName, driver: this.#op!.driver, kernels };
  }

  #textOf(op: FusedOp | ConvolutionOp): KernelText {
    return isGroup(op) ? kernelText(op.form, this.#tuning) : ownText(op.form, this.#tuning);
  }

  #attributes(op: FusedOp | ConvolutionOp, { number, partials }: Kernel): OpAttribute[] {
    const { inputs, outputs } = op;
    const count = isGroup(op) ? op.domain.rows / (op.form.height ?? 1) : unitsOf(op);
    const parallel = isGroup(op) ? isShared(op) : sizeOf(outputs[0].shape) >= LEAST_SHARED;
    const header = [number, 0, count, partials, Number(parallel), outputs.length];
    const layout = [...header, ...outputs.flatMap(outputLayout)];
    const inputTypes = isGroup(op) ? op.inputTypes : inputs.map(() => DataType.float32);
    return [
      { name: "Tin", type: AttributeType.type, value: inputTypes },
      { name: "Tout", type: AttributeType.type, value: outputs.map(({ dtype }) => dtype) },
      { name: LAYOUT, type: AttributeType.int, value: layout },
    ];
  }

  /** Loads what is not loaded yet, and first of all the driver. */
  async #make(kernels: readonly KernelText[]): Promise<void> {
    const missing = new Map(
      kernels.filter(({ text }) => !this.#kernels.has(text)).map((kernel) => [kernel.text, kernel]),
    );
    if (missing.size === 0) return;
    const driverHere = driverText(Deno.build.arch);
    const [driver, ...images] = await this.#maker.imagesOf([driverHere, ...missing.keys()]);
    if (driver === undefined) throw new Error("LLVM makes nothing that could run kernels");
    this.#op ??= { op: new KernelOp(this.opName, driver, this.#settings), driver };
    for (const [at, { text, partials }] of [...missing.values()].entries()) {
      if (this.#kernels.has(text)) continue; // another call has loaded it meanwhile
      const number = this.#kernels.size, image = images[at];
      if (image) this.#op.op.load(number, image);
      this.#kernels.set(text, image && { number, partials, image });
    }
    if (images.includes(undefined)) sayUnmade();
  }
}

const isGroup = (op: FusedOp | ConvolutionOp): op is FusedOp => "domain" in op;

let isSaid = false;

function sayUnmade(): void {
  if (isSaid) return;
  isSaid = true;
  console.warn(
    "LLVM makes no code of one of the kernels: its operations run one by one, more slowly.",
  );
}

/** An output's type, bytes, rank and axes. */
function outputLayout({ dtype, shape }: TensorMetadata): number[] {
  const bytes = sizeOf(shape) * (dtype === DataType.bool ? 1 : 4);
  return [dtype, bytes, shape.length, ...shape];
}
