/**
 * `deno task wasm`: compiles the kernels of this folder, AssemblyScript, into `lib/tensor/wasm_program.ts`;
 * `--check` says whether that file is what they give.
 */
import { join } from "node:path";
import asc from "assemblyscript/asc";

const here = import.meta.dirname!;
const target = join(here, "..", "lib", "tensor", "wasm_program.ts");

/** The program's bytes. Throws an Error with the compiler's words where it does not compile. */
export async function compileKernels(): Promise<Uint8Array> {
  const written: Uint8Array[] = [];
  const options = ["-O3", "--runtime", "stub", "--noAssert", "--importMemory", "--enable", "simd"];
  const { error, stderr } = await asc.main(
    ["kernels.ts", "--outFile", "kernels.wasm", ...options],
    {
      readFile: (name) => Deno.readTextFile(join(here, name)).catch(() => null),
      writeFile: (_name, contents) => {
        if (typeof contents !== "string") written.push(contents);
      },
      listFiles: () => [],
    },
  );
  const [program] = written;
  if (error || !program) throw new Error(`${error?.message ?? "no program"}\n${stderr}`);
  return program;
}

/** The text of the file in `lib`. */
export function moduleOf(program: Uint8Array): string {
  const lines = program.toBase64().match(/.{1,100}/g)!;
  return [
    "// deno-fmt-ignore-file",
    "/** The WASM program of `wasm/`, as `deno task wasm` makes it; not to be changed by hand. */",
    "export const program = `",
    ...lines,
    "`;",
    "",
  ].join("\n");
}

if (import.meta.main) {
  const program = await compileKernels();
  const made = moduleOf(program);
  if (Deno.args.includes("--check")) {
    if (await Deno.readTextFile(target).catch(() => "") !== made) {
      console.error("lib/tensor/wasm_program.ts is not what wasm/ gives: run `deno task wasm`");
      Deno.exit(1);
    }
  } else await Deno.writeTextFile(target, made);
  console.log(`${program.length} bytes`);
}
