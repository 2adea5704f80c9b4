/**
 * The op of TensorFlow's that runs every fused kernel, as LLVM's intermediate representation: it takes the
 * inputs, makes the outputs, and shares out the rows among threads in blocks. How many blocks there are does
 * not hang on the threads, so that a result has the same bits on any number of them.
 */
import { type Imports, importText } from "./imports.ts";
import { randomBitsText } from "./random_bits.ts";
import { poolImports, poolText } from "./thread_pool.ts";
import { Body, functionText } from "./text.ts";

/** The functions that TensorFlow calls. */
export const CREATE = "tessera_create", COMPUTE = "tessera_compute", DELETE = "tessera_delete";

/** The attribute that says what an op does. */
export const LAYOUT = "layout";

/** What `layout` begins with; then for each output its type, bytes, rank and axes. */
export enum Field {
  /** The kernel's number in this process's table; once an op is made, the address of what runs its rows. */
  rows,
  /** Nothing; once an op is made, the address of what finishes. */
  finish,
  rowCount,
  /** Numbers of sums over rows that a block has of its own. */
  partials,
  /** 1: the blocks are shared out among threads. */
  parallel,
  outputCount,
  outputs,
}

/** The variable that holds the address of the table of kernels: for each number, its functions' addresses. */
export const KERNELS = "tessera_kernels";
/** So many kernels a table has room for. */
export const MOST_KERNELS = 16_384;

/** Into so many blocks the rows are cut. */
export const BLOCKS = 32;
/** No op has more inputs and outputs than this. */
export const MOST_TENSORS = 192;
const RESOURCE_EXHAUSTED = 8;

const imports: Imports = {
  ...poolImports,
  TF_NewStatus: ["ptr", ""],
  TF_DeleteStatus: ["void", "ptr"],
  TF_GetCode: ["i32", "ptr"],
  TF_SetStatus: ["void", "ptr, i32, ptr"],
  TF_NumInputs: ["i32", "ptr"],
  TF_GetInput: ["void", "ptr, i32, ptr, ptr"],
  TF_AllocateOutput: ["ptr", "ptr, i32, i32, ptr, i32, i64, ptr"],
  TF_TensorData: ["ptr", "ptr"],
  TF_DeleteTensor: ["void", "ptr"],
  TF_OpKernelContext_Failure: ["void", "ptr, ptr"],
  TF_OpKernelConstruction_GetAttrSize: ["void", "ptr, ptr, ptr, ptr, ptr"],
  TF_OpKernelConstruction_GetAttrInt64List: ["void", "ptr, ptr, ptr, i32, ptr"],
  TF_OpKernelConstruction_Failure: ["void", "ptr, ptr"],
  malloc: ["ptr", "i64"],
  calloc: ["ptr", "i64, i64"],
  free: ["void", "ptr"],
};

/** The names of all functions that the driver calls. */
export const driverImports: readonly string[] = Object.keys(imports);

const text = (name: string, value: string) =>
  `@${name} = internal constant [${value.length + 1} x i8] c"${value}\\00"`;

/**
 * How the processor treats numbers too small to be written in the usual form: as zero, as TensorFlow's threads
 * do, on every thread, so that results do not hang on which one a block ran on.
 */
const flushing: Record<typeof Deno.build.arch, { declarations: string; on(b: Body): () => void }> =
  {
    x86_64: {
      declarations: "declare void @llvm.x86.sse.stmxcsr(ptr)\n" +
        "declare void @llvm.x86.sse.ldmxcsr(ptr)",
      on(body) {
        body.do("%mode = alloca i32");
        body.do("%flushing = alloca i32");
        body.do("call void @llvm.x86.sse.stmxcsr(ptr %mode)");
        const mode = body.load("i32", "%mode");
        body.store("i32", body.value(`or i32 ${mode}, ${0x8040}`), "%flushing");
        body.do("call void @llvm.x86.sse.ldmxcsr(ptr %flushing)");
        return () => body.do("call void @llvm.x86.sse.ldmxcsr(ptr %mode)");
      },
    },
    aarch64: {
      declarations: "declare i64 @llvm.aarch64.get.fpcr()\n" +
        "declare void @llvm.aarch64.set.fpcr(i64)",
      on(body) {
        const mode = body.value("call i64 @llvm.aarch64.get.fpcr()");
        const flushing = body.value(`or i64 ${mode}, ${1 << 24}`);
        body.do(`call void @llvm.aarch64.set.fpcr(i64 ${flushing})`);
        return () => body.do(`call void @llvm.aarch64.set.fpcr(i64 ${mode})`);
      },
    },
  };

/** A field of a layout. */
const field = (body: Body, index: Field) => body.load("i64", body.at("%layout", index, "i64"));
const pointerField = (body: Body, index: Field) =>
  body.value(`inttoptr i64 ${field(body, index)} to ptr`);

/**
 * `tessera_create(construction)`: the layout, which is all that an op knows, with addresses in the place of the
 * kernel's number. Numbers mean the same in every process of a cluster, addresses do not.
 */
