/** Keeps TensorFlow's greetings out of the terminal while its libraries load. */
import { cLibrary } from "../platform/c_library.ts";

const STANDARD_ERROR = 2;
/**
 * Log lines of level "info", and the notice that they come before logging is set up; and that oneDNN does not
 * know an ARM processor's number, where a container hides /sys: then it takes its plain kernels; and that CUDA
 * does not start, which is said otherwise (`graphics_card.ts`).
 */
const GREETING =
  /^(I\d{4} |\d{4}-\d\d-\d\d .*: I |WARNING: All log messages before absl)|MIDR_EL1 sysfs entry|failed call to cuInit/;

/**
 * Calls `load` with the process's standard error going to a file, then prints what was written
 * there, without greetings. (The wheel's log level has no say in lines that precede its set-up.)
 */
export function quietly<T>(load: () => T): T {
  const libc = Deno.dlopen(cLibrary, {
    dup: { parameters: ["i32"], result: "i32" },
    dup2: { parameters: ["i32", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
    creat: { parameters: ["buffer", "u32"], result: "i32" },
  });
  const { dup, dup2, close, creat } = libc.symbols;
  const path = Deno.makeTempFileSync({ prefix: "tessera-load-" });
  const file = creat(new TextEncoder().encode(path + "\0"), 0o600);
  using written = Deno.openSync(path);
  Deno.removeSync(path); // so that it is gone however the program ends
  const terminal = dup(STANDARD_ERROR);
  dup2(file, STANDARD_ERROR);
  try {
    return load();
  } finally {
    dup2(terminal, STANDARD_ERROR);
    close(terminal);
    close(file);
    libc.close();
    const bytes = new Uint8Array(written.statSync().size);
    const lines = new TextDecoder().decode(bytes.subarray(0, written.readSync(bytes) ?? 0)).split(
      "\n",
    );
    const rest = lines.filter((line) => line !== "" && !GREETING.test(line));
    if (rest.length > 0) console.error(rest.join("\n"));
  }
}
