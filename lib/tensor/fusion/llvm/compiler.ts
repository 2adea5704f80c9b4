/** LLVM by the C functions of llvmlite's library: makes object code of intermediate representation, in this process. */
import { loadForGood } from "../../dynamic_loader.ts";

const symbols = {
  LLVMPY_InitializeAllTargetInfos: { parameters: [], result: "void" },
  LLVMPY_InitializeAllTargets: { parameters: [], result: "void" },
  LLVMPY_InitializeAllTargetMCs: { parameters: [], result: "void" },
  LLVMPY_InitializeAllAsmPrinters: { parameters: [], result: "void" },
  LLVMPY_ContextCreate: { parameters: [], result: "pointer" },
  LLVMPY_ContextDispose: { parameters: ["pointer"], result: "void" },
  LLVMPY_GetHostCPUName: { parameters: ["buffer"], result: "void" },
  LLVMPY_GetHostCPUFeatures: { parameters: ["buffer"], result: "i32" },
  LLVMPY_DisposeString: { parameters: ["pointer"], result: "void" },
  LLVMPY_GetTargetFromTriple: { parameters: ["buffer", "buffer"], result: "pointer" },
  LLVMPY_CreateTargetMachine: {
    // deno-fmt-ignore
    parameters: [
      "pointer", "buffer", "buffer", "buffer", // target, triple, processor, features
      "i32", "buffer", "buffer", // level, relocation, code model
      "i32", "i32", "buffer", // debug information, for immediate use, ABI
    ],
    result: "pointer",
  },
  LLVMPY_DisposeTargetMachine: { parameters: ["pointer"], result: "void" },
  LLVMPY_ParseAssembly: { parameters: ["pointer", "buffer", "buffer"], result: "pointer" },
  LLVMPY_DisposeModule: { parameters: ["pointer"], result: "void" },
  LLVMPY_SetTarget: { parameters: ["pointer", "buffer"], result: "void" },
  LLVMPY_CreatePipelineTuningOptions: { parameters: [], result: "pointer" },
  LLVMPY_PTOSetLoopVectorization: { parameters: ["pointer", "u8"], result: "void" },
  LLVMPY_PTOSetSLPVectorization: { parameters: ["pointer", "u8"], result: "void" },
  LLVMPY_PTOSetLoopUnrolling: { parameters: ["pointer", "u8"], result: "void" },
  LLVMPY_PTOSetLoopInterleaving: { parameters: ["pointer", "u8"], result: "void" },
  LLVMPY_DisposePipelineTuningOptions: { parameters: ["pointer"], result: "void" },
  LLVMPY_CreatePassBuilder: { parameters: ["pointer", "pointer"], result: "pointer" },
  LLVMPY_DisposePassBuilder: { parameters: ["pointer"], result: "void" },
  LLVMPY_buildPerModuleDefaultPipeline: { parameters: ["pointer", "i32"], result: "pointer" },
  LLVMPY_DisposeNewModulePassManger: { parameters: ["pointer"], result: "void" }, // so spelt
  LLVMPY_RunNewModulePassManager: { parameters: ["pointer", "pointer", "pointer"], result: "void" },
  LLVMPY_TargetMachineEmitToMemory: {
    parameters: ["pointer", "pointer", "i32", "buffer"], // machine, module, kind, error
    result: "pointer",
  },
  LLVMPY_GetBufferStart: { parameters: ["pointer"], result: "pointer" },
  LLVMPY_GetBufferSize: { parameters: ["pointer"], result: "usize" },
  LLVMPY_DisposeMemoryBuffer: { parameters: ["pointer"], result: "void" },
} as const;

type Pointer = Deno.PointerObject;
const OBJECT_FILE = 1, ASSEMBLY = 0;
/** LLVM's level for choosing instructions. */
const THOROUGHLY = 3;
/**
 * And that for what comes before. The next one also writes a loop once for each outcome of a condition that does not
 * change in it, which doubles the code of kernels and the time to make them, and made none faster.
 */
const OPTIMIZED = 2;

/** A kind of processor that code is made for. */
export interface Target {
  architecture: typeof Deno.build.arch;
  /** By LLVM's names. */
  processor: string;
  features: string;
}

const text = (value: string) => new TextEncoder().encode(value + "\0");

export class Llvm {
  readonly #api: Deno.DynamicLibrary<typeof symbols>["symbols"];

