import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { deviceSettings } from "../../lib/tensor/device_settings.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { backendReport } from "../../lib/tensor/tf.ts";
import { VisionTransformer } from "../../lib/models/vision_transformer.ts";
import { Random } from "../../lib/random.ts";
import type { Callback } from "../../lib/training/callback.ts";
import { Checkpointing } from "../../lib/training/callbacks.ts";
import { readCheckpointInfo } from "../../lib/training/checkpoint.ts";
import { evaluate } from "../../lib/training/evaluate.ts";
import { tellDevice } from "../../lib/training/device_line.ts";
import { crossEntropyOfEach } from "../../lib/training/losses.ts";
import type { EpochReport } from "../../lib/training/report.ts";
import { OtherTrainingError } from "../../lib/training/result.ts";
import { Adam, AdamW, SGD } from "../../lib/training/optimizers.ts";
import { constant, cosine } from "../../lib/training/schedules.ts";
import { NotFiniteError, Trainer } from "../../lib/training/trainer.ts";
import type { TrainerOptions } from "../../lib/training/trainer_options.ts";
import {
  brighten,
  columns,
  inFolder,
  printedBy,
  rewriteInfo,
  scale,
  SmallNet,
  valuesOf,
} from "./small.ts";

const train = columns(100, 1);
const validation = columns(37, 2);

function makeTrainer(options: Partial<TrainerOptions> = {}) {
  const model = options.model ?? new SmallNet();
  const optimizer = options.optimizer ?? new AdamW(model, { weightDecay: 0.05 });
  const trainer = new Trainer({
    model,
    train,
    validation,
    optimizer,
    schedule: cosine({ learningRate: 0.02, steps: 60 }),
    batchSize: 16,
    epochs: 4,
    transforms: { train: brighten, evaluation: scale },
    progress: false,
    ...options,
  });
  return { trainer, model, optimizer };
}

for (const compile of [true, false]) {
  const mode = compile ? "compiled" : "eager";

  Deno.test(`Trainer.fit learns and reports each epoch (${mode})`, async () => {
    const { trainer, model } = makeTrainer({ compile, epochs: 8 });
    const before = await evaluate(model, validation, { transform: scale });
    const epochs: number[] = [];
    for await (const report of trainer.fit()) {
      epochs.push(report.epoch);
      assertEquals(report.train.examples, 96, "the last partial batch is dropped");
      assertEquals(report.validation!.examples, 37);
      assertEquals(report.step, 6 * report.epoch);
      assert(report.seconds > 0 && report.imagesPerSecond > 0);
    }
    assertEquals(epochs, [1, 2, 3, 4, 5, 6, 7, 8]);
    const after = await evaluate(model, validation, { transform: scale, batchSize: 10 });
    assert(after.loss < 0.5 * before.loss, `${before.loss} → ${after.loss}`);
    assertAlmostEquals(trainer.log[7].validation!.loss, after.loss, 1e-6);
    assertEquals(trainer.log[7].validation!.accuracy, after.accuracy);
    const best = Math.max(...trainer.log.map((report) => report.validation!.accuracy));
    assertEquals(trainer.best!.validation!.accuracy, best);
    assertEquals(
      trainer.log.findIndex((report) => report.validation!.accuracy === best),
      trainer.log.indexOf(trainer.best!),
      "the first of equally good epochs is the best",
    );
    assertEquals(model.training, false);
    const isCompiled = compile && tf.getBackend() === "tensorflow";
    assertEquals(trainer.graphDef() !== null, isCompiled, "the step is compiled when asked to");
  });

  Deno.test(`Trainer: the same seed gives the same run, another one another (${mode})`, async () => {
    const results = [];
    for (const seed of [1, 1, 2]) {
      const { trainer, model } = makeTrainer({ compile, seed, epochs: 1 });
      await trainer.run();
      results.push([trainer.log[0].train.loss, valuesOf(model)]);
    }
    assertEquals(results[0], results[1]);
    assert(results[0][0] !== results[2][0]);
  });

  Deno.test(`Trainer resumes in the middle of an epoch bit for bit (${mode})`, async () => {
    await inFolder(async (folder) => {
      const path = `${folder}/last.safetensors`;
      const settings = { compile, averageDecay: 0.9, maximumGradientNorm: 0.5 };
      const straight = makeTrainer({ ...settings, epochs: 3 });
      await straight.trainer.run();

      const onStep = ({ step }: { step: number }, trainer: Trainer) => {
        if (step === 9) trainer.stop("Stopped for a test");
      };
      const first = makeTrainer({ ...settings, epochs: 3, callbacks: [{ onStep }] });
      await printedBy(() => first.trainer.run());
      assertEquals([first.trainer.epoch, first.trainer.step], [1, 9]);
      await first.trainer.save(path);

      const second = makeTrainer({ ...settings, epochs: 3, model: new SmallNet({ seed: 99 }) });
      await second.trainer.load(path);
      assertEquals([second.trainer.epoch, second.trainer.step], [1, 9]);
      await second.trainer.run();
      assertEquals(valuesOf(second.model), valuesOf(straight.model));
      for (const [index, report] of straight.trainer.log.entries()) {
        const { train, validation, learningRate, isBest } = second.trainer.log[index];
        const { train: t, validation: v, learningRate: l, isBest: b } = report;
        assertEquals({ train, validation, learningRate, isBest }, {
          train: t,
          validation: v,
          learningRate: l,
          isBest: b,
        });
      }
      const other = makeTrainer({ ...settings, seed: 7 });
      await assertRejects(
        () => other.trainer.load(path),
        OtherTrainingError,
        "was trained with seed 42, not 7",
      );
    });
  });
}

