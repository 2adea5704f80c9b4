import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { FileError } from "../../lib/platform/files.ts";
import { AdamW } from "../../lib/training/optimizers.ts";
import { constant } from "../../lib/training/schedules.ts";
import { Search, type SearchOptions, type TrialTraining } from "../../lib/training/search.ts";
import { between, gridTrials, randomTrials } from "../../lib/training/search_space.ts";
import { Trainer } from "../../lib/training/trainer.ts";
import { columns, inFolder, printedBy, scale, SmallNet } from "./small.ts";

Deno.test("gridTrials: all combinations, the last name fastest", () => {
  assertEquals(gridTrials({ depth: [2, 4], pool: ["class", "mean"], bias: [true] }), [
    { depth: 2, pool: "class", bias: true },
    { depth: 2, pool: "mean", bias: true },
    { depth: 4, pool: "class", bias: true },
    { depth: 4, pool: "mean", bias: true },
  ]);
  assertThrows(() => gridTrials({}), RangeError, "nothing to choose");
  assertThrows(() => gridTrials({ depth: [] }), RangeError, "depth has no values");
});

Deno.test("randomTrials: in their ranges, different, and the same for one seed", () => {
  const space = {
    learningRate: between(1e-5, 1e-2, { logarithmic: true }),
    dropout: between(0, 0.5),
    depth: between(2, 5, { whole: true }),
    pool: ["class", "mean"],
  } as const;
  const trials = randomTrials(space, { count: 200, seed: 3 });
  assertEquals(new Set(trials.map((trial) => JSON.stringify(trial))).size, 200);
  assertEquals(randomTrials(space, { count: 50, seed: 3 }), trials.slice(0, 50));
  assert(JSON.stringify(randomTrials(space, { count: 50, seed: 4 })) !== JSON.stringify(trials));
  const share = (is: (trial: typeof trials[number]) => boolean) => trials.filter(is).length / 200;
  const isNear = (actual: number, expected: number) =>
    assert(Math.abs(actual - expected) < 0.12, `${actual}, expected about ${expected}`);
  // A third of the logarithmic range lies below 1e-4, half of the linear one below 0.25.
  isNear(share(({ learningRate }) => learningRate < 1e-4), 1 / 3);
  isNear(share(({ dropout }) => dropout < 0.25), 1 / 2);
  for (const depth of [2, 3, 4, 5]) isNear(share((trial) => trial.depth === depth), 1 / 4);
  isNear(share(({ pool }) => pool === "mean"), 1 / 2);
  assertEquals(share(({ learningRate: x }) => x >= 1e-5 && x <= 1e-2), 1);
  assertEquals(share(({ learningRate: x }) => x === Number(x.toPrecision(3))), 1);
});

Deno.test("randomTrials: refuses more trials than there are, and empty ranges", () => {
  assertEquals(randomTrials({ depth: [1, 2], width: [3, 4] }, { count: 4 }).length, 4);
  assertThrows(() => randomTrials({ depth: [1, 2] }, { count: 3 }), RangeError, "only 2 different");
  assertThrows(() => between(2, 1), RangeError, "must be low < high");
  assertThrows(() => between(0, 1, { logarithmic: true }), RangeError, "0 < low");
  const whole = { whole: true };
  assertThrows(() => between(0.2, 0.8, whole), RangeError, "no whole number from 0.2 to 0.8");
});

Deno.test("randomTrials: whole numbers between fractions, all with the same share", () => {
  const depth = between(1.8, 4.2, { whole: true });
  const width = { low: 0, high: 1e6, logarithmic: false, whole: false };
  const depths = randomTrials({ depth, width }, { count: 300 }).map((trial) => trial.depth);
  for (const value of [2, 3, 4]) {
    const share = depths.filter((each) => each === value).length / 300;
    assert(Math.abs(share - 1 / 3) < 0.08, `${value}: ${share}`);
  }
  assertEquals(
    randomTrials({ depth: between(0.5, 1.5, { whole: true }) }, { count: 1 }),
    [{ depth: 1 }],
  );
});