  /** Loads the library, which takes 86 MB and a third of a second, until the process ends. */
  constructor(path: string) {
    this.#api = Deno.dlopen(path, symbols).symbols;
    loadForGood(path);
    this.#api.LLVMPY_InitializeAllTargetInfos();
    this.#api.LLVMPY_InitializeAllTargets();
    this.#api.LLVMPY_InitializeAllTargetMCs();
    this.#api.LLVMPY_InitializeAllAsmPrinters();
  }

  /** The processor on which this runs. */
  host(): Target {
    return {
      architecture: Deno.build.arch,
      processor: this.#written((to) => this.#api.LLVMPY_GetHostCPUName(to)),
      features: this.#written((to) => this.#api.LLVMPY_GetHostCPUFeatures(to)),
    };
  }

  /** An ELF object file, whatever the system: its code is loaded by `code_memory.ts`. Throws where the text is wrong. */
  objectOf(module: string, target: Target): Uint8Array<ArrayBuffer> {
    return this.#compile(module, target, OBJECT_FILE);
  }

  /** The instructions as a reader sees them. */
  assemblyOf(module: string, target: Target): string {
    return new TextDecoder().decode(this.#compile(module, target, ASSEMBLY));
  }

  #compile(ir: string, target: Target, kind: number): Uint8Array<ArrayBuffer> {
    const api = this.#api;
    const triple = text(`${target.architecture}-unknown-linux-gnu`);
    const context = api.LLVMPY_ContextCreate();
    let module: Deno.PointerValue = null;
    const wrong = this.#written((to) => module = api.LLVMPY_ParseAssembly(context, text(ir), to));
    if (module === null) throw new Error(`LLVM does not understand a kernel: ${wrong}`);
    const machine = this.#machine(target, triple);
    try {
      api.LLVMPY_SetTarget(module, triple);
      this.#optimize(module, machine);
      let buffer: Deno.PointerValue = null;
      const failed = this.#written((to) =>
        buffer = api.LLVMPY_TargetMachineEmitToMemory(machine, module, kind, to)
      );
      if (buffer === null) throw new Error(`LLVM makes no code of a kernel: ${failed}`);
      const size = Number(api.LLVMPY_GetBufferSize(buffer));
      const start = api.LLVMPY_GetBufferStart(buffer) as Pointer;
      const bytes = new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(start, size).slice(0));
      api.LLVMPY_DisposeMemoryBuffer(buffer);
      return bytes;
    } finally {
      api.LLVMPY_DisposeModule(module);
      api.LLVMPY_DisposeTargetMachine(machine);
      api.LLVMPY_ContextDispose(context);
    }
  }

  #machine({ processor, features }: Target, triple: Uint8Array<ArrayBuffer>): Pointer {
    const api = this.#api;
    let target: Deno.PointerValue = null;
    const unknown = this.#written((to) => target = api.LLVMPY_GetTargetFromTriple(triple, to));
    if (target === null) throw new Error(`LLVM knows no such processor: ${unknown}`);
    const machine = api.LLVMPY_CreateTargetMachine(
      ...[target, triple, text(processor), text(features)] as const,
      ...[THOROUGHLY, text("pic"), text("small")] as const,
      ...[0, 0, text("")] as const,
    );
    if (machine === null) throw new Error(`LLVM makes no code for ${processor}`);
    return machine;
  }

  #optimize(module: Deno.PointerValue, machine: Pointer): void {
    const api = this.#api;
    const options = api.LLVMPY_CreatePipelineTuningOptions();
    api.LLVMPY_PTOSetLoopVectorization(options, 1);
    api.LLVMPY_PTOSetSLPVectorization(options, 1);
    api.LLVMPY_PTOSetLoopUnrolling(options, 1);
    api.LLVMPY_PTOSetLoopInterleaving(options, 1);
    const builder = api.LLVMPY_CreatePassBuilder(machine, options);
    const passes = api.LLVMPY_buildPerModuleDefaultPipeline(builder, OPTIMIZED);
    api.LLVMPY_RunNewModulePassManager(passes, module, builder);
    api.LLVMPY_DisposeNewModulePassManger(passes);
    api.LLVMPY_DisposePassBuilder(builder);
    api.LLVMPY_DisposePipelineTuningOptions(options);
  }

  /** What a function writes as `char**`; empty where it writes nothing. */
  #written(call: (to: Uint8Array<ArrayBuffer>) => unknown): string {
    const to = new BigUint64Array(1);
    call(new Uint8Array(to.buffer));
    const pointer = Deno.UnsafePointer.create(to[0]);
    if (pointer === null) return "";
    const written = Deno.UnsafePointerView.getCString(pointer);
    this.#api.LLVMPY_DisposeString(pointer);
    return written;
  }
}
