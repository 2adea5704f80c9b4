/** Random cells with Stop at random moments; `./tessera kernel --sequences 1000` runs more of them. */
import { assertEquals } from "@std/assert";
import { root } from "../../tools/command.ts";

Deno.test("20 random sequences of cells, stopped at random, leave the state of their statements", async () => {
  const { code, stdout, stderr } = await new Deno.Command(`${root}/.venv/bin/python`, {
    args: [`${root}/tests/kernel/sequences.py`, "20", "1", "0"],
    cwd: root,
    env: { JUPYTER_PATH: `${root}/.venv/share/jupyter` },
  }).output();
  const decoder = new TextDecoder();
  assertEquals(code, 0, decoder.decode(stdout) + decoder.decode(stderr));
});
