import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { displayed, printed, runCells } from "../display/kernel.ts";

/** A trainer in a notebook's kernel; `small.ts` has the model and the data. */
const setUp = `
  import { AdamW, constant, LiveChart, Trainer } from "./lib/mod.ts";
  import { columns, scale, SmallNet } from "./tests/training/small.ts";
  const makeTrainer = (options) => {
    const model = new SmallNet();
    return new Trainer({
      model, train: columns(160), validation: columns(40, 2), optimizer: new AdamW(model),
      schedule: constant(0.01), batchSize: 16, transforms: { train: scale, evaluation: scale },
      ...options,
    });
  };
  const slow = { onStep: () => new Promise((resolve) => setTimeout(resolve, 20)) };`;

Deno.test("Trainer in a headless notebook prints its sanity check and a line per epoch, and timers tick meanwhile", async () => {
  const [, run, ticking] = await runCells([
    setUp,
    `const log = await makeTrainer({ epochs: 3, callbacks: [new LiveChart()] }).run();`,
    // As many epochs as it takes, but so many that a timer which waits for the end is found out.
    `let ticks = 0;
     const timer = setInterval(() => ticks++, 1);
     const onStep = (_report, trainer) => void (ticks >= 20 && trainer.stop("The timer ticked"));
     const ticking = makeTrainer({ epochs: 2000, progress: false, callbacks: [{ onStep }] });
     await ticking.run();
     clearInterval(timer);
     console.log(ticks >= 20 && ticking.step < 20_000);`,
  ]);
  assertEquals(printed(ticking).trim().split("\n").at(-1), "true");
  const lines = printed(run).trim().split("\n");
  assertEquals(lines.map((line) => line.slice(0, 11)), [
    "before trai",
    "epoch 1/3 ·",
    "epoch 2/3 ·",
    "epoch 3/3 ·",
  ]);
  assertEquals(displayed(run).length, 1);
  assertStringIncludes(String(displayed(run)[0]["text/plain"]), "accuracy against epoch");
});

Deno.test("Trainer in a notebook shows one bar; Stop ends it, and the kernel goes on", async () => {
  const cells = await runCells([
    setUp,
    `const stop = { onStep: ({ step }) => void (step === 20 && Deno.kill(Deno.ppid, "SIGINT")) };
     const trainer = makeTrainer({ epochs: 1000, callbacks: [slow, stop] });
     for await (const report of trainer.fit()) console.log("report", report.epoch);
     console.log("the cell goes on", trainer.epoch < 1000, trainer.step > 0);`,
    `console.log("alive", 1 + 1);`,
  ], { JPY_SESSION_NAME: "test.ipynb" });
  const text = printed(cells[1]);
  assertStringIncludes(text, "Stopped as you asked: after step");
  assertStringIncludes(text, "Call fit() or run() in another cell to go on.");
  assertStringIncludes(text, "the cell goes on true true");
  assertEquals(printed(cells[2]), "alive 2\n");
  const [bar] = displayed(cells[1]);
  assertEquals(displayed(cells[1]).length, 1);
  assertStringIncludes(String(bar["text/html"]), "<progress");
  assertStringIncludes(String(bar["text/plain"]), "stopped in epoch ");
});

Deno.test("Trainer: an error in a timer fails the cell that trains", async () => {
  const run = () =>
    runCells([
      setUp,
      `const fail = () => { throw new RangeError("from a timer"); };
       const onStep = ({ step }) => void (step === 3 && setTimeout(fail));
       await makeTrainer({ epochs: 1000, callbacks: [slow, { onStep }] }).run();`,
    ]);
  const error = await assertRejects(run, Error, "CellExecutionError");
  assertStringIncludes(error.message, "from a timer");
});
