/** Stop ends whatever a cell does, and the kernel's state stays. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { llvm } from "../tensor/fusion/kernels.ts";
import { cell, drive, type Result, type Step, textOf, valueOf } from "./driver.ts";

/** Ten times what a median Stop may take, so that no slow machine fails. */
const longestMilliseconds = 5000;

const stopped = (code: string, after = 0.4) => cell(code, { stops: [after] });

/** Numbers from 0 to 1 that are the same each time (mulberry32). */
function seeded(seed: number): () => number {
  return () => {
    seed = seed + 0x6d2b79f5 | 0;
    let bits = Math.imul(seed ^ seed >>> 15, 1 | seed);
    bits = bits + Math.imul(bits ^ bits >>> 7, 61 | bits) ^ bits;
    return ((bits ^ bits >>> 14) >>> 0) / 2 ** 32;
  };
}

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

Deno.test("catch and finally blocks of a stopped cell may await for a second, and no longer", async () => {
  const { results } = await drive([
    cell(`const log: string[] = [];
      const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
      const never = new Promise(() => {});
      const clearUp = async (name: string) => { await Deno.stat("."); await sleep(30); log.push(name); };`),
    stopped("try { await never; } finally { await clearUp('finally'); }"),
    stopped(
      "try { await never; } catch { await clearUp('catch'); for (const each of [1, 2]) await sleep(each); log.push('end'); }",
    ),
    stopped(
      "{ await using file = { [Symbol.asyncDispose]: () => clearUp('dispose') }; await never; }",
    ),
    stopped("{ using file = { [Symbol.dispose]: () => log.push('sync') }; await never; }"),
    cell("log.join()"),
    // What swallows Stop again and again is ended all the same, and so is clearing up that never ends.
    stopped("while (true) { try { await sleep(10); } catch {} }"),
    stopped("try { await never; } finally { await never; log.push('not reached'); }"),
    stopped("try { await never; } finally { while (true) await sleep(1); }"),
    stopped("{ await using file = { [Symbol.asyncDispose]: () => never }; await never; }"),
    cell("const then = log.length; await sleep(200); log.length - then"),
  ]);
  for (const index of [1, 3, 4, 6, 7, 8, 9]) assertStopped(results[index], `${index}`);
  assertEquals(results[2].cells[0].reply.status, "ok");
  assertStringIncludes(valueOf(results[5].cells[0])!, "finally,catch,end,dispose,sync");
  assertStringIncludes(valueOf(results[10].cells[0])!, "0");
});

Deno.test("Stop ends a loop that an earlier cell left behind, and the cell that waits for it does not begin", async () => {
  const { results } = await drive([
    cell("const ran: number[] = []; setTimeout(() => { for (;;); }, 20); 1"),
    { wait: 0.2 },
    { cells: ["ran.push(1);", "ran.push(2);"], stops: [0.3] },
    cell("ran.push(3); ran.join()"),
  ]);
  const [waiting, queued] = results[2].cells;
  assertStopped(results[2], "behind a loop");
  assertEquals(textOf(waiting), "Stopped. Variables and models keep what they held.\n");
  assertEquals(queued.reply.status, "aborted");
  assertStringIncludes(valueOf(results[3].cells[0])!, '"3"');
});

Deno.test("Stop ends Run All whatever its cell makes of the error, and nothing that is sent later", async () => {
  const swallowing = [
    "try { await sleep(1e7); } catch {}",
    "try { await sleep(1e7); } catch {}\n'goes on'",
    "await sleep(1e7).catch(() => 1);",
    "const swallow = async () => { try { await sleep(1e7); } catch {} }; await swallow();",
    "try { for (;;); } catch {}",
    "await new Promise(() => {});",
  ];
  const { results } = await drive([
    cell(
      "const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)); const ran: string[] = [];",
    ),
    ...swallowing.map((code): Step => ({
      cells: [code, "ran.push('queued');", "ran.push('last');"],
      stops: [0.4],
    })),
    cell("ran.join()"),
    // A client that asks to go on after errors goes on.
    { cells: [swallowing[5], "ran.push('allowed');"], stops: [0.4], stop_on_error: false },
    cell("ran.join()"),
  ]);
  swallowing.forEach((code, index) => {
    const [, ...queued] = results[1 + index].cells;
    assertEquals(queued.map(({ reply }) => reply.status), ["aborted", "aborted"], code);
  });
  assertStringIncludes(valueOf(results[1 + swallowing.length].cells[0])!, '""');
  assertStringIncludes(valueOf(results.at(-1)!.cells[0])!, '"allowed"');
});

