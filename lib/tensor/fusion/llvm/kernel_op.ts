/** TensorFlow's op that runs fused kernels, by their numbers in a table of this process. */
import { cLibrary } from "../../../platform/c_library.ts";
import { cString } from "../../attributes.ts";
import { withPoliteThreads } from "../../polite_threads.ts";
import { type AddressOf, loadImage } from "./code_memory.ts";
import { COMPUTE, CREATE, DELETE, driverImports, KERNELS, LAYOUT, MOST_KERNELS } from "./driver.ts";
import { FINISH, ROWS } from "./entries.ts";
import { importVariable } from "./imports.ts";
import type { Image } from "./object_file.ts";
import { BITS } from "./random_bits.ts";
import { START_POOL } from "./thread_pool.ts";

/** A job has few blocks: more threads than this would find none. */
const MOST_THREADS = 16;

/** Tables of kernels, for as long as the process lives: ops may look into them whenever TensorFlow makes them. */
const tables: BigUint64Array<ArrayBuffer>[] = [];

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

const startDefinition = { parameters: ["i64"], result: "void" } as const;

const pointer = (address: bigint) => Deno.UnsafePointer.create(address);

/** The addresses of functions of TensorFlow and of the system. */
function addressesOf(names: readonly string[], framework: string): Record<string, bigint> {
  // Before version 2.34 of glibc threads are a library of their own.
  const threads = Deno.build.os === "darwin" ? cLibrary : "libpthread.so.0";
  return Object.fromEntries(names.map((name) => {
    const home = name.startsWith("TF_")
      ? framework
      : name.startsWith("pthread")
      ? threads
      : cLibrary;
    // A static of type "pointer" is its symbol's address.
    const { symbols } = Deno.dlopen(home, { [name]: { type: "pointer" } } as const);
    const address = symbols[name] as Deno.PointerValue;
    return [importVariable(name), Deno.UnsafePointer.value(address)];
  }));
}

export class KernelOp {
  /** TensorFlow's name of it. */
  readonly name: string;
  readonly #framework: string;
  readonly #table = new BigUint64Array(2 * MOST_KERNELS);
  readonly #driver: AddressOf;

  /**
   * Loads the op's own code, starts its threads, and makes it known to TensorFlow; a process may do so once for a name.
   * `framework`: the path of TensorFlow's library; `threads`: how many may work on one op.
   */
  constructor(
    name: string,
    driver: Image,
    { framework, threads }: { framework: string; threads: number },
  ) {
    this.name = name;
    this.#framework = framework;
    tables.push(this.#table);
    this.#driver = loadImage(driver, {
      ...addressesOf(driverImports, framework),
      [KERNELS]: Deno.UnsafePointer.value(Deno.UnsafePointer.of(this.#table)),
    });
    const start = new Deno.UnsafeFnPointer(
      pointer(this.#driver(START_POOL)) as Deno.PointerObject<typeof startDefinition>,
      startDefinition,
    );
    withPoliteThreads(() => start.call(BigInt(Math.min(threads, MOST_THREADS) - 1)));
    this.#register();
  }

  /** Puts a kernel into the table. Throws a RangeError where that is full. */
  load(number: number, image: Image): void {
    if (number >= MOST_KERNELS) {
      throw new RangeError(`a process has no more than ${MOST_KERNELS} fused kernels`);
    }
    const bits = importVariable(BITS);
    const imports = Object.hasOwn(image.symbols, bits) ? { [bits]: this.#driver(BITS) } : {};
    const at = loadImage(image, imports);
    this.#table.set([at(ROWS), at(FINISH)], 2 * number);
  }

  #register(): void {
    const { symbols: api } = Deno.dlopen(this.#framework, registration);
    const status = api.TF_NewStatus();
    const check = () => {
      if (api.TF_GetCode(status) === 0) return;
      throw new Error(Deno.UnsafePointerView.getCString(api.TF_Message(status)!));
    };
    const name = cString(this.name);
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
    const at = (symbol: string) => pointer(this.#driver(symbol));
    const kernel = api.TF_NewKernelBuilder(
      ...[name, cString("CPU")] as const,
      ...[at(CREATE), at(COMPUTE), at(DELETE)] as const,
    );
    api.TF_RegisterKernelBuilder(name, kernel, status);
    check();
    api.TF_DeleteStatus(status);
  }
}
