/** A kernel that two front ends use at once: a notebook and a console, or two windows. */
import { assertEquals } from "@std/assert";
import { kernelProgram } from "./driver.ts";

Deno.test("Of two clients each gets all outputs and its own replies, either stops, and one may go", async () => {
  const { code, stderr } = await kernelProgram("two_clients.py").output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
});
