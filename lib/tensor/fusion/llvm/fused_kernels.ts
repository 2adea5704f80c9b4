/** TensorFlow's op that runs fused kernels, and the kernels that it runs. */
import { cString, type OpAttribute } from "../../attributes.ts";
import type { TensorMetadata } from "../../binding.ts";
import { AttributeType, DataType } from "../../c_api.ts";
import { withPoliteThreads } from "../../polite_threads.ts";
import { sizeOf } from "../access.ts";
import type { FusedOp } from "../form_of_group.ts";
import type { BackEnd } from "../fuse.ts";
import { type AddressOf, loadImage } from "./code_memory.ts";
import {
  COMPUTE,
  CREATE,
  DELETE,
  driverImports,
  driverText,
  LAYOUT,
  MOST_TENSORS,
} from "./driver.ts";
import { FINISH, ROWS } from "./entries.ts";
import { importVariable } from "./imports.ts";
import { kernelText, MOST_SCRATCH_BYTES } from "./kernel.ts";
import type { KernelMaker } from "./kernel_maker.ts";
import { tuningHere } from "./processor.ts";
import { BITS } from "./random_bits.ts";
import { START_POOL } from "./thread_pool.ts";

/** An op of fewer results than this is done sooner than another thread would wake. */
const LEAST_SHARED = 32_768;
/** A job has few blocks: more threads than this would find none. */
const MOST_THREADS = 16;

interface Kernel {
  rows: bigint;
  finish: bigint;
  partials: number;
}

const registration = {
  TF_NewStatus: { parameters: [], result: "pointer" },
  TF_DeleteStatus: { parameters: ["pointer"], result: "void" },
  TF_GetCode: { parameters: ["pointer"], result: "i32" },
  TF_Message: { parameters: ["pointer"], result: "pointer" },
  TF_NewOpDefinitionBuilder: { parameters: ["buffer"], result: "pointer" },
  TF_OpDefinitionBuilderAddInput: { parameters: ["pointer", "buffer"], result: "void" },
  TF_OpDefinitionBuilderAddOutput: { parameters: ["pointer", "buffer"], result: "void" },
  TF_OpDefinitionBuilderAddAttr: { parameters: ["pointer", "buffer"], result: "void" },
  TF_OpDefinitionBuilderSetShapeInferenceFunction: {
    parameters: ["pointer", "pointer"],
    result: "void",
  },
  TF_RegisterOpDefinition: { parameters: ["pointer", "pointer"], result: "void" },
  TF_NewKernelBuilder: {
    parameters: ["buffer", "buffer", "pointer", "pointer", "pointer"],
    result: "pointer",
  },
  TF_RegisterKernelBuilder: { parameters: ["buffer", "pointer", "pointer"], result: "void" },
  // Itself a function that tells shapes: that they are unknown. The graph's builder states them.
  TF_ShapeInferenceContextSetUnknownShape: { type: "pointer" },
} as const;

const pointer = (address: bigint) => Deno.UnsafePointer.create(address);

/** The addresses of functions of TensorFlow and of the system. */
function addressesOf(names: readonly string[], framework: string): Record<string, bigint> {
  const system = Deno.build.os === "darwin" ? "libSystem.dylib" : "libc.so.6";
  // Before version 2.34 of glibc threads are a library of their own.
  const threads = Deno.build.os === "darwin" ? system : "libpthread.so.0";
  return Object.fromEntries(names.map((name) => {
    const home = name.startsWith("TF_") ? framework : name.startsWith("pthread") ? threads : system;
    // A static of type "pointer" is its symbol's address.
    const { symbols } = Deno.dlopen(home, { [name]: { type: "pointer" } } as const);
    const address = symbols[name] as Deno.PointerValue;
    return [importVariable(name), Deno.UnsafePointer.value(address)];
  }));
}

export class FusedKernels implements BackEnd {
  /** Ops are the process's, and may not be made twice; each worker of it has one of its own. */
  readonly opName = `TesseraFused${crypto.randomUUID().slice(0, 8)}`;
  readonly #maker: KernelMaker;
  readonly #framework: string;
  readonly #threads: number;
  readonly #tuning = tuningHere();
  readonly #kernels = new Map<string, Kernel>();
  #driver: AddressOf | undefined;

