/** Stop in an open notebook, wherever it meets a training: one quiet line, and Run All ends where it must. */
import { assertEquals, assertMatch } from "@std/assert";
import { cell, drive, type Result, textOf } from "../kernel/driver.ts";

/** Makes model and trainer anew, as a cell of a unit does. `press` presses Stop, once. */
const setUp = `
  import { AdamW, Checkpointing, constant, Trainer, trainFromEarlierRun } from "tessera";
  import { columns, scale, SmallNet } from "./tests/training/small.ts";
  const folder = Deno.makeTempDirSync();
  const press = () => {
    let isPressed = false;
    return () => {
      if (!isPressed) Deno.kill(Deno.ppid, "SIGINT");
      isPressed = true;
      return new Promise((resolve) => setTimeout(resolve, 300)); // until it has come through
    };
  };
  class Net extends SmallNet {
    atForward = (_isTraining: boolean): unknown => undefined;
    atEvaluation = (): unknown => undefined;
    override forward(images: any) {
      this.atForward(this.training);
      return super.forward(images);
    }
    override setTraining(isTraining: boolean) {
      if (!isTraining) this.atEvaluation();
      super.setTraining(isTraining);
    }
  }
  function train(name: string, { atForward = () => {}, atEvaluation = () => {}, ...callback }: any) {
    const model = Object.assign(new Net(), { atForward, atEvaluation });
    const transforms = { train: scale, evaluation: scale };
    return trainFromEarlierRun(new Trainer({
      ...{ model, transforms, train: columns(160), validation: columns(40, 2), batchSize: 16 },
      ...{ optimizer: new AdamW(model), schedule: constant(0.01), epochs: 3, progress: false },
      callbacks: [callback, new Checkpointing(folder + "/" + name)],
    }));
  }
  const pressAt = (at: number, stop = press()) => ({ onStep: ({ step }: any) => step === at ? stop() : undefined });`;

/** In the first epoch there is nothing to go on with: the cell ends. */
const early = {
  "before the first step": `await train("a", { onStart: press() });`,
  "in the sanity check": `await train("b", { atForward: press() });`,
  "while the step is compiled":
    `{ const stop = press(); await train("c", { atForward: (isTraining: boolean) => isTraining && stop() }); }`,
  "after a step": `await train("d", pressAt(4));`,
  // The callback does not wait for Stop, but what begins the evaluation does, so it comes through there.
  "after an epoch's last step": `{ const { onStep } = pressAt(10);
    let isLast = false;
    await train("e", {
      onStep: (report: any) => { isLast = report.step === 10; void onStep(report); },
      atEvaluation: () => { for (const end = performance.now() + 1500; isLast && performance.now() < end;); },
    }); }`,
};
/** Later the weights of the best epoch are there, and the cell goes on with them. */
const late = {
  "between two epochs": `await train("f", { onEpoch: press() });`,
  "in the second epoch": `await train("g", pressAt(14));`,
};

function assertQuiet({ cells: [found] }: Result, status: string, when: string): void {
  const { reply, outputs } = found;
  assertEquals(reply.status, status, `${when}: ${reply.evalue}`);
  assertEquals(outputs.filter(({ type }) => type === "error"), [], when);
  // A busy machine may be told beforehand what it waits for.
  const lines = textOf(found).split("\n")
    .filter((line) => line !== "" && !line.startsWith("Stop: the training ends after"));
  assertEquals(lines.length, 1, `${when}: ${lines.join("\n")}`);
  assertMatch(
    lines[0],
    /^Stopped as you asked: (before the first|after) step.* Run|: run this cell/,
  );
}

Deno.test("Stop in a training is one line, at every moment of its life", async () => {
  const [earlyCodes, lateCodes] = [early, late].map((codes) =>
    Object.values(codes).map((code) => cell(code))
  );
  const { results } = await drive([
    cell(setUp),
    ...earlyCodes,
    ...lateCodes,
    cell(`(await train("g", {})).length`),
    { cells: [`await train("h", pressAt(4));`, "console.log('the next cell');"] },
    // Not the training itself, but what is awaited before it and after it.
    cell("await new Promise(() => {});", { stops: [0.3] }),
    cell("Deno.removeSync(folder, { recursive: true });"),
  ]);
  assertEquals(results[0].cells[0].reply.status, "ok", results[0].cells[0].reply.evalue);
  let next = 1;
  for (const when of Object.keys(early)) assertQuiet(results[next++], "error", when);
  for (const when of Object.keys(late)) assertQuiet(results[next++], "ok", when);
  const [resumed, runAll, elsewhere] = results.slice(next);
  assertMatch(textOf(resumed.cells[0]), /^Goes on after epoch 1 of 3/);
  assertEquals(runAll.cells.map(({ reply }) => reply.status), ["error", "aborted"]);
  assertEquals(
    elsewhere.cells[0].outputs.filter(({ type }) => type !== "execute_input").map(({ text }) =>
      text
    ),
    ["Stopped. Variables and models keep what they held.\n"],
  );
});

Deno.test("a run without a window has an error where Stop has ended a training", async () => {
  const { results } = await drive([cell(setUp), cell(`await train("a", pressAt(4));`)], {});
  const { outputs, reply } = results[1].cells[0];
  assertEquals([reply.status, reply.ename], ["error", "Stopped"]);
  assertEquals(outputs.filter(({ type }) => type === "error").length, 1);
});
