/**
 * Runs the cells by the site's kernel in a worker of Deno, whose engine is Chromium's, and writes what they
 * show as JSON; a program of its own, since the kernel's packages have a lock of their own.
 */
import { shown } from "../../site/kernel/show_values.ts";
import { cells, showing } from "./cells.ts";

if (globalThis.name === "kernel") await runCells();
else {
  const worker = new Worker(import.meta.url, { type: "module", name: "kernel" });
  const found = await new Promise((resolve) => worker.onmessage = ({ data }) => resolve(data));
  console.log(JSON.stringify(found));
  worker.terminate();
}

async function runCells(): Promise<void> {
  const post = postMessage.bind(globalThis) as (message: unknown) => void;
  const { Interpreter } = await import("../../site/kernel/interpreter.ts");
  const { compileNamespaces } = await import("../../site/kernel/typescript.ts");
  const { printed } = await import("../../site/kernel/show_values.ts");
  let output = "";
  console.log = console.error = (...values) => void (output += `${printed(values)}\n`);
  const interpreter = new Interpreter({
    load: (name, options) => import(name, options),
    isStopAsked: () => false,
    compileNamespaces,
  });
  const found: string[] = [];
  for (const [index, [code]] of cells.entries()) {
    output = "";
    const outcome = await interpreter.run(code, index + 1);
    const value = "value" in outcome && outcome.value !== undefined
      ? shown(outcome.value)
      : undefined;
    found.push(showing(output, value, "failure" in outcome ? outcome.failure : undefined));
  }
  post(found);
}