  /** `framework`: the path of TensorFlow's library; `threads`: how many may work on one op. */
  constructor(maker: KernelMaker, { framework, threads }: { framework: string; threads: number }) {
    this.#maker = maker;
    this.#framework = framework;
    this.#threads = Math.min(threads, MOST_THREADS);
  }

  canRun({ form, inputs, outputs }: FusedOp): boolean {
    return inputs.length + outputs.length <= MOST_TENSORS &&
      kernelText(form, this.#tuning).scratchBytes <= MOST_SCRATCH_BYTES;
  }

  attributesOf(ops: readonly FusedOp[]): OpAttribute[][] {
    if (ops.length === 0) return [];
    this.#driver ??= this.#start();
    return ops.map((op) => this.#attributes(op));
  }

  #attributes({ form, domain, inputTypes, outputs }: FusedOp): OpAttribute[] {
    const { rows, finish, partials } = this.#kernel(kernelText(form, this.#tuning));
    const places = domain.rows * domain.width;
    const isShared = this.#threads > 1 && places >= LEAST_SHARED;
    const count = domain.rows / (form.height ?? 1);
    const header = [rows, finish, count, partials, Number(isShared), outputs.length];
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
    const image = this.#maker.imageOf(text);
    const bits = importVariable(BITS);
    const imports = Object.hasOwn(image.symbols, bits) ? { [bits]: this.#driver!(BITS) } : {};
    const at = loadImage(image, imports);
    const kernel = { rows: at(ROWS), finish: at(FINISH), partials };
    this.#kernels.set(text, kernel);
    return kernel;
  }

  /** Loads the driver, starts the threads, and makes the op known to TensorFlow. */
  #start(): AddressOf {
    const image = this.#maker.imageOf(driverText(Deno.build.arch));
    const at = loadImage(image, addressesOf(driverImports, this.#framework));
    const start = new Deno.UnsafeFnPointer(
      pointer(at(START_POOL)) as Deno.PointerObject<typeof startDefinition>,
      startDefinition,
    );
    withPoliteThreads(() => start.call(BigInt(this.#threads - 1)));
    this.#register(at);
    return at;
  }

  #register(at: AddressOf): void {
    const { symbols: api } = Deno.dlopen(this.#framework, registration);
    const status = api.TF_NewStatus();
    const check = () => {
      if (api.TF_GetCode(status) === 0) return;
      throw new Error(Deno.UnsafePointerView.getCString(api.TF_Message(status)!));
    };
    const name = cString(this.opName);
    const builder = api.TF_NewOpDefinitionBuilder(name);
    for (const spec of ["Tin: list(type) >= 0", "Tout: list(type) >= 1", `${LAYOUT}: list(int)`]) {
      api.TF_OpDefinitionBuilderAddAttr(builder, cString(spec));
    }
    api.TF_OpDefinitionBuilderAddInput(builder, cString("inputs: Tin"));
    api.TF_OpDefinitionBuilderAddOutput(builder, cString("outputs: Tout"));
    api.TF_OpDefinitionBuilderSetShapeInferenceFunction(
      builder,
      api.TF_ShapeInferenceContextSetUnknownShape as unknown as Deno.PointerValue,
    );
    api.TF_RegisterOpDefinition(builder, status);
    check();
    const kernel = api.TF_NewKernelBuilder(
      ...[name, cString("CPU")] as const,
      ...[pointer(at(CREATE)), pointer(at(COMPUTE)), pointer(at(DELETE))] as const,
    );
    api.TF_RegisterKernelBuilder(name, kernel, status);
    check();
    api.TF_DeleteStatus(status);
  }
}

const startDefinition = { parameters: ["i64"], result: "void" } as const;

/** An output's type, bytes, rank and axes. */
function outputLayout({ dtype, shape }: TensorMetadata): number[] {
  const bytes = sizeOf(shape) * (dtype === DataType.bool ? 1 : 4);
  return [dtype, bytes, shape.length, ...shape];
}