Deno.test("Trainer queues the next step on a device that likes it, with the same results and checkpoints", async () => {
  const table = deviceSettings[backendReport.device], before = table.stepsAhead;
  const trained = async (stepsAhead: number, callback: Callback = {}) => {
    table.stepsAhead = stepsAhead;
    try {
      const made = makeTrainer({ callbacks: [callback] });
      await made.trainer.run();
      return { values: valuesOf(made.model), log: made.trainer.log };
    } finally {
      table.stepsAhead = before;
    }
  };
  const lossesOf = ({ log }: { log: readonly EpochReport[] }) => log.map(({ train }) => train.loss);
  const plain = await trained(0), ahead = await trained(1);
  assertEquals(ahead.values, plain.values);
  assertEquals(lossesOf(ahead), lossesOf(plain));
  await inFolder(async (folder) => {
    const steps: number[] = [];
    let saved = 0;
    const saving: Callback = {
      onStepMayBeLate: true,
      onStep: async ({ step }, trainer) => {
        steps.push(step);
        if (step !== 9) return;
        await trainer.save(`${folder}/nine.safetensors`);
        saved = trainer.step;
      },
    };
    const watched = await trained(1, saving);
    assertEquals(watched.values, plain.values);
    assertEquals(steps, Array.from({ length: 24 }, (_, index) => index + 1));
    assertEquals(saved, 10, "what was under way is part of the checkpoint");
    const resumed = makeTrainer();
    await resumed.trainer.load(`${folder}/nine.safetensors`);
    assertEquals(resumed.trainer.step, 10);
    await resumed.trainer.run();
    assertEquals(valuesOf(resumed.model), plain.values);
  });
  let stoppedAt = 0;
  table.stepsAhead = 1;
  try {
    const stopping = makeTrainer({
      callbacks: [{ onStep: ({ step }, trainer) => void (step === 3 && trainer.stop("enough")) }],
    });
    await stopping.trainer.run();
    stoppedAt = stopping.trainer.step;
  } finally {
    table.stepsAhead = before;
  }
  assertEquals(stoppedAt, 3, "a callback that did not say otherwise stops after exactly its step");
});

Deno.test("Trainer names the batch size where memory runs out", async () => {
  const greedy: TrainerOptions["loss"] = (logits, labels) => {
    const wide = tf.tile(tf.reshape(tf.max(logits), [1, 1]), [2 ** 24, 2 ** 22]); // 256 TiB
    return tf.add(crossEntropyOfEach(logits, labels), tf.mean(wide)) as tf.Tensor1D;
  };
  const { trainer } = makeTrainer({ loss: greedy, validation: undefined });
  const error = await assertRejects(() => trainer.run(), Error, "batchSize 16");
  assertMatch(error.message, /smaller batchSize, such as 8/);
});

Deno.test("a training says card and precision at its start, once, and again where they change", () => {
  const lines: string[] = [];
  const progress = { line: (text: string) => void lines.push(text) };
  const card = { name: "NVIDIA Test" };
  for (const chosen of ["float32", "float32", "tf32", "float32"] as const) {
    tellDevice(progress, chosen, card);
  }
  const [float32, tf32] = ["on NVIDIA Test, in float32", "on NVIDIA Test, in tf32"];
  assertEquals(lines, [float32, tf32, float32]);
  tellDevice(progress, "float32", undefined);
  assertEquals(
    lines.length,
    backendReport.device === "gpu" ? 4 : 3,
    "of the processor nothing is said",
  );
});

