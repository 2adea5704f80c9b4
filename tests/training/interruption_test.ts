import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { printed, runCells } from "../display/kernel.ts";

const setUp = `
  const { watchForInterruption } = await import("./lib/training/interruption.ts");
  const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const stop = () => setTimeout(() => Deno.kill(Deno.ppid, "SIGINT"), 20); // the kernel's door`;

Deno.test("watchForInterruption: Stop is told to the calls that watch in its cell, and the cell goes on", async () => {
  const cells = await runCells([
    setUp,
    `const watch = watchForInterruption();
     console.log(watch.stopRequested);
     stop(); await wait(500);
     console.log(watch.stopRequested);
     watch.end();
     const later = watchForInterruption();
     console.log(later.stopRequested); // what a stopped cell trains next is not wanted either
     later.end();`,
    `const next = watchForInterruption();
     console.log(next.stopRequested);
     next.end();`,
  ]);
  assertEquals(printed(cells[1]), "false\ntrue\ntrue\n");
  assertEquals(printed(cells[2]), "false\n");
});

Deno.test("watchForInterruption: an error that the watching call did not throw fails its cell", async () => {
  const run = () =>
    runCells([
      setUp,
      `const watch = watchForInterruption();
       setTimeout(() => { throw new RangeError("from a timer"); }, 20);
       await wait(100);
       watch.end();
       await wait(20);`,
    ]);
  const error = await assertRejects(run, Error, "CellExecutionError");
  assertStringIncludes(error.message, "from a timer");
});

Deno.test("watchForInterruption hands an error to the call that watches, so that its cell fails", async () => {
  const run = () =>
    runCells([
      setUp,
      `const watch = watchForInterruption();
       setTimeout(() => { throw new RangeError("from a timer"); }, 20);
       await wait(100);
       watch.throwIfFailed();
       console.log("never reached");`,
    ]);
  const error = await assertRejects(run, Error, "CellExecutionError");
  assertStringIncludes(error.message, "from a timer");
});

Deno.test("watchForInterruption: Ctrl-C in a terminal asks to stop, a second one ends", async () => {
  const program = `
    import { watchForInterruption } from "./lib/training/interruption.ts";
    const watch = watchForInterruption();
    console.log("watching");
    while (!watch.stopRequested) await new Promise((resolve) => setTimeout(resolve, 10));
    console.log("stop seen");
    if (Deno.args[0] === "twice") await new Promise((resolve) => setTimeout(resolve, 10_000));
    watch.end();`;
  for (const [times, exitCode] of [["once", 0], ["twice", 130]] as const) {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--ext=ts", "-", times],
      cwd: new URL("../../", import.meta.url).pathname,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(program));
    await writer.close();
    const errors = child.stderr.text();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    assertEquals((await reader.read()).value, "watching\n");
    child.kill("SIGINT");
    assertEquals((await reader.read()).value, "stop seen\n");
    if (times === "twice") child.kill("SIGINT");
    assertEquals((await child.status).code, exitCode);
    await reader.cancel();
    assertStringIncludes(await errors, "Stopping after this step");
  }
});
