/** Programs in a terminal of their own, in which keys are pressed as a person presses them. */
import { root } from "../tools/command.ts";

const program = `
import json, os, pty, select, signal, sys, termios, time
command, keys = json.loads(sys.argv[1])
process, terminal = pty.fork()
if process == 0:
    termios.tcsetwinsize(1, (40, 100))
    os.execvp(command[0], command)
printed, seen, end = b"", 0, time.monotonic() + 120
while time.monotonic() < end:
    if keys and (at := printed.find(keys[0][0].encode(), seen)) >= 0:
        seen = at + len(keys[0][0])
        os.write(terminal, keys.pop(0)[1].encode())
    if not select.select([terminal], [], [], 0.1)[0]:
        continue
    try:
        part = os.read(terminal, 65536)
    except OSError:  # closed by all who had it
        break
    if not part:
        break
    printed += part
else:
    os.kill(process, signal.SIGKILL)
code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
print(json.dumps({"code": code, "printed": printed.decode(errors="replace")}))
`;

/** What is pressed once a program has printed some words; Ctrl-C is `"\x03"`. */
export type Key = [after: string, press: string];

/**
 * Runs a program in a terminal to its end, at most for two minutes; each key is pressed after the words before
 * it, in turn.
 */
export async function inTerminal(
  command: readonly string[],
  keys: readonly Key[],
  { cwd = root, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<{ code: number; printed: string }> {
  const { stdout, stderr } = await new Deno.Command(`${root}/.venv/bin/python`, {
    args: ["-c", program, JSON.stringify([command, keys])],
    ...{ cwd, env: { TERM: "xterm", NO_COLOR: "1", ...env } },
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (text === "") throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(text);
}