Deno.test("Trainer refuses a precision that it does not know", () => {
  assertThrows(
    () => makeTrainer({ precision: "half" as "tf32" }),
    RangeError,
    'Trainer: precision is "half", must be "float32" or "tf32"',
  );
});

Deno.test("Trainer resumes a transformer bit for bit, although the first step of each is recorded", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/last.safetensors`;
    const transformer = () =>
      new VisionTransformer({
        ...{ imageSize: [2, 3], channels: 1, patchSize: 1, classes: 3 },
        ...{ width: 24, heads: 2, depth: 1, random: new Random(3) },
      });
    // A last batch of its own size is recorded by itself.
    const settings = { epochs: 3, dropLast: false };
    const straight = makeTrainer({ ...settings, model: transformer() });
    await straight.trainer.run();
    const onStep = ({ step }: { step: number }, trainer: Trainer) => {
      if (step === 10) trainer.stop("Stopped for a test");
    };
    const first = makeTrainer({ ...settings, model: transformer(), callbacks: [{ onStep }] });
    await printedBy(() => first.trainer.run());
    await first.trainer.save(path);
    const second = makeTrainer({ ...settings, model: transformer() });
    await second.trainer.load(path);
    await second.trainer.run();
    assertEquals(valuesOf(second.model), valuesOf(straight.model));
    const losses = ({ log }: Trainer) => log.map(({ train, validation }) => [train, validation]);
    assertEquals(losses(second.trainer), losses(straight.trainer));
  });
});

Deno.test("Trainer: compiled and eager training agree", async () => {
  const losses: number[][] = [];
  for (const compile of [true, false]) {
    const { trainer } = makeTrainer({ compile, epochs: 2 });
    await trainer.run();
    losses.push(trainer.log.map((report) => [report.train.loss, report.validation!.loss]).flat());
  }
  losses[0].forEach((loss, index) => assertAlmostEquals(loss, losses[1][index], 1e-4));
});

Deno.test("Trainer.fit ends with break and goes on where it was", async () => {
  const { trainer } = makeTrainer();
  for await (const report of trainer.fit()) if (report.epoch === 2) break;
  assertEquals(trainer.epoch, 2);
  const log = await trainer.run();
  assertEquals(log.map((report) => report.epoch), [1, 2, 3, 4]);
  assertEquals(await trainer.run(), log, "nothing is left to do");
});

Deno.test("Trainer calls its callbacks in order and says why it stopped", async () => {
  const calls: string[] = [];
  const { trainer } = makeTrainer({
    epochs: 5,
    callbacks: [{
      onStart: () => void calls.push("start"),
      onStep: ({ step }) => void (step % 6 === 0 && calls.push(`step ${step}`)),
      onEpoch: ({ epoch }, trainer) => {
        calls.push(`epoch ${epoch}`);
        if (epoch === 2) trainer.stop("Two are enough");
      },
      onEnd: (outcome) => void calls.push(outcome),
    }],
  });
  const lines = await printedBy(() => trainer.run());
  assertEquals(calls, ["start", "step 6", "epoch 1", "step 12", "epoch 2", "stopped"]);
  assertEquals(lines, [
    "Two are enough: after step 12, epoch 3 of 5.",
  ]);
});

Deno.test("Trainer prints its sanity check and one line per epoch", async () => {
  const { trainer } = makeTrainer({ epochs: 2, progress: true });
  const lines = await printedBy(() => trainer.run());
  const [sanity, first, second] = lines;
  const number = String.raw`\d\.\d{3}`;
  const measured = `loss ${number}, accuracy ${number}`;
  assertMatch(sanity, new RegExp(`^before training, \\d+ validation images: ${measured}$`));
  const expected = (epoch: number) =>
    new RegExp(
      `^epoch ${epoch}/2 · ${measured} · validation ${number}, ${number} · ` +
        String.raw`\d+(\.\d)? s, [\d,]+ images/s( · best)?$`,
    );
  assertMatch(first, expected(1));
  assertMatch(second, expected(2));
  assertEquals(lines.length, 3);
});

Deno.test("Trainer stops at a loss that is not finite and says where", async () => {
  const model = new SmallNet();
  const optimizer = new SGD(model);
  const schedule = (step: number) => step < 8 ? 0.01 : 1e30;
  const { trainer } = makeTrainer({
    model,
    optimizer,
    schedule,
    callbacks: [{
      async onEpoch(_report, trainer) {
        await trainer.save(`${folder}/last.safetensors`);
      },
    }],
  });
  const folder = await Deno.makeTempDir();
  const error = await assertRejects(() => trainer.run(), NotFiniteError);
  assert(
    /is (NaN|Infinity) at step (10|11) \(epoch 2\) with learning rate 1\.00e\+30/.test(
      error.message,
    ),
    error.message,
  );
  assert(error.message.includes(`The last good checkpoint is ${folder}/last.safetensors`));
  await Deno.remove(folder, { recursive: true });
});

/** A training whose weights become infinite or NaN by one step. */
function spoiltBy(spoiltStep: number, options: Partial<TrainerOptions> = {}) {
  const model = new SmallNet();
  const schedule = (step: number) => step + 1 === spoiltStep ? Infinity : 0.01;
  return makeTrainer({ model, optimizer: new SGD(model), schedule, epochs: 2, ...options });
}

for (const [data, options] of [["with", {}], ["without", { validation: undefined }]] as const) {
  Deno.test(`Trainer keeps the last good checkpoint when an epoch's last step spoils the weights, ${data} validation data`, async () => {
    await inFolder(async (folder) => {
      const checkpoints = new Checkpointing(folder);
      const outcomes: string[] = [];
      const callbacks = [checkpoints, { onEnd: (outcome: string) => void outcomes.push(outcome) }];
      const { trainer } = spoiltBy(12, { ...options, callbacks });
      await assertRejects(
        () => trainer.run(),
        NotFiniteError,
        "The weights are not finite after step 12 (epoch 2) with learning rate Infinity. A lower " +
          `learning rate or maximumGradientNorm may help. The last good checkpoint is ${folder}/last`,
      );
      assertEquals([trainer.log.length, outcomes], [1, ["failed"]]);
      const resumed = spoiltBy(NaN, { ...options, callbacks: [checkpoints] });
      assert(await checkpoints.resume(resumed.trainer));
      assertEquals(resumed.trainer.step, 6);
      await resumed.trainer.run();
      assertEquals(resumed.trainer.epoch, 2);
    });
  });
}

