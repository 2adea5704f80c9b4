/**
 * `./tessera specs [SUITE [PART OF A NAME]]`: what others say of how an engine under TensorFlow.js must
 * behave; without a suite, all of TensorFlow.js's own. `programs` are random ones that must give the same
 * on every way through the engine, `gradients [OP…]` is the table of gradients.
 */
import { type Suite, suites } from "../tests/tfjs_specs/suites.ts";
import { programs } from "./programs.ts";
import { CommandError, foreground, root, runCommand, suggestion } from "./command.ts";

const isSuite = (name: string): name is Suite => (suites as readonly string[]).includes(name);

/** Each suite changes tfjs for good, so each has a process of its own. */
async function runAll(): Promise<number> {
  let failed = 0;
  for (const suite of suites) {
    const args = ["run", "-A", "--config", `${root}/deno.json`, `${root}/tools/specs.ts`, suite];
    failed += Number(await foreground("deno", args) !== 0);
  }
  return failed;
}

async function main([name, ...rest]: string[]): Promise<number> {
  if (name === undefined) return await runAll();
  if (isSuite(name)) {
    const { runSuite } = await import("./tfjs_specs.ts");
    return await runSuite(name, rest.join(" "));
  }
  if (name === "programs") return await programs(rest);
  if (name === "gradients") {
    const { runGradients } = await import("./gradient_table.ts");
    return await runGradients(rest);
  }
  const known = [...suites, "programs", "gradients"];
  throw new CommandError(`specs has no suite "${name}".${suggestion(name, known)}`, 2);
}

if (import.meta.main) await runCommand(main);