const data = columns(192);
const validation = columns(64, 9);

interface Settings extends Record<string, number> {
  learningRate: number;
  width: number;
}

function training({ learningRate, width }: Settings, seed: number): TrialTraining {
  const model = new SmallNet({ seed, width });
  return {
    model,
    train: data,
    validation,
    optimizer: new AdamW(model),
    schedule: constant(learningRate),
    batchSize: 32,
    transforms: { train: scale, evaluation: scale },
  };
}

const trials: Settings[] = [
  { learningRate: 1e-5, width: 4 },
  { learningRate: 1e-2, width: 8 },
  { learningRate: 1e-2, width: 4 },
  { learningRate: 1e-4, width: 8 },
];

function searchIn(folder: string, options: Partial<SearchOptions<Settings>> = {}) {
  const rounds = [{ epochs: 1 }, { epochs: 3, trials: 2 }];
  return new Search<Settings>({ trials, train: training, rounds, folder, seed: 5, ...options });
}

/** Validation accuracies of a training without a search, epoch by epoch. */
async function straight(settings: Settings, epochs: number): Promise<number[]> {
  const parts = training(settings, 5);
  const trainer = new Trainer({ ...parts, epochs, seed: 5, progress: false });
  const log = await trainer.run();
  trainer.dispose();
  parts.model.dispose();
  parts.optimizer.dispose();
  return log.map((report) => report.validation!.accuracy);
}

Deno.test("Search trains all trials for a short time and goes on with the best, exactly", async () => {
  await inFolder(async (folder) => {
    const before = tf.memory().numTensors;
    const search = searchIn(folder);
    const lines = await printedBy(() => search.run());
    // Each SmallNet keeps the generator of its first values.
    assertEquals(tf.memory().numTensors - before, 6);
    assertEquals(lines.length, 6);
    assertStringIncludes(
      lines[0],
      "round 1/2, trial 1/4 · learningRate 1.00e-5, width 4 · accuracy",
    );

    const ranked = search.trials;
    assertEquals(ranked.map(({ results }) => results.length), [2, 2, 1, 1]);
    for (const { settings, results } of ranked) {
      const accuracies = await straight(settings, results.at(-1)!.epochs);
      for (const { epochs, accuracy } of results) assertEquals(accuracy, accuracies[epochs - 1]);
    }
    const firstRound = ranked.map(({ results }) => results[0].accuracy);
    assert(Math.min(...firstRound.slice(0, 2)) >= Math.max(...firstRound.slice(2)));
    assert(ranked[0].results[1].accuracy >= ranked[1].results[1].accuracy);
    assertEquals(search.best, ranked[0]);
    assertEquals(search.best!.settings.learningRate, 1e-2);

    const rows = search.table().toString().split("\n");
    assertStringIncludes(rows[0], "learningRate  width  epochs  accuracy");
    assertEquals(rows.length, 8);
    assertStringIncludes(search.chart().toString(), "4 trials after 1 epoch");
    assertThrows(() => search.chart({ epochs: 2 }), RangeError, "no trial has been trained for 2");
  });
});

/** Runs `use` with a function that does what Ctrl-C does; the test runner ends at a real one. */
async function withInterrupt(use: (interrupt: () => void) => Promise<void>): Promise<void> {
  const { addSignalListener, removeSignalListener } = Deno;
  const { error } = console;
  const listeners = new Set<() => void>();
  Deno.addSignalListener = (_signal, listener) => void listeners.add(listener);
  Deno.removeSignalListener = (_signal, listener) => void listeners.delete(listener);
  console.error = () => {};
  try {
    await use(() => listeners.forEach((listener) => listener()));
  } finally {
    Object.assign(Deno, { addSignalListener, removeSignalListener });
    console.error = error;
  }
}