function create(): string {
  const body = new Body();
  body.do("%size = alloca i32");
  body.do("%unused = alloca i32");
  const status = body.value("call ptr @TF_NewStatus()");
  body.do(
    `call void @TF_OpKernelConstruction_GetAttrSize(ptr %construction, ptr @layout.name, ptr %size, ptr %unused, ptr ${status})`,
  );
  const size = body.load("i32", "%size");
  const bytes = body.value(`mul i64 ${body.value(`sext i32 ${size} to i64`)}, 8`);
  const layout = body.value(`call ptr @malloc(i64 ${bytes})`);
  body.do(
    `call void @TF_OpKernelConstruction_GetAttrInt64List(ptr %construction, ptr @layout.name, ptr ${layout}, i32 ${size}, ptr ${status})`,
  );
  const isGood = body.value(
    `icmp eq i32 ${body.value(`call i32 @TF_GetCode(ptr ${status})`)}, 0`,
  );
  body.do(`br i1 ${isGood}, label %read, label %failed`);
  body.label("read");
  const number = body.load("i64", body.at(layout, Field.rows, "i64"));
  const table = body.load("ptr", `@${KERNELS}`);
  const entry = body.at(table, body.value(`mul i64 ${number}, 2`), "i64");
  body.store("i64", body.load("i64", entry), body.at(layout, Field.rows, "i64"));
  const finish = body.load("i64", body.at(entry, 1, "i64"));
  body.store("i64", finish, body.at(layout, Field.finish, "i64"));
  body.do("br label %end");
  body.label("failed");
  body.do(`call void @TF_OpKernelConstruction_Failure(ptr %construction, ptr ${status})`);
  body.do("br label %end");
  body.label("end");
  body.do(`call void @TF_DeleteStatus(ptr ${status})`);
  body.do(`ret ptr ${layout}`);
  return functionText(`ptr @${CREATE}(ptr %construction) #0`, body);
}

function destroy(): string {
  const body = new Body();
  body.do("call void @free(ptr %layout)");
  body.do("ret void");
  return functionText(`void @${DELETE}(ptr %layout) #0`, body);
}

/** `block(call, index)`: the rows of one block. A call is the layout, the tensors' addresses, the partial sums. */
function block(arch: typeof Deno.build.arch): string {
  const body = new Body();
  const restore = flushing[arch].on(body);
  body.do("%layout = load ptr, ptr %call");
  const pointers = body.load("ptr", body.at("%call", 1, "ptr"));
  const partial = body.load("ptr", body.at("%call", 2, "ptr"));
  const rows = field(body, Field.rowCount);
  const smaller = (a: string, b: string) =>
    body.value(`select i1 ${body.value(`icmp slt i64 ${a}, ${b}`)}, i64 ${a}, i64 ${b}`);
  const each = body.value(`sdiv i64 ${body.value(`add i64 ${rows}, ${BLOCKS - 1}`)}, ${BLOCKS}`);
  const begin = smaller(body.value(`mul i64 %index, ${each}`), rows);
  const end = smaller(body.value(`add i64 ${begin}, ${each}`), rows);
  const offset = body.value(`mul i64 ${field(body, Field.partials)}, %index`);
  body.do(
    `call void ${pointerField(body, Field.rows)}(ptr ${pointers}, i64 ${begin}, i64 ${end}, ptr ${
      body.at(partial, offset)
    })`,
  );
  restore();
  body.do("ret void");
  return functionText("internal void @block(ptr %call, i64 %index) #0", body);
}