/** Calls that keep something of the library open while they run, round a piece of code. */
const nestings: ((inner: string) => string)[] = [
  (inner) => `tf.tidy(() => { const a = tf.ones([2]); ${inner} return a; });`,
  (inner) => `tf.grad((a) => { ${inner} return a.square().sum() as tf.Scalar; })(x);`,
  (inner) => `tf.variableGrads(() => { ${inner} return weight.square().sum() as tf.Scalar; });`,
  (inner) =>
    `tf.valueAndGrad((a) => a.mul(tf.grad((b) => { ${inner} return b.square().sum(); })(a)).sum())(x);`,
  // In the forward part of an own gradient, and on the way back.
  (inner) =>
    `tf.grad((a) => tf.customGrad((b: any) => { ${inner} return { value: b.square(), gradFunc: (dy) => dy }; })(a).sum())(x);`,
  (inner) =>
    `tf.grad((a) => tf.customGrad((b: any) => ({ value: b.square(), gradFunc: (dy) => { ${inner} return dy; } }))(a).sum())(x);`,
  (inner) => `compile((a: tf.Tensor) => { ${inner} return tf.add(a, 1); })(x);`,
];

Deno.test("Stop within any nesting of tidies, gradients and recordings closes all of them", async () => {
  const setUp = `import * as tf from "@tensorflow/tfjs";
    import { compile } from "tessera";
    const x = tf.ones([4, 4]), weight = tf.variable(tf.ones([4, 4]));
    const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    const gradient = () => tf.tidy(() => tf.grad((a) => tf.sum(tf.mul(a, weight)))(x).sum().dataSync()[0]);
    // What an earlier cell goes on with is in the middle of its ops whenever the door comes.
    let turns = 0; const wrong: unknown[] = [];
    (async () => {
      for (;; await sleep(0)) {
        turns++;
        try { if (gradient() !== 16) wrong.push(gradient()); } catch (error) { wrong.push(error); }
      }
    })();
    1`;
  const check = `{
    const turnsBefore = turns, before = tf.memory().numTensors;
    await sleep(50);
    const { scopeStack, activeScope, gradientDepth, kernelDepth, activeTape } = tf.engine().state as any;
    [
      gradient(), scopeStack.length, activeScope, gradientDepth, kernelDepth, activeTape,
      tf.memory().numTensors - before, wrong.length, turns > turnsBefore,
    ].map(String).join();
  }`;
  const random = seeded(7);
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)];
  const endless = [
    "while (true) {}",
    "while (true) tf.matMul(x, x).dispose();",
    "for (;;) tf.tidy(() => tf.add(x, x));",
  ];
  const inner = nestings.slice(0, -1);
  const codes = [
    ...nestings.map((nesting) => nesting(pick(endless))),
    ...Array.from(
      { length: 4 },
      () =>
        pick(nestings)(
          Array.from({ length: 3 }, () => pick(inner)).reduce(
            (code, each) => each(code),
            pick(endless),
          ),
        ),
    ),
  ];
  const steps = codes.flatMap((code): Step[] => [stopped(code), cell(check)]);
  const { results } = await drive([cell(setUp), ...steps]);
  codes.forEach((code, index) => {
    assertStopped(results[1 + 2 * index], code);
    assertStringIncludes(
      valueOf(results[2 + 2 * index].cells[0])!,
      "16,0,null,0,0,null,0,0,true",
      code,
    );
  });
});

