/** Ends a training at random moments, in every way, until it is done: what is lost, and what comes out. */
import { readCheckpointInfo } from "../../lib/training/checkpoint.ts";
import { readSafetensors } from "../../lib/training/safetensors.ts";
import { Draw } from "./draw.ts";

export const ends = ["SIGKILL", "SIGTERM", "SIGHUP", "SIGINT"] as const;
type End = typeof ends[number];

export interface EndedTrainings {
  /** How many were ended in each way before they were done. */
  counts: Record<End, number>;
  /** What was not as it should be, in words. */
  faults: string[];
  /** How many trainings were brought to their end, each by many starts. */
  trainings: number;
}

const program = new URL("../training/small_training.ts", import.meta.url).pathname;

interface Started {
  /** The step from which it went on. */
  from: number;
  /** The steps that it said to have saved, in order. */
  saved: number[];
  code: number;
  wasEnded: boolean;
}

/** Starts the training, and ends it after so many milliseconds unless it is done by then. */
async function start(
  folder: string,
  end?: { signal: End; milliseconds: number },
): Promise<Started> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", program, folder, "4", "3"],
    // Plain JavaScript starts soonest; what is tried here knows no backend.
    env: { TESSERA_BACKEND: "javascript" },
    ...{ stdout: "piped", stderr: "null" },
  }).spawn();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wasEnded = false, printed = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const isRunning = /from (the beginning|step)/.test(printed += text);
    if (!end || timer !== undefined || !isRunning) continue;
    timer = setTimeout(() => {
      try {
        child.kill(end.signal);
        wasEnded = true;
      } catch {
        // It has just ended by itself.
      }
    }, end.milliseconds);
  }
  clearTimeout(timer);
  const { code } = await child.status;
  const [, from = "0"] = /from step (\d+)/.exec(printed) ?? [];
  const saved = [...printed.matchAll(/^saved (\d+)$/gm)].map(([, step]) => Number(step));
  return { from: Number(from), saved, code, wasEnded };
}

/** The weights of a folder's best and last state, as text. */
async function weightsIn(folder: string): Promise<string> {
  const files = await Promise.all(["best", "last"].map(async (name) => {
    const { tensors } = await readSafetensors(`${folder}/${name}.safetensors`);
    return [...tensors].map(([path, { values }]) => [path, [...values]]);
  }));
  return JSON.stringify(files);
}

/** Ends `count` trainings and goes on after each; the same seed gives the same moments. */
export async function endTrainings(count: number, seed: number): Promise<EndedTrainings> {
  const draw = new Draw(seed);
  const folder = await Deno.makeTempDir({ prefix: "tessera-trainings-" });
  const counts: Record<End, number> = { SIGKILL: 0, SIGTERM: 0, SIGHUP: 0, SIGINT: 0 };
  const faults: string[] = [];
  let trainings = 0;
  try {
    const straight = `${folder}/straight`;
    await start(straight);
    const expected = await weightsIn(straight);
    for (let ended = 0; ended < count;) {
      const run = `${folder}/run-${trainings}`;
      let known = 0; // the newest step that was said to be on the disk
      for (let isDone = false; !isDone;) {
        const signal = ends[draw.below(ends.length)];
        const milliseconds = draw.below(160);
        const { from, saved, code, wasEnded } = await start(
          run,
          ended < count ? { signal, milliseconds } : undefined,
        );
        const what = `${signal} after ${milliseconds} ms`;
        if (from < known) {
          faults.push(`before ${what}: went on from ${from}, though ${known} was saved`);
        }
        known = Math.max(known, ...saved);
        isDone = code === 0;
        if (isDone) continue;
        if (!wasEnded) {
          faults.push(`${run} ended by itself with exit code ${code}`);
          break;
        }
        ended++;
        counts[signal]++;
        if (signal === "SIGKILL" || known === 0) continue;
        // Who is asked to end saves the very last step.
        const info = await readCheckpointInfo(`${run}/last.safetensors`);
        const { step } = info.position as { step: number };
        if (step !== known) faults.push(`${what}: ${step} is on the disk, ${known} was said`);
      }
      trainings++;
      if (await weightsIn(run) !== expected) faults.push(`${run}: other weights than straight on`);
      await Deno.remove(run, { recursive: true });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return { counts, faults, trainings };
}