/** `tessera_compute(layout, context)`: runs the op. */
function compute(): string {
  const body = new Body();
  body.do(`%tensors = alloca [${MOST_TENSORS} x ptr]`);
  body.do(`%pointers = alloca [${MOST_TENSORS} x ptr]`);
  body.do("%call = alloca [3 x ptr]");
  body.do("%place = alloca i64");
  body.do("%failures = alloca i64");
  const status = body.value("call ptr @TF_NewStatus()");
  const inputs = body.value(
    `sext i32 ${body.value("call i32 @TF_NumInputs(ptr %context)")} to i64`,
  );
  const outputs = field(body, Field.outputCount);
  const count = body.value(`add i64 ${inputs}, ${outputs}`);
  body.store("i64", 0, "%failures");
  body.loop("input", [0, inputs], (index) => {
    const tensor = body.at("%tensors", index, "ptr");
    const narrow = body.value(`trunc i64 ${index} to i32`);
    body.do(
      `call void @TF_GetInput(ptr %context, i32 ${narrow}, ptr ${tensor}, ptr ${status})`,
    );
    const data = body.value(`call ptr @TF_TensorData(ptr ${body.load("ptr", tensor)})`);
    body.store("ptr", data, body.at("%pointers", index, "ptr"));
  });
  body.store("i64", Field.outputs, "%place");
  body.loop("output", [0, outputs], (index) => {
    const place = body.load("i64", "%place");
    const entry = body.at("%layout", place, "i64");
    const part = (at: number) => body.load("i64", body.at(entry, at, "i64"));
    const type = body.value(`trunc i64 ${part(0)} to i32`);
    const bytes = part(1), rank = part(2);
    const narrowRank = body.value(`trunc i64 ${rank} to i32`);
    const narrow = body.value(`trunc i64 ${index} to i32`);
    const tensor = body.value(
      `call ptr @TF_AllocateOutput(ptr %context, i32 ${narrow}, i32 ${type}, ptr ${
        body.at(entry, 3, "i64")
      }, i32 ${narrowRank}, i64 ${bytes}, ptr ${status})`,
    );
    const at = body.value(`add i64 ${inputs}, ${index}`);
    body.store("ptr", tensor, body.at("%tensors", at, "ptr"));
    const isThere = body.value(`icmp ne ptr ${tensor}, null`);
    body.do(`br i1 ${isThere}, label %made, label %missing`);
    body.label("missing");
    body.store("i64", 1, "%failures");
    body.do("br label %noted");
    body.label("made");
    const data = body.value(`call ptr @TF_TensorData(ptr ${tensor})`);
    body.store("ptr", data, body.at("%pointers", at, "ptr"));
    body.do("br label %noted");
    body.label("noted");
    const length = body.value(`add i64 ${rank}, 3`);
    body.store("i64", body.value(`add i64 ${place}, ${length}`), "%place");
  });
  const partials = field(body, Field.partials);
  const numbers = body.value(`mul i64 ${partials}, ${BLOCKS}`);
  const partial = body.value(`call ptr @calloc(i64 ${numbers}, i64 4)`);
  const isMissing = body.value(`icmp eq ptr ${partial}, null`);
  const isWanted = body.value(`icmp ne i64 ${partials}, 0`);
  const lacksRoom = body.value(`and i1 ${isMissing}, ${isWanted}`);
  const lacksOutput = body.value(`icmp ne i64 ${body.load("i64", "%failures")}, 0`);
  body.do(
    `br i1 ${body.value(`or i1 ${lacksRoom}, ${lacksOutput}`)}, label %lacks, label %run`,
  );
  body.label("lacks");
  body.do(
    `call void @TF_SetStatus(ptr ${status}, i32 ${RESOURCE_EXHAUSTED}, ptr @memory.message)`,
  );
  body.do("br label %ran");
  body.label("run");
  body.store("ptr", "%layout", "%call");
  body.store("ptr", "%pointers", body.at("%call", 1, "ptr"));
  body.store("ptr", partial, body.at("%call", 2, "ptr"));
  const isParallel = body.value(`icmp ne i64 ${field(body, Field.parallel)}, 0`);
  body.do(`br i1 ${isParallel}, label %shared, label %alone`);
  body.label("shared");
  body.do(`call void @pool.run(i64 ${BLOCKS}, ptr @block, ptr %call)`);
  body.do("br label %sum");
  body.label("alone");
  body.loop("each", [0, BLOCKS], (index) => body.do(`call void @block(ptr %call, i64 ${index})`));
  body.do("br label %sum");
  body.label("sum");
  body.do(
    `call void ${pointerField(body, Field.finish)}(ptr %pointers, ptr ${partial}, i64 ${BLOCKS})`,
  );
  body.do("br label %ran");
  body.label("ran");
  body.do(`call void @free(ptr ${partial})`);
  body.loop("used", [0, count], (index) => {
    const tensor = body.load("ptr", body.at("%tensors", index, "ptr"));
    body.do(`br i1 ${body.value(`icmp ne ptr ${tensor}, null`)}, label %drop, label %dropped`);
    body.label("drop");
    body.do(`call void @TF_DeleteTensor(ptr ${tensor})`);
    body.do("br label %dropped");
    body.label("dropped");
  });
  const isGood = body.value(`icmp eq i32 ${body.value(`call i32 @TF_GetCode(ptr ${status})`)}, 0`);
  body.do(`br i1 ${isGood}, label %end, label %failed`);
  body.label("failed");
  body.do(`call void @TF_OpKernelContext_Failure(ptr %context, ptr ${status})`);
  body.do("br label %end");
  body.label("end");
  body.do(`call void @TF_DeleteStatus(ptr ${status})`);
  body.do("ret void");
  return functionText(`void @${COMPUTE}(ptr %layout, ptr %context) #0`, body);
}

/** The driver's module, for a kind of processor. */
export function driverText(arch: typeof Deno.build.arch): string {
  return [
    text("layout.name", LAYOUT),
    `@${KERNELS} = hidden global ptr null`,
    text("memory.message", "out of memory for the results of fused ops"),
    flushing[arch].declarations,
    importText(imports),
    poolText,
    randomBitsText,
    block(arch),
    create(),
    destroy(),
    compute(),
    'attributes #0 = { nounwind "no-builtins" }',
  ].join("\n");
}
