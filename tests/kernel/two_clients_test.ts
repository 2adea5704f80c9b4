/** A kernel that two front ends use at once: a notebook and a console, or two windows. */
import { assertEquals } from "@std/assert";
import { root } from "../../tools/command.ts";

Deno.test("Of two clients each gets all outputs and its own replies, either stops, and one may go", async () => {
  const { code, stderr } = await new Deno.Command(`${root}/.venv/bin/python`, {
    args: [`${root}/tests/kernel/two_clients.py`],
    cwd: root,
    env: { JUPYTER_PATH: `${root}/.venv/share/jupyter`, NO_COLOR: "1", TESSERA_HEADLESS: "" },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
});
