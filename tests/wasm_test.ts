/** `wasm/`: what lies in lib/tensor is compiled from it. */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { root } from "../tools/command.ts";
import { deno } from "../tools/deno.ts";

Deno.test("the committed WASM program is what its source gives", async () => {
  const wasm = join(root, "wasm");
  const config = ["--frozen", "--config", join(wasm, "deno.json")];
  const { code, said } = await deno("run", "-A", ...config, join(wasm, "build.ts"), "--check");
  assertEquals(code, 0, said);
});
