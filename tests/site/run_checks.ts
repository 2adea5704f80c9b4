/** `run_checks.ts FILE…`: runs the tests of checks in files of the project; writes how they went as JSON. */
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { register, runRegistered, type Tried } from "../../site/checks/register.ts";

// Of what a learner's code leaves behind: here as in a kernel it ends nothing.
addEventListener("unhandledrejection", (event) => event.preventDefault());
Object.defineProperty(Deno, "test", { value: register });
const tried: Record<string, Tried[]> = {};
for (const file of Deno.args) {
  await import(join(root, file));
  tried[file] = await runRegistered();
}
console.log(JSON.stringify(tried));
