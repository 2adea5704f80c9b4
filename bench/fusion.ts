/**
 * `./tessera bench --fusion`: the same model with and without fused kernels, two processes that work in turns,
 * each on one thread. What counts is processor time: on a machine with other work it hardly moves, where the
 * time on the clock may double.
 */
import type { Case } from "./cases.ts";
import { type Answer, Peer, takeTurns } from "./peer.ts";
import { median, medianInterval, pairedRatios } from "./statistics.ts";
import { tesseraWorker } from "./workers.ts";

export interface FusionSettings {
  cases: readonly Case[];
  kinds: readonly ("step" | "inference" | "epoch")[];
  quick: boolean;
}

const PAIRS = 21, QUICK_PAIRS = 5;

function start(work: Case, kind: string, fusion: "on" | "off"): Promise<Peer> {
  const { command, args } = tesseraWorker({ name: work.name, kind, mode: "compiled" });
  const env = { TESSERA_DEVICE: "cpu", TESSERA_THREADS: "1", TESSERA_FUSION: fusion };
  return Peer.start("Tessera", command, args, { env });
}

/** Prints a line for each case and kind. */
export async function benchFusion({ cases, kinds, quick }: FusionSettings): Promise<void> {
  for (const kind of kinds) {
    for (const work of cases) {
      const sides = [await start(work, kind, "off"), await start(work, kind, "on")];
      let answers: Answer[][];
      try {
        for (const side of sides) await side.work(2);
        const pairs = quick ? QUICK_PAIRS : PAIRS;
        answers = await takeTurns(sides, { turns: pairs, count: 1 });
      } finally {
        await Promise.all(sides.map((side) => side.stop()));
      }
      const [off, on] = answers.map((all) => all.map((each) => each.processorMilliseconds!));
      const ratios = pairedRatios(off, on);
      const [low, high] = medianInterval(ratios);
      const memory = answers.map((all) => Math.round(all.at(-1)!.peakMegabytes));
      console.log(
        `${work.name}, ${kind}: without ÷ with fused kernels ${median(ratios).toFixed(2)} ` +
          `(${low.toFixed(2)} to ${high.toFixed(2)}), ${median(off).toFixed(0)} → ` +
          `${median(on).toFixed(0)} ms of processor time, ${memory.join(" → ")} MB at most`,
      );
    }
  }
}
