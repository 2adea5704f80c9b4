import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  Checkpointing,
  earlyStopping,
  LearningRateMonitor,
  loadTrained,
  readLog,
} from "../../lib/training/callbacks.ts";
import { FileError } from "../../lib/platform/files.ts";
import { evaluate } from "../../lib/training/evaluate.ts";
import { AdamW } from "../../lib/training/optimizers.ts";
import { constant, multiStep } from "../../lib/training/schedules.ts";
import { Trainer } from "../../lib/training/trainer.ts";
import type { TrainerOptions } from "../../lib/training/trainer_options.ts";
import { columns, inFolder, printedBy, rewriteInfo, scale, SmallNet, valuesOf } from "./small.ts";

const train = columns(64, 1);
const validation = columns(40, 2);

function makeTrainer(options: Partial<TrainerOptions>) {
  const model = new SmallNet();
  return new Trainer({
    model,
    train,
    validation,
    optimizer: new AdamW(model),
    schedule: constant(0.02),
    batchSize: 16,
    epochs: 3,
    transforms: { train: scale, evaluation: scale },
    progress: false,
    ...options,
  });
}

Deno.test("Checkpointing keeps the best weights, the last state and the log", async () => {
  await inFolder(async (folder) => {
    const checkpoints = new Checkpointing(`${folder}/small`);
    const trainer = makeTrainer({ callbacks: [checkpoints] });
    assertEquals(await checkpoints.resume(trainer), false);
    await trainer.run();
    assertEquals((await readLog(checkpoints.folder)).length, 3);

    const model = new SmallNet({ seed: 9 });
    let finished: Awaited<ReturnType<typeof loadTrained>>;
    const lines = await printedBy(async () => {
      finished = await loadTrained(model, checkpoints.folder);
    });
    const { accuracy } = await evaluate(model, validation, { transform: scale });
    assertEquals(accuracy, trainer.best!.validation!.accuracy);
    assertEquals([finished!.epoch, finished!.log.length], [trainer.best!.epoch, 3]);
    assert(lines[0].includes(`(epoch ${trainer.best!.epoch}, validation accuracy`), lines[0]);
    assertEquals(await loadTrained(model, `${folder}/none`), undefined);
    await assertRejects(
      () => loadTrained(new SmallNet({ width: 9 }), checkpoints.folder),
      FileError,
    );
  });
});

Deno.test("Checkpointing says before the first step that its folder cannot be written", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "a file, no folder");
    const callbacks = [new Checkpointing(`${folder}/file/run`)];
    const trainer = makeTrainer({ callbacks });
    await assertRejects(() => trainer.run(), FileError, `${folder}/file/run`);
    assertEquals(trainer.step, 0);
  });
});

Deno.test("Checkpointing saves a training that is left or stopped, to go on from", async () => {
  await inFolder(async (folder) => {
    const straight = makeTrainer({});
    await straight.run();

    const checkpoints = new Checkpointing(folder);
    const stopper = {
      onStep: ({ step }: { step: number }, trainer: Trainer) => {
        if (step === 6) trainer.stop("Stopped for a test");
      },
    };
    const stopped = makeTrainer({ callbacks: [checkpoints, stopper] });
    const lines = await printedBy(() => stopped.run());
    assertEquals(lines, [
      `Stopped for a test: after step 6, epoch 2 of 3. Saved in ${checkpoints.last}.`,
    ]);
    const resumed = makeTrainer({ callbacks: [checkpoints] });
    assertEquals(await checkpoints.resume(resumed), true);
    assertEquals(resumed.step, 6);
    await resumed.run();
    assertEquals(valuesOf(resumed.model), valuesOf(straight.model));
  });
});

Deno.test("Checkpointing saves within an epoch that takes longer than allowed", async () => {
  await inFolder(async (folder) => {
    const checkpoints = new Checkpointing(folder, { maximumSecondsBetween: 0 });
    const seen: (string | undefined)[] = [];
    const watcher = {
      onStep: (_report: unknown, trainer: Trainer) => void seen.push(trainer.lastCheckpoint),
    };
    await makeTrainer({ epochs: 1, callbacks: [checkpoints, watcher] }).run();
    assertEquals(seen[0], checkpoints.last);
  });
});

Deno.test("earlyStopping ends a training that no longer improves, resumed or not", async () => {
  // With a vanishing learning rate from step 8 on, epochs 3 and 4 do not improve by 0.1.
  const options = () => ({
    schedule: multiStep({ learningRate: 0.05, milestones: [8], factor: 1e-12 }),
    epochs: 9,
    callbacks: [earlyStopping({ patience: 2, minimumImprovement: 0.1 })],
  });
  const trainer = makeTrainer(options());
  const lines = await printedBy(() => trainer.run());
  assert(lines[0].startsWith("The loss has not improved for 2 epochs: after step"), lines[0]);
  assert(trainer.epoch < 9);
  await inFolder(async (folder) => {
    const first = makeTrainer({ ...options() });
    for await (const report of first.fit()) if (report.epoch === trainer.epoch - 1) break;
    await first.save(`${folder}/last.safetensors`);
    const second = makeTrainer(options());
    await second.load(`${folder}/last.safetensors`);
    await printedBy(() => second.run());
    assertEquals(second.epoch, trainer.epoch);
  });
  assertThrows(() => earlyStopping({ patience: 0 }), RangeError, "patience is 0");
});

Deno.test("earlyStopping does not take a NaN in an older checkpoint for the best loss", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/last.safetensors`;
    const first = makeTrainer({});
    for await (const _report of first.fit()) break;
    await first.save(path);
    // JSON writes NaN as null.
    await rewriteInfo(path, ({ position }) => position.log[0].validation.loss = null);
    const second = makeTrainer({ callbacks: [earlyStopping({ patience: 1 })] });
    await second.load(path);
    assertEquals(second.log[0].validation!.loss, NaN);
    await printedBy(() => second.run());
    assertEquals(second.epoch, 3);
  });
});

Deno.test("LearningRateMonitor notes the learning rate of every step", async () => {
  const monitor = new LearningRateMonitor();
  const schedule = multiStep({ learningRate: 0.01, milestones: [2] });
  await makeTrainer({ schedule, epochs: 1, callbacks: [monitor] }).run();
  assertEquals(monitor.steps, [1, 2, 3, 4]);
  assertEquals(monitor.learningRates, [0, 1, 2, 3].map(schedule));
});
