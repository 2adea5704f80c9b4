/** Random cells with Stop at random moments; `./tessera kernel --sequences 1000` runs more of them. */
import { assertEquals } from "@std/assert";
import { root } from "../../tools/command.ts";

async function assertPasses(file: string, args: string[]): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(`${root}/.venv/bin/python`, {
    args: [`${root}/tests/kernel/${file}`, ...args],
    cwd: root,
    env: { JUPYTER_PATH: `${root}/.venv/share/jupyter` },
  }).output();
  const decoder = new TextDecoder();
  const said = decoder.decode(stdout) + decoder.decode(stderr);
  assertEquals(code, 0, said);
  // Neither the kernel nor its driver leaves anything undone.
  assertEquals(/Traceback|ignored in|was destroyed/.test(said), false, said);
}

Deno.test("20 random sequences of cells, stopped at random, leave the state of their statements", () =>
  assertPasses("sequences.py", ["20", "1", "0"]));

Deno.test("Stop at 30 random moments stops no cell that was sent after it", () =>
  assertPasses("presses.py", ["30", "1"]));