Deno.test("Search goes on where it was stopped, in the middle of an epoch", async () => {
  await inFolder(async (folder) => {
    let interrupt = () => {};
    const whole = searchIn(`${folder}/whole`);
    let [begun, isStopping] = [0, true];
    const stopped = searchIn(`${folder}/stopped`, {
      train(settings, seed) {
        const parts = training(settings, seed);
        begun++;
        return {
          ...parts,
          schedule(step) {
            // The third trial is stopped in its fourth step.
            if (isStopping && begun === 3 && step === 3) interrupt();
            return settings.learningRate;
          },
        };
      },
    });
    let lines: string[] = [];
    await withInterrupt(async (signal) => {
      interrupt = signal;
      lines = await printedBy(async () => {
        await whole.run();
        await stopped.run();
      });
    });
    assertEquals(stopped.trials.filter(({ results }) => results.length > 0).length, 2);
    assert(lines.some((line) => line.includes("Stopped as you asked")), lines.join("\n"));

    isStopping = false;
    await printedBy(() => stopped.run());
    assertEquals(begun, 3 + 2 + 2, "the first two trials are not trained again");
    const withoutSeconds = (search: typeof whole) =>
      JSON.stringify(search.trials, (key, value) => key === "seconds" ? undefined : value);
    assertEquals(withoutSeconds(stopped), withoutSeconds(whole));

    // All is known now: nothing is trained, and another search with the same trials has the results.
    const again = searchIn(`${folder}/stopped`, {
      train: () => assert(false, "trained again") as never,
    });
    assertEquals(await printedBy(() => again.run()), []);
    assertEquals(withoutSeconds(again), withoutSeconds(whole));
  });
});

Deno.test("Search trains only what is new when trials are added", async () => {
  await inFolder(async (folder) => {
    const rounds = [{ epochs: 1 }];
    await printedBy(() => searchIn(folder, { trials: trials.slice(0, 2), rounds }).run());
    const trained: Settings[] = [];
    const larger = searchIn(folder, {
      trials: [trials[3], { width: 8, learningRate: 1e-2 }],
      rounds,
      train(settings, seed) {
        trained.push(settings);
        return training(settings, seed);
      },
    });
    await printedBy(() => larger.run());
    assertEquals(trained, [trials[3]]);
    assertEquals(larger.trials.map(({ name }) => name).sort(), ["trial-02", "trial-03"]);
  });
});

Deno.test("Search ends between two trials when Stop comes at the end of one", async () => {
  await inFolder(async (folder) => {
    await withInterrupt(async (interrupt) => {
      let begun = 0;
      const search: Search<Settings> = searchIn(folder, {
        train(settings, seed) {
          begun++;
          const { log } = console;
          // The line of the first trial is printed when its training is over.
          console.log = (...parts) => {
            console.log = log;
            interrupt();
            log(...parts);
          };
          return training(settings, seed);
        },
      });
      const lines = await printedBy(() => search.run());
      assertEquals(begun, 1);
      assertEquals(lines.length, 2);
      assertEquals(lines[1], "Stopped as you asked: before round 1/2, trial 2/4.");
      assertEquals(search.trials.filter(({ results }) => results.length > 0).length, 1);
    });
  });
});

Deno.test("Search shows, charts and finds again trials that leave a setting out", async () => {
  interface Sizes {
    learningRate?: number;
    width?: number;
  }
  await inFolder(async (folder) => {
    const all: Sizes[] = [
      { learningRate: 1e-2 },
      { learningRate: 1e-3, width: 4 },
      { learningRate: 1e-3, width: undefined },
    ];
    const options = {
      train: ({ learningRate = 1e-4, width = 8 }: Sizes, seed: number) =>
        training({ learningRate, width }, seed),
      rounds: [{ epochs: 1 }],
      folder,
    };
    const search = new Search<Sizes>({ trials: all, ...options });
    const lines = await printedBy(() => search.run());
    assertStringIncludes(lines[0], "learningRate 0.0100 · accuracy");
    assertStringIncludes(lines[2], "learningRate 0.00100 · accuracy");
    const rows = search.table().toString().split("\n");
    assertStringIncludes(rows[0], "learningRate  width  epochs  accuracy");
    const words = search.chart().toString();
    assertStringIncludes(words, "3 trials by learningRate, width, accuracy");
    const { width } = search.best!.settings;
    assertStringIncludes(words, `width ${width ?? "left out"}`);

    const again = new Search<Sizes>({
      trials: [{ learningRate: 1e-3 }, ...all],
      ...options,
      train: () => assert(false, "trained again") as never,
    });
    assertEquals(await printedBy(() => again.run()), []);
  });
});

