/** Stop ends whatever a cell does, and the kernel's state stays. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { cell, drive, type Result, type Step, textOf, valueOf } from "./driver.ts";

/** Ten times what a median Stop may take, so that no slow machine fails. */
const longestMilliseconds = 5000;

const stopped = (code: string, after = 0.4) => cell(code, { stops: [after] });

function assertStopped({ cells: [found] }: Result, code: string): void {
  assertEquals([found.reply.status, found.reply.ename], ["error", "Stopped"], code);
  assert(found.stop_ms! < longestMilliseconds, `${found.stop_ms} ms: ${code}`);
}

Deno.test("Stop ends loops, awaits, timers and displays before the library is imported", async () => {
  const state = "const values = [1, 2]; let count = 3; const twice = (x: number) => 2 * x;";
  const check = "[...values, twice(count)].join()";
  const codes = [
    "while (true) {}",
    "[1].forEach(() => { for (;;) {} })",
    "const run = async () => { while (true) {} }; await run();",
    "setTimeout(() => { while (true) {} }, 10); await new Promise(() => {});",
    "await new Promise(() => {})",
    "await new Promise((resolve) => setTimeout(resolve, 1e7))",
    "while (true) await Promise.resolve(1);",
    "async function* g() { while (true) yield await new Promise((r) => setTimeout(r, 9, 1)); }\n" +
    "for await (const each of g()) count += 0 * each;",
    "while (true) { try { await new Promise((r) => setTimeout(r, 10)); } catch {} }",
    "while (true) { try { await new Promise(() => {}); } catch {} }",
    "while (true) console.log('again')",
    "({ [Symbol.for('Jupyter.display')]() { while (true) {} } })",
    "({ [Symbol.for('Jupyter.display')]: () => new Promise(() => {}) })",
  ];
  const steps = codes.flatMap((code): Step[] => [stopped(code), cell(check)]);
  const { results } = await drive([cell(state), ...steps]);
  codes.forEach((code, index) => {
    assertStopped(results[1 + 2 * index], code);
    assertEquals(valueOf(results[2 + 2 * index].cells[0])?.includes("1,2,6"), true, code);
  });
});

Deno.test("Stop lets a cell's finally blocks run, and ends the timers that it has set", async () => {
  const { results } = await drive([
    cell("let ticks = 0;"),
    stopped("try { await new Promise(() => {}); } finally { console.log('cleaned up'); }"),
    stopped(
      "const tick = () => { ticks++; setTimeout(tick); };\nfor (let i = 0; i < 50; i++) tick();\n" +
        "setInterval(() => ticks++, 5);\nawait new Promise(() => {});",
    ),
    cell(
      "const then = ticks; await new Promise((r) => setTimeout(r, 200)); [ticks > 0, ticks === then].join()",
    ),
    cell("setInterval(() => ticks++, 5); 1"),
    { press: true },
    { wait: 0.5 },
    cell("const later = ticks; await new Promise((r) => setTimeout(r, 200)); ticks === later"),
  ]);
  assertStopped(results[1], "finally");
  assertStringIncludes(textOf(results[1].cells[0]), "cleaned up");
  assertStopped(results[2], "timers");
  assertStringIncludes(valueOf(results[3].cells[0])!, "true,true");
  assertStringIncludes(valueOf(results[7].cells[0])!, "true");
});

