/** What the writes of a training cost, of an epoch's time. */
import { join } from "node:path";
import { type Callback, Checkpointing, type EpochReport, Random, Trainer } from "../../lib/mod.ts";
import { recipes } from "../../recipes/mod.ts";

export interface Cost {
  recipe: string;
  /** Of a state to go on from, of the best weights and of the log, on the disk. */
  megabytes: number;
  /** Of the writes after an epoch that is the best so far. */
  writeSeconds: number;
  /** Of an epoch of all training images, without validation. */
  epochSeconds: number;
  /** Programs that wanted a core at the time, and how many there are. */
  load: number;
  cores: number;
}

/** So many batches make the short epochs in which a step is measured. */
const batches = 12;

/** Trains two short epochs of a recipe and counts what {@link Checkpointing} takes after each. */
export async function costOf(name: string): Promise<Cost> {
  const recipe = recipes[name];
  const { schedule, batchSize, transforms, maximumGradientNorm, seed } = recipe;
  const whole = (await recipe.load({ seed })).train.size;
  const data = await recipe.load({ seed, limit: batches * batchSize });
  const model = recipe.model(new Random(seed));
  const folder = await Deno.makeTempDir({ prefix: "tessera-costs-" });
  const checkpoints = new Checkpointing(folder);
  const [writes, steps]: [number[], number[]] = [[], []];
  let last = 0;
  const measured: Callback = {
    onStart: (trainer) => checkpoints.onStart(trainer),
    onEpoch: async (report: EpochReport, trainer) => {
      const begun = performance.now();
      await checkpoints.onEpoch({ ...report, isBest: true }, trainer);
      writes.push((performance.now() - begun) / 1000);
      last = 0;
    },
    onStep: () => {
      const now = performance.now();
      if (last > 0) steps.push((now - last) / 1000);
      last = now;
    },
    onEnd: (outcome, trainer) => checkpoints.onEnd(outcome, trainer),
  };
  const trainer = new Trainer({
    ...{ model, train: data.train, epochs: 2, batchSize, transforms, seed, maximumGradientNorm },
    optimizer: recipe.optimizer(model),
    schedule: schedule({ epochs: 2, stepsPerEpoch: Math.floor(data.train.size / batchSize) }),
    ...{ callbacks: [measured], progress: false },
  });
  try {
    await trainer.run();
    let bytes = 0;
    for await (const { name } of Deno.readDir(folder)) {
      bytes += (await Deno.stat(join(folder, name))).size;
    }
    const epochSeconds = middle(steps) * Math.floor(whole / batchSize);
    return {
      ...{ recipe: name, megabytes: bytes / 1e6, writeSeconds: middle(writes), epochSeconds },
      ...{ load: Deno.loadavg()[0], cores: navigator.hardwareConcurrency },
    };
  } finally {
    trainer.dispose();
    await Deno.remove(folder, { recursive: true });
  }
}

const middle = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
