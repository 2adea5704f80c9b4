import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { lengthWarning, Pace } from "../../lib/training/pace.ts";
import { describe, formatDuration, progressLine } from "../../lib/training/progress.ts";
import { run } from "../tensor/subprocess.ts";
import { describeReport, formatRate } from "../../lib/training/report.ts";

Deno.test("describe says what is known of a training", () => {
  const state = { phase: "epoch 3/10", fraction: 0.456 };
  assertEquals(describe(state), "epoch 3/10 · 45 %");
  assertEquals(
    describe({ ...state, loss: 0.31249, imagesPerSecond: 4471.3, secondsLeft: 83.4 }),
    "epoch 3/10 · 45 % · loss 0.312 · 4,471 images/s · 1:23 left",
  );
});

Deno.test("progressLine keeps the time left in sight, however narrow the terminal", () => {
  const state = {
    phase: "epoch 12/20, validation",
    fraction: 0.5,
    loss: 0.31249,
    imagesPerSecond: 14471.3,
    secondsLeft: 3723,
  };
  const text = describe(state);
  assertEquals(progressLine(state, 119), `${"━".repeat(12)}${"─".repeat(12)} ${text}`);
  for (const columns of [99, 79, 60, 50]) {
    const line = progressLine(state, columns);
    assert(line.length <= columns && line.endsWith("1:02:03 left"), line);
  }
  assertEquals(progressLine(state, 45), "epoch 12/20, validation · 50 % · 1:02:03 left");
  assertEquals(progressLine(state, 10), "epoch 12/2");
  const first = { phase: "epoch 3/10", fraction: 0.25, loss: 0.312, imagesPerSecond: 4471 };
  const line = progressLine({ ...first, secondsLeft: 83 }, 79);
  assertEquals(line.indexOf("epoch"), 79 - describe({ ...first, secondsLeft: 83 }).length);
});

Deno.test("formatDuration writes seconds, minutes and hours", () => {
  const durations = [0, 7.4, 59.6, 754, 3723].map(formatDuration);
  assertEquals(durations, ["0:00", "0:07", "1:00", "12:34", "1:02:03"]);
});

Deno.test("describeReport puts an epoch in one line", () => {
  const report = {
    epoch: 3,
    step: 1287,
    train: { loss: 0.31249, accuracy: 0.90221, examples: 54912 },
    validation: { loss: 0.3, accuracy: 0.91, examples: 5000 },
    learningRate: 3e-4,
    seconds: 12.34,
    imagesPerSecond: 4471.3,
    isBest: true,
  };
  assertEquals(
    describeReport(report, 10),
    "epoch  3/10 · loss 0.312, accuracy 0.902 · validation 0.300, 0.910 · 12 s, 4,471 images/s · best",
  );
  const plain = describeReport(
    { ...report, seconds: 1.23, validation: undefined, isBest: false },
    3,
  );
  assert(plain.startsWith("epoch 3/3 · loss") && !plain.includes("validation"));
  assert(plain.endsWith("accuracy 0.902 · 1.2 s, 4,471 images/s"), plain);
  assertEquals([0.1, 0.00512, 1e-5, 0].map(formatRate), ["0.100", "0.00512", "1.00e-5", "0.00"]);
});

Deno.test("Pace leaves the first step out and counts validations", () => {
  const pace = new Pace();
  pace.addStep(30);
  assertEquals(pace.secondsFor(10, 1), undefined);
  pace.addStep(0.5);
  pace.addStep(0.5);
  pace.addValidation(4);
  assertEquals(pace.stepsPerSecond, 2);
  assertEquals(pace.secondsFor(10, 2), 13);
});

Deno.test("lengthWarning tells of a long training without TensorFlow, before it starts", () => {
  const wasm = { kind: "wasm", version: "tfjs 4.22.0 (WASM)" } as const;
  const measured = { seconds: 0.5, images: 500 };
  const planned = { trainingImages: 550_000, validationImages: 50_000 };
  assertStringIncludes(
    lengthWarning(wasm, measured, planned)!,
    "On tfjs 4.22.0 (WASM) this training will take about 28 minutes, many times as long",
  );
  const longer = lengthWarning(wasm, measured, { ...planned, trainingImages: 4_000_000 })!;
  assertStringIncludes(longer, "about 3 hours");
  assertEquals(lengthWarning(wasm, measured, { ...planned, trainingImages: 5_000 }), undefined);
  const native = { kind: "native", version: "TensorFlow" } as const;
  assertEquals(lengthWarning(native, measured, planned), undefined);
});

Deno.test("Trainer tells of a long training on WASM after its sanity check", async () => {
  const source = `
    import { AdamW, constant, Trainer } from "./lib/mod.ts";
    import { columns, scale, SmallNet } from "./tests/training/small.ts";
    const model = new SmallNet();
    await new Trainer({
      ...{ model, train: columns(160), validation: columns(40, 2), epochs: 1_000_000 },
      ...{ optimizer: new AdamW(model), schedule: constant(0.01), batchSize: 16 },
      transforms: { train: scale, evaluation: scale },
      callbacks: [{ onStep: (_report, trainer) => trainer.stop("Stopped") }],
    }).run();`;
  const [wasm, native] = await Promise.all([
    run(source, { TESSERA_BACKEND: "wasm" }),
    run(source),
  ]);
  assertMatch(wasm.output.split("\n")[1], /^On tfjs \S+ \(WASM\) this training will take about/);
  assertEquals(native.output.includes("will take about"), false, native.errors);
});