Deno.test("Stop ends tfjs's own trainings, and a model can be trained again", async () => {
  const setUp = `import * as tf from "@tensorflow/tfjs";
    const xs = tf.ones([64, 4]), ys = tf.ones([64, 1]);
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [4] })] });
    model.compile({ loss: "meanSquaredError", optimizer: "sgd" });
    const endless = { epochs: 1e6, verbose: 0 as const };
    const batches = tf.data.generator(function* () { while (true) yield { xs: tf.ones([8, 4]), ys: tf.ones([8, 1]) }; } as any) as any;
    let epochs = 0;`;
  const again = `const { epoch } = await model.fit(xs, ys, { epochs: 2, verbose: 0 });
    const { scopeStack, gradientDepth, kernelDepth, activeTape } = tf.engine().state as any;
    [epoch.length, scopeStack.length, gradientDepth, kernelDepth, activeTape].map(String).join();`;
  const quiet =
    "const before = epochs; await new Promise((r) => setTimeout(r, 200)); epochs - before";
  const { results } = await drive([
    cell(setUp),
    cell(
      "const { epoch } = await model.fit(xs, ys, { ...endless, callbacks: { onEpochEnd: () => { epochs++; } } }); epoch.length > 0",
      { stops: [1] },
    ),
    cell(quiet),
    cell(again),
    // What Run All sends behind it goes on too.
    { cells: ["await model.fitDataset(batches, endless); 'goes on'", "epochs"], stops: [0.5] },
    cell(again),
    // Those that a cell begins after Stop do not.
    stopped("while (true) await model.fit(xs, ys, { epochs: 1, verbose: 0 });", 0.5),
    cell(again),
    // The second press cuts one off.
    cell(
      "await model.fit(xs, ys, { ...endless, callbacks: { onBatchEnd: () => { for (;;); } } });",
      {
        stops: [0.5, 1.5],
      },
    ),
    cell(again),
    // One that an earlier cell goes on with does not hold up Stop, and ends with it.
    cell("const running = model.fit(xs, ys, endless); 1"),
    stopped("while (true) {}"),
    cell(again),
  ]);
  const line =
    "Stopped as you asked. fit() in another cell goes on from the weights that it has reached.";
  const cells = results.map(({ cells }) => cells[0]);
  assertStringIncludes(textOf(cells[1]), line);
  assertStringIncludes(valueOf(cells[1])!, "true");
  assertStringIncludes(valueOf(cells[2])!, "0");
  assertStringIncludes(valueOf(cells[4])!, "goes on");
  assertEquals(results[4].cells[1].reply.status, "ok");
  assertStopped(results[6], "one after the other");
  assertStopped(results[8], "an endless callback");
  assertStopped(results[11], "beside one");
  for (const index of [3, 5, 7, 9, 12]) {
    assertStringIncludes(valueOf(cells[index])!, "2,0,0,0,null", `after ${index - 1}`);
  }
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

Deno.test("Stop that is pressed as a cell begins takes nothing from the next press", async () => {
  const codes = Array.from({ length: 8 }, (_, i) => `while (true) Math.sqrt(${i});`);
  const { results } = await drive([
    cell("1"),
    ...codes.flatMap((code): Step[] => [{ wait: 0.2 }, { press: true }, stopped(code, 0.3)]),
  ]);
  codes.forEach((code, i) => assertStopped(results[3 * i + 3], code));
});

Deno.test("Stop says once why a cell ends, and waits for nothing that an earlier cell began", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tessera-never-" });
  await Deno.writeTextFile(`${folder}/never.ts`, "await new Promise(() => {});");
  const library = Deno.build.os === "darwin" ? "libSystem.dylib" : "libc.so.6";
  const native = `const { symbols } = Deno.dlopen("${library}", ` +
    `{ usleep: { parameters: ["u32"], result: "i32" } });`;
  try {
    const { results } = await drive([
      cell(`const never = import("${folder}/never.ts"); 1`),
      stopped(`${native} symbols.usleep(3_200_000);`),
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

Deno.test("Stop ends a program that a cell waits for in one call, with what that has started, and no other", async () => {
  const program = (code: string) => `['-c', "${code}"]`;
  const codes = [
    "new Deno.Command('sleep', { args: ['600'] }).outputSync(); done.push(1);",
    `execFileSync('sh', ${program("sleep 600; echo")}); done.push(2);`,
    "try { execSync('sleep 600'); } catch { done.push(3); } done.push(4);",
    // One that does not end when it is asked to.
    `spawnSync('sh', ${program("trap '' TERM; while true; do sleep 0.1; done")}); done.push(5);`,
  ];
  const { results } = await drive([
    cell(
      "import { execFileSync, execSync, spawnSync } from 'node:child_process';\nconst done = [];",
    ),
    cell("const other = new Deno.Command('sleep', { args: ['600'] }).spawn();"),
    ...codes.map((code) =>
      stopped(`const beside = new Deno.Command('sleep', { args: ['600'] }).spawn(); ${code}`)
    ),
    cell(
      "other.kill(); beside.kill(); [(await other.status).signal, (await beside.status).signal, ...done].join()",
    ),
  ]);
  codes.forEach((code, index) => {
    const [{ reply }] = results[2 + index].cells;
    assertEquals([reply.status, reply.ename], ["error", "Stopped"], code);
  });
  // Both were there to be ended, and no statement behind one that was stopped has run.
  assertEquals(valueOf(results.at(-1)!.cells[0]), '"SIGTERM,SIGTERM"');
});

Deno.test("What a stopped cell trains next ends at once, and in another cell it trains", async () => {
  const { results } = await drive([
    cell(`import { AdamW, constant, Trainer } from "tessera";
      import { columns, scale, SmallNet } from "./tests/training/small.ts";
      function make(epochs: number) {
        const model = new SmallNet();
        return new Trainer({
          ...{ model, train: columns(160), validation: columns(40, 2), optimizer: new AdamW(model) },
          ...{ schedule: constant(0.01), batchSize: 16, transforms: { train: scale, evaluation: scale } },
          callbacks: [{ onStep: () => new Promise((resolve) => setTimeout(resolve, 5)) }],
          ...{ epochs, progress: false },
        });
      }
      const long = make(1000), short = make(2);`),
    {
      cells: ["await long.run(); await short.run(); [long.step > 0, short.step].join()", "'next'"],
      stops: [1.5],
    },
    cell("(await short.run()).length"),
    cell(
      "const before = long.step; setTimeout(() => long.stop('enough'), 200); await long.run(); long.step > before",
    ),
  ]);
  const [stoppedCell, next] = results[1].cells;
  const lines = textOf(stoppedCell).trim().split("\n");
  assertEquals(lines.length, 2, lines.join("\n"));
  for (const line of lines) {
    assertMatch(
      line,
      /^Stopped as you asked: .* Call fit\(\) or run\(\) in another cell to go on\.$/,
    );
  }
  assertEquals([valueOf(stoppedCell), valueOf(next)], ['"true,0"', '"next"']);
  assertEquals(valueOf(results[2].cells[0]), "2");
  assertStringIncludes(textOf(results[3].cells[0]), "Call fit() or run() again to go on.");
  assertEquals(valueOf(results[3].cells[0]), "true");
});

Deno.test("Stop in the first call of a compiled step lets that call end before the next begins", async () => {
  // What is recorded takes so many seconds; the event loop turns again before Stop gives it up, or after.
  const lengths = [0.25, 0.3, 0.35, 0.4, 0.45];
  const { results } = await drive([
    cell(
      'import * as tf from "@tensorflow/tfjs"; import { compile } from "tessera";\n' +
        "const x = tf.randomNormal<tf.Rank.R2>([400, 400], 0, 0.05);\n" +
        "const lasting = (seconds: number) => compile((y: tf.Tensor2D) => {\n" +
        "  const end = performance.now() + 1000 * seconds;\n" +
        "  while (performance.now() < end) y = tf.tanh(tf.matMul(y, x));\n" +
        "  return y;\n" +
        "});\n" +
        "let step = lasting(0.01); await step(x);",
    ),
    ...lengths.flatMap((seconds) => [
      stopped(`step = lasting(${seconds}); await step(x);`, 0.1),
      cell("await step(x); step.reports().length"),
    ]),
  ]);
  lengths.forEach((seconds, at) => {
    assertStopped(results[1 + 2 * at], `${seconds} s`);
    assertEquals(valueOf(results[2 + 2 * at].cells[0]), "1", `records after ${seconds} s`);
  });
});

Deno.test({
  name: "Stop ends a first step for whose kernel LLVM comes to no end, and the kernel goes on",
  ignore: llvm === undefined || Deno.build.os !== "linux" || Deno.build.arch !== "x86_64",
  async fn() {
    const operations = new URL("../../lib/tensor/fusion/llvm/operations.ts", import.meta.url).href;
    const { results } = await drive([
      cell('import * as tf from "@tensorflow/tfjs"; import { compile } from "tessera";'),
      cell(`const { operations } = await import("${operations}");
operations.erf = (body, x) => {
  for (let at = 0; at < 6_000; at++) {
    const place = body.at(at % 2 ? "%in0" : "%out0", at * 7919 % 10_007);
    body.store("float", body.value(\`fadd float \${body.load("float", place)}, \${x}\`), place);
  }
  return x;
};
const step = compile((x) => tf.erf(tf.mul(tf.add(x, 1), 0.5)));
const x = tf.ones([64, 512]);`),
      stopped("await step(x)", 6),
      cell("tf.sum(tf.mul(x, 2)).dataSync()[0]"),
    ]);
    assertStopped(results[2], "a first step");
    assertStringIncludes(valueOf(results[3].cells[0])!, "65536");
  },
});
