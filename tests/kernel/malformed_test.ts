/** What no client should send ends nothing, and what comes behind it is answered. */
import { assert, assertEquals } from "@std/assert";
import { kernelProgram } from "./driver.ts";

Deno.test("A kernel runs cells after whatever was sent, of every type and on every channel", async () => {
  const { code, stdout, stderr } = await kernelProgram("malformed.py").output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const found: Record<string, unknown> = JSON.parse(new TextDecoder().decode(stdout));
  assert(Object.keys(found).length > 20);
  assertEquals(Object.entries(found).filter(([, runs]) => runs !== true), []);
});