Deno.test("Trainer ends where the validation loss is not finite, and saves nothing of that epoch", async () => {
  await inFolder(async (folder) => {
    let isSpoilt = false;
    const { trainer } = makeTrainer({
      compile: false,
      loss: (logits, labels) => {
        const losses = crossEntropyOfEach(logits, labels);
        return isSpoilt ? tf.mul(losses, Infinity) : losses;
      },
      callbacks: [new Checkpointing(folder), {
        onStep: ({ step }) => void (isSpoilt = step === 6),
      }],
    });
    await assertRejects(
      () => trainer.run(),
      NotFiniteError,
      "The validation loss is Infinity after step 6 (epoch 1) with learning rate",
    );
    assertEquals([trainer.log.length, [...Deno.readDirSync(folder)].length], [0, 0]);
  });
});

Deno.test("Trainer.save refuses weights that are not finite, within an epoch and when stopped", async () => {
  await inFolder(async (folder) => {
    const often = new Checkpointing(`${folder}/often`, { maximumSecondsBetween: 0 });
    const { trainer } = spoiltBy(3, { callbacks: [often] });
    const { message } = await assertRejects(() => trainer.run(), NotFiniteError);
    // Where the next step is under way it shows by that one's loss.
    assertMatch(message, /not finite after step 3 \(epoch 1\)|loss is NaN at step 4 \(epoch 1\)/);
    const { position } = await readCheckpointInfo(often.last);
    assertEquals((position as { step: number }).step, 2);

    const stop = (_report: unknown, trainer: Trainer) => trainer.stop("Stopped for a test");
    const callbacks = [new Checkpointing(`${folder}/stopped`), { onStep: stop }];
    const stopped = spoiltBy(1, { callbacks });
    await assertRejects(() => stopped.trainer.run(), NotFiniteError, "not finite after step 1");
    const weights = `${folder}/weights.safetensors`;
    await assertRejects(() => stopped.trainer.saveWeights(weights), NotFiniteError);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["often"]);
  });
});