Deno.test("Search keeps results in the order of their epochs when a round is added between", async () => {
  await inFolder(async (folder) => {
    const trial = trials.slice(1, 2);
    const run = async (...epochs: number[]) => {
      const rounds = epochs.map((each) => ({ epochs: each }));
      const search = searchIn(folder, { trials: trial, rounds });
      await printedBy(() => search.run());
      return search.trials[0].results;
    };
    await run(1, 3);
    const results = await run(1, 2, 3);
    assertEquals(results.map(({ epochs }) => epochs), [1, 2, 3]);
    assertEquals(results.map(({ accuracy }) => accuracy), await straight(trial[0], 3));
    const seconds = results.map((each) => each.seconds);
    assert(seconds[0] < seconds[1] && seconds[1] < seconds[2], `${seconds}`);
  });
});

Deno.test("Search leaves a trial behind whose loss is not finite", async () => {
  await inFolder(async (folder) => {
    const bad = { learningRate: 1e30, width: 4 };
    const options = { trials: [bad, trials[1]], rounds: [{ epochs: 1 }, { epochs: 2 }] };
    const search = searchIn(folder, options);
    const lines = await printedBy(() => search.run());
    assertEquals(lines.length, 3);
    assertStringIncludes(lines[0], "failed: The loss is");
    assertEquals(search.trials.map(({ settings }) => settings), [trials[1], bad]);
    assertEquals(search.trials.map(({ results }) => results.length), [2, 1]);
    assertStringIncludes(search.table().toString(), "failed");
    assertStringIncludes(search.chart().toString(), "1 trials");
    const again = searchIn(folder, options);
    assertEquals(await printedBy(() => again.run()), []);
    assertEquals(again.trials[1].results[0].accuracy, NaN);
  });
});

Deno.test("Search passes on other errors, and keeps what it had", async () => {
  await inFolder(async (folder) => {
    const broken = searchIn(folder, {
      train(settings, seed) {
        if (settings === trials[1]) throw new TypeError("a mistake of the author's");
        return training(settings, seed);
      },
    });
    await printedBy(async () => {
      await assertRejects(() => broken.run(), TypeError, "a mistake of the author's");
    });
    assertEquals(broken.best?.settings, trials[0]);
  });
});

Deno.test("Search refuses another seed, a damaged file, and rounds that do not grow", async () => {
  await inFolder(async (folder) => {
    const options = { trials: trials.slice(0, 1), rounds: [{ epochs: 1 }] };
    await printedBy(() => searchIn(folder, options).run());
    const other = searchIn(folder, { ...options, seed: 6 });
    await assertRejects(() => other.run(), FileError, "a search with seed 5, not 6");
    await Deno.writeTextFile(`${folder}/search.json`, '{"seed": 5, ');
    await assertRejects(() => searchIn(folder, options).run(), FileError, "is damaged");
  });
  const make = (options: Partial<SearchOptions<Settings>>) => () => searchIn("nowhere", options);
  assertThrows(make({ trials: [] }), RangeError, "no trials");
  assertThrows(make({ rounds: [] }), RangeError, "no rounds");
  assertThrows(make({ rounds: [{ epochs: 2 }, { epochs: 2 }] }), RangeError, "above 2");
  assertThrows(make({ rounds: [{ epochs: 1, trials: 0 }] }), RangeError, "has 0 trials");
});