Deno.test("Stop ends what functions of the learner's own modules await, and lets modules load", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tessera-modules-" });
  await Deno.writeTextFile(
    `${folder}/inner.ts`,
    `export type Count = number;
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function fail(count: Count): never {
  throw new RangeError(\`count \${count}\`);
}`,
  );
  await Deno.writeTextFile(
    `${folder}/own.ts`,
    `import { type Count, fail, pause } from "./inner.ts";
export const seen = { count: 0 as Count, cleaned: 0 };
interface Step { name: string }

export async function timers() { while (true) { seen.count++; await pause(5); } }
export async function files() { while (true) { seen.count++; await Deno.stat("/"); } }
export async function turns() { while (true) { seen.count++; await Promise.resolve(1); } }
async function* numbers(): AsyncGenerator<Count> { while (true) yield await pause(2).then(() => 1); }
export const steps = async () => {
  try {
    for await (const each of numbers()) seen.count += each;
  } finally {
    seen.cleaned++;
  }
};
export const failing = async (step: Step) => {
  await pause(1);
  return fail(step.name.length);
};`,
  );
  await Deno.writeTextFile(
    `${folder}/slow.ts`,
    `import { pause } from "./inner.ts";
const later = async () => { await pause(700); return "loaded"; };
export const state = await later();`,
  );
  const names = ["timers", "files", "turns", "steps"];
  const quiet = "const before = seen.count; await new Promise((r) => setTimeout(r, 200)); " +
    "[before > 0, seen.count - before, seen.cleaned].join()";
  try {
    const { results } = await drive([
      cell(`import { failing, files, seen, steps, timers, turns } from "${folder}/own.ts";`),
      ...names.flatMap((name) => [stopped(`await ${name}();`), cell(quiet)]),
      cell("await failing({ name: 'four' });"),
      stopped(`await import("${folder}/slow.ts"); console.log("not reached");`, 0.2),
      cell(`(await import("${folder}/slow.ts")).state`),
    ]);
    names.forEach((name, index) => {
      assertStopped(results[1 + 2 * index], name);
      const cleaned = name === "steps" ? 1 : 0;
      assertStringIncludes(valueOf(results[2 + 2 * index].cells[0])!, `true,0,${cleaned}`, name);
    });
    const [failed, loading, loaded] = results.slice(1 + 2 * names.length).map(({ cells }) =>
      cells[0]
    );
    const trace = failed.reply.traceback!.join("\n");
    assertStringIncludes(trace, "inner.ts, line 5, in fail");
    assertStringIncludes(trace, "own.ts, line 18, in failing");
    assertStringIncludes(trace, "cell [10], line 1");
    assertEquals(loading.reply.ename, "Stopped");
    assertStringIncludes(valueOf(loaded)!, "loaded");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("Stop while a module is loaded lets it load, then ends the cell", async () => {
  const { results } = await drive([
    stopped("await import('tessera'); console.log('not reached');", 0.2),
    cell("const { Trainer } = await import('tessera'); Trainer.name"),
  ]);
  assertEquals(results[0].cells[0].reply.ename, "Stopped");
  assertEquals(textOf(results[0].cells[0]).includes("not reached"), false);
  assertStringIncludes(valueOf(results[1].cells[0])!, "Trainer");
});

Deno.test("Stop within tensors, gradients and recorded steps leaves the library as it was", async () => {
  const setUp = `import * as tf from "@tensorflow/tfjs";
    import { AdamW, compile, constant, Trainer } from "tessera";
    import { columns, scale, SmallNet } from "./tests/training/small.ts";
    const x = tf.ones([4, 4]), weight = tf.variable(tf.ones([4, 4]));
    const step = compile((a: tf.Tensor) => tf.matMul(a, a));
    tf.dispose(await step(x));
    const makeTrainer = (epochs: number, onStep: () => void | Promise<void>) => {
      const model = new SmallNet();
      return new Trainer({
        model, train: columns(160), validation: columns(40, 2), optimizer: new AdamW(model),
        schedule: constant(0.01), batchSize: 16, transforms: { train: scale, evaluation: scale },
        epochs, callbacks: [{ onStep }],
      });
    };
    const tensors = () => tf.memory().numTensors;
    const random = Math.random;`;
  const check = `(await (async () => {
    const before = tensors();
    const product = await step(x);
    const gradient = tf.tidy(() => tf.grad((a) => tf.sum(tf.mul(a, weight)))(x).sum().dataSync()[0]);
    const sum = tf.tidy(() => product.sum().dataSync()[0]);
    product.dispose();
    const { scopeStack, gradientDepth, kernelDepth } = tf.engine().state as any;
    return [sum, gradient, scopeStack.length, gradientDepth, kernelDepth, tensors() - before, random === Math.random];
  })()).join()`;
  const codes = [
    "tf.tidy(() => { const a = tf.ones([3]); while (true) {} })",
    "tf.tidy(() => { while (true) tf.tidy(() => tf.matMul(x, x)); })",
    "tf.grad((a) => { while (true) {} return a.sum(); })(x)",
    "await compile((a: tf.Tensor) => { while (true) {} return a; })(x)",
    "while (true) tf.dispose(await tf.matMul(x, x).data());",
  ];
  const steps = codes.flatMap((code): Step[] => [stopped(code), cell(check)]);
  const trained = "const short = makeTrainer(2, () => {}); (await short.run()).length";
  const { results } = await drive([
    cell(setUp),
    ...steps,
    // A training ends by itself after its step, and the cell goes on.
    cell(
      "const long = makeTrainer(1000, () => new Promise((r) => setTimeout(r, 20))); await long.run(); long.step > 0",
      {
        stops: [2],
      },
    ),
    // One that does not is cut off at the second press, and another one can begin.
    cell("const stuck = makeTrainer(1000, () => { while (true) {} }); await stuck.run();", {
      stops: [2, 3],
    }),
    cell(trained),
    cell(
      "stuck.options.callbacks!.length = 0; (stuck as any).options.epochs = 1; stuck.model.training",
    ),
    cell(check),
  ]);
  codes.forEach((code, index) => {
    assertStopped(results[1 + 2 * index], code);
    assertStringIncludes(valueOf(results[2 + 2 * index].cells[0])!, "64,16,0,0,0,0,true", code);
  });
  const [training, stuck, short, isTraining, last] = results.slice(1 + steps.length);
  assertEquals(training.cells[0].reply.status, "ok");
  assertStringIncludes(textOf(training.cells[0]), "Stopped as you asked");
  assertStringIncludes(valueOf(training.cells[0])!, "true");
  assertStopped(stuck, "a training's callback");
  assertStringIncludes(valueOf(short.cells[0])!, "2");
  assertStringIncludes(valueOf(isTraining.cells[0])!, "false");
  assertStringIncludes(valueOf(last.cells[0])!, "64,16,0,0,0,0,true");
});

Deno.test("Stop that is heard just before its cell begins stops that one, and no later one", async () => {
  const { results } = await drive([
    cell("let ran = 0;"),
    { early: "ran++; while (true) {}" },
    cell("ran"),
    { press: true },
    cell("ran += 10; ran"),
    { early: "ran += 100; ran", seconds: 1 },
    cell("ran"),
  ]);
  assertEquals([results[1].status, results[1].ename], ["error", "Stopped"]);
  assertEquals(valueOf(results[2].cells[0]), "0");
  // Sent after it, or so late that it was not meant.
  assertEquals(valueOf(results[4].cells[0]), "10");
  assertEquals(results[5].status, "ok");
  assertEquals(valueOf(results[6].cells[0]), "110");
});

Deno.test("Stop says once why a cell ends, and waits for nothing that an earlier cell began", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tessera-never-" });
  await Deno.writeTextFile(`${folder}/never.ts`, "await new Promise(() => {});");
  try {
    const { results } = await drive([
      cell(`const never = import("${folder}/never.ts"); 1`),
      stopped("new Deno.Command('sleep', { args: ['3.2'] }).outputSync();"),
      stopped("({ [Symbol.for('Jupyter.display')]() { while (true) {} } })"),
      stopped("await new Promise(() => {});"),
      // A loop that a cell has left behind holds up all that follow, until Stop.
      cell("setTimeout(() => { while (true) {} }, 20); 1"),
      { wait: 0.2 },
      { press: true },
      cell("'Stop may be heard only when this has come, and then is its own'"),
      cell("'goes on'"),
    ]);
    const line = "Stopped. Variables and models keep what they held.\n";
    assertEquals(
      textOf(results[1].cells[0]),
      `Stop: a call into native code is running, which ends by itself.\n${line}`,
    );
    for (const result of results.slice(2, 4)) {
      assertStopped(result, "after a module that never loads");
      assertEquals(textOf(result.cells[0]), line);
    }
    assertStringIncludes(valueOf(results[8].cells[0])!, "goes on");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