Deno.test("Trainer says that a stop is saved only where it is", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/six.safetensors`;
    const onStep = ({ step }: { step: number }, trainer: Trainer) => {
      if (step === 8) trainer.stop("Stopped for a test");
    };
    const { trainer } = makeTrainer({ callbacks: [{ onStep }] });
    for await (const _report of trainer.fit()) break;
    await trainer.save(path);
    const place = "Stopped for a test: after step 8, epoch 2 of 4.";
    const lines = [`${place} The last checkpoint is ${path}, of step 6.`];
    assertEquals(await printedBy(() => trainer.run()), lines);
    const loaded = makeTrainer({ callbacks: [{ onStep }] });
    await loaded.trainer.load(path);
    assertEquals(await printedBy(() => loaded.trainer.run()), lines);
    const saving = { onStep: (_report: unknown, trainer: Trainer) => trainer.save(path) };
    const saved = makeTrainer({ callbacks: [{ onStep }, saving] });
    assertEquals(await printedBy(() => saved.trainer.run()), [`${place} Saved in ${path}.`]);
  });
});

Deno.test("Trainer counts the seconds of an epoch across a stop", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/last.safetensors`;
    const onStep = async ({ step }: { step: number }, trainer: Trainer) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (step === 4) trainer.stop("Stopped for a test");
    };
    const { trainer } = makeTrainer({ callbacks: [{ onStep }], epochs: 2 });
    await printedBy(() => trainer.run());
    await trainer.save(path);
    const { seconds } = (await readCheckpointInfo(path)).position as { seconds: number };
    assert(seconds > 0.07, `${seconds}`);
    const resumed = makeTrainer({ epochs: 2 });
    // As if the first steps had taken long, so that the rest cannot make up for them.
    await rewriteInfo(path, ({ position }) => position.seconds += 1000);
    await resumed.trainer.load(path);
    const [first, second] = await resumed.trainer.run();
    assert(first.seconds > 1000 + seconds && second.seconds < 1000);
  });
});

