/** What is put right after a test however that ends. */

/** Runs a script of shell once this process has ended, which Ctrl-C here does not hinder. */
export function afterThis(script: string, ...args: string[]): AsyncDisposable {
  const waiting = 'tail --pid="$1" --follow /dev/null\nshift\n';
  const process = new Deno.Command("setsid", {
    args: ["sh", "-c", waiting + script, "sh", `${Deno.pid}`, ...args],
    ...{ stdin: "null", stdout: "null", stderr: "null" },
  }).spawn();
  return {
    /** It has been put right already. */
    async [Symbol.asyncDispose]() {
      Deno.kill(-process.pid, "SIGKILL"); // with what it waits in
      await process.status;
    },
  };
}
