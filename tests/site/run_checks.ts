/**
 * `run_checks.ts FILE…`: runs the tests of checks in files of the project; writes how they went as JSON. Reads the
 * notebooks' tasks as JSON; cells are compiled as the site's kernel does it.
 */
import { join } from "node:path";
import * as vm from "node:vm";
import { root } from "../../tools/command.ts";
import { register, runRegistered, type Tried } from "../../site/checks/register.ts";

// Of what a learner's code leaves behind: here as in a kernel it ends nothing.
addEventListener("unhandledrejection", (event) => event.preventDefault());
Object.defineProperty(Deno, "test", { value: register });
// What compiled cells ask for: it is there once there is an interpreter, whose packages are the site's.
const { Interpreter } = await import(join(root, "site", "kernel", "interpreter.ts"));
new Interpreter({
  load: (name: string, options?: ImportCallOptions) => import(name, options),
  isStopAsked: () => false,
  compileNamespaces: () => Promise.reject(new Error("no cell of a test has a namespace")),
});
const tasksOfNotebooks = await new Response(Deno.stdin.readable).json();
// Deno gives places in what is evaluated other names than a browser.
const evaluate = (code: string) =>
  vm.runInThisContext(code.replace(/\n\/\/# sourceURL=.*$/, ""), { filename: "cell:1" });
Object.assign(globalThis, { tasksOfNotebooks, eval: evaluate });
const tried: Record<string, Tried[]> = {};
for (const file of Deno.args) {
  await import(join(root, file));
  tried[file] = await runRegistered();
}
console.log(JSON.stringify(tried));
