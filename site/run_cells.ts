/**
 * Runs cells by the site's kernel in a worker of Deno, whose engine is Chromium's: reads a JSON list of their
 * code, writes what each printed, its value and its error.
 */
import { compileNamespaces } from "./kernel/typescript.ts";
import type { Failure } from "./kernel/errors.ts";
import { Interpreter } from "./kernel/interpreter.ts";
import { printed, shown } from "./kernel/show_values.ts";

/** What a cell has shown. */
interface Ran {
  printed: string;
  value?: string;
  failure?: Failure;
}

/** Of the worker, before cells give these names to something else. */
const { console } = globalThis;

async function runCells(codes: readonly string[]): Promise<Ran[]> {
  let output = "";
  console.log = console.error = (...values) => void (output += `${printed(values)}\n`);
  const interpreter = new Interpreter({
    load: (name, options) => import(name, options),
    isStopAsked: () => false,
    compileNamespaces,
  });
  const found: Ran[] = [];
  for (const [index, code] of codes.entries()) {
    output = "";
    const outcome = await interpreter.run(code, index + 1);
    const ran: Ran = { printed: output };
    if ("failure" in outcome) ran.failure = outcome.failure;
    else if (outcome.value !== undefined) ran.value = shown(outcome.value);
    found.push({ ...ran, printed: output });
  }
  return found;
}

if ((globalThis as { name?: string }).name === "kernel") {
  const post = postMessage.bind(globalThis) as (message: unknown) => void;
  addEventListener("message", async ({ data }) => post(await runCells(data)), { once: true });
} else {
  const codes = await new Response(Deno.stdin.readable).json();
  const worker = new Worker(import.meta.url, { type: "module", name: "kernel" });
  const found = await new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.postMessage(codes);
  });
  console.log(JSON.stringify(found));
  worker.terminate();
}
