/** What no client should send ends nothing, and what comes behind it is answered. */
import { assert, assertEquals } from "@std/assert";
import { root } from "../../tools/command.ts";

Deno.test("A kernel runs cells after whatever was sent, of every type and on every channel", async () => {
  const { code, stdout, stderr } = await new Deno.Command(`${root}/.venv/bin/python`, {
    args: [`${root}/tests/kernel/malformed.py`],
    cwd: root,
    env: { JUPYTER_PATH: `${root}/.venv/share/jupyter`, NO_COLOR: "1", TESSERA_HEADLESS: "" },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const found: Record<string, unknown> = JSON.parse(new TextDecoder().decode(stdout));
  assert(Object.keys(found).length > 20);
  assertEquals(Object.entries(found).filter(([, runs]) => runs !== true), []);
});