Deno.test("Trainer.load refuses another optimizer and gradient limit, and takes older files", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/last.safetensors`;
    const { trainer } = makeTrainer({ maximumGradientNorm: 0.5, epochs: 1 });
    await trainer.run();
    await trainer.save(path);
    const model = new SmallNet();
    const adam = { model, optimizer: new Adam(model), maximumGradientNorm: 0.5 };
    const other = new SmallNet();
    const decaying = new AdamW(other, { weightDecay: 0.5 });
    const betas = "beta1 0.9, beta2 0.999, epsilon 1e-8";
    const mine = `was trained with optimizer AdamW(${betas}, weight decay 0.05), not`;
    const refused: [Partial<TrainerOptions>, string][] = [
      [adam, `${mine} Adam(${betas}, weight decay 0)`],
      [
        { model: other, optimizer: decaying, maximumGradientNorm: 0.5 },
        `${mine} AdamW(${betas}, weight decay 0.5)`,
      ],
      [{ maximumGradientNorm: 2 }, "was trained with maximumGradientNorm 0.5, not 2"],
      [{}, "was trained with maximumGradientNorm 0.5, not none"],
    ];
    for (const [options, reason] of refused) {
      await assertRejects(() => makeTrainer(options).trainer.load(path), Error, reason);
    }
    await rewriteInfo(path, ({ settings, position }) => {
      delete settings.optimizer;
      delete settings.maximumGradientNorm;
      delete position.seconds;
    });
    const old = makeTrainer(adam);
    await old.trainer.load(path);
    const [, second] = await old.trainer.run();
    assert(second.seconds > 0);

    const unlimited = makeTrainer({ maximumGradientNorm: Infinity });
    await unlimited.trainer.save(path);
    await makeTrainer().trainer.load(path);
    await unlimited.trainer.load(path);
  });
});

Deno.test("Trainer leaves no tensor behind from step to step", async () => {
  for (const compile of [true, false]) {
    const counts: number[] = [];
    const onStep = () => void counts.push(tf.memory().numTensors);
    const { trainer } = makeTrainer({ compile, epochs: 3, callbacks: [{ onStep }] });
    await trainer.run();
    assertEquals(counts[5], counts[17], `compile: ${compile}`);
  }
});

Deno.test("Trainer with dropLast: false trains on every example", async () => {
  const { trainer } = makeTrainer({ dropLast: false, epochs: 1 });
  const [report] = await trainer.run();
  assertEquals([report.train.examples, report.step], [100, 7]);
});

Deno.test("Trainer works without validation data", async () => {
  const { trainer } = makeTrainer({ validation: undefined, epochs: 1 });
  const [report] = await trainer.run();
  assertEquals([report.validation, report.isBest], [undefined, true]);
});

Deno.test("Trainer validates and saves averaged weights, and trains the others", async () => {
  await inFolder(async (folder) => {
    const { trainer, model } = makeTrainer({ averageDecay: 0.95, epochs: 2 });
    const plain = makeTrainer({ epochs: 2 });
    await plain.trainer.run();
    await trainer.run();
    assertEquals(
      valuesOf(model),
      valuesOf(plain.model),
      "the average does not change the training",
    );
    await trainer.saveWeights(`${folder}/average.safetensors`);
    const averaged = new SmallNet();
    const { loadWeights } = await import("../../lib/training/checkpoint.ts");
    await loadWeights(averaged, `${folder}/average.safetensors`);
    const { loss } = await evaluate(averaged, validation, { transform: scale });
    assertAlmostEquals(loss, trainer.log[1].validation!.loss, 1e-6);
    assert(Math.abs(loss - plain.trainer.log[1].validation!.loss) > 1e-4);
  });
});

Deno.test("Trainer names settings and shapes that do not fit", async () => {
  assertThrows(() => makeTrainer({ epochs: 0 }), RangeError, "epochs is 0");
  assertThrows(() => makeTrainer({ batchSize: 2.5 }), RangeError, "batchSize is 2.5");
  assertThrows(() => makeTrainer({ batchSize: 101 }), RangeError, "only 100 training examples");
  const { trainer, model } = makeTrainer({ schedule: constant(0.1) });
  model.forward = (images) => tf.reshape(images, [-1, 6]);
  await assertRejects(() => trainer.run(), RangeError, "returns [37,6]");
});

Deno.test("Trainer names an optimizer of another model, and a model that is disposed of", async () => {
  const old = new SmallNet();
  const optimizer = new AdamW(old);
  await assertRejects(
    () => makeTrainer({ optimizer }).trainer.run(),
    TypeError,
    "it was made for another model",
  );
  old.dispose();
  await assertRejects(
    () => makeTrainer({ model: old, optimizer }).trainer.run(),
    TypeError,
    "are disposed of",
  );
});

Deno.test("Trainer names a parameter that the loss does not depend on", async () => {
  const { trainer, model } = makeTrainer();
  model.forward = (images) => (model as SmallNet).last.forward(tf.zeros([images.shape[0], 8]));
  await assertRejects(() => trainer.run(), Error, "No gradient reaches first.weight");
});

Deno.test("Trainer.fit refuses to run twice at once", async () => {
  const { trainer } = makeTrainer({ epochs: 1 });
  const running = trainer.run();
  await assertRejects(() => trainer.run(), Error, "training already");
  await running;
});

/** A network that looks at a value in mid-step, which no compiled step can. */
class Peeking extends SmallNet {
  override forward(images: tf.Tensor): tf.Tensor {
    const logits = super.forward(images);
    if (this.training) tf.sum(logits).dataSync();
    return logits;
  }
}

Deno.test("Trainer says in every epoch and at the end that its steps could not be compiled", async () => {
  const { trainer } = makeTrainer({ model: new Peeking(), epochs: 2, progress: true });
  const warn = console.warn;
  const warnings: string[] = [];
  console.warn = (text: string) => warnings.push(text);
  let lines: string[];
  try {
    lines = await printedBy(() => trainer.run());
  } finally {
    console.warn = warn;
  }
  assertEquals(warnings.length, 1);
  assertMatch(warnings[0], /^training step runs eagerly, more slowly: it reads a tensor's value/);
  assertEquals(trainer.log.map(({ eagerSteps }) => eagerSteps), [6, 6]);
  assertEquals(lines.filter((line) => / · not compiled/.test(line)).length, 2);
  assertMatch(
    lines.at(-1)!,
    /^Steps could not be compiled and ran more slowly: it reads a tensor's value .*trainer_test/,
  );
});

Deno.test("Trainer says nothing of compiling where all steps are compiled, or none should be", async () => {
  for (const compile of [true, false]) {
    const { trainer } = makeTrainer({ compile, epochs: 1, progress: true });
    const lines = await printedBy(() => trainer.run());
    assertEquals(trainer.log[0].eagerSteps, undefined);
    assertEquals(lines.filter((line) => line.includes("compiled")), []);
  }
});
