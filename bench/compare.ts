/** One comparison: Tessera, PyTorch and torch.compile in turns on the same cores. */
import { batchSize, type Case } from "./cases.ts";
import type { Kind, Measurement, OtherWays, Side, Versions } from "./kept_results.ts";
import { type Answer, type Peer, takeTurns } from "./peer.ts";
import { writeRawImages } from "./raw_images.ts";
import type { Sides } from "./sides.ts";
import { median } from "./statistics.ts";

export interface ComparisonOptions {
  /** How often each side has its turn. */
  turns: number;
  versions: Versions;
  /** Why torch.compile is left out; null where it is not. */
  withoutCompile: string | null;
}

/** A turn takes about so long: a shorter one would hang on moments, a longer one on the machine's drift. */
const turnMilliseconds = 400, mostPieces = 20;

/** Throws an Error where a side ends early, and where the two models differ in size. */
export async function compare(
  work: Case,
  kind: Kind,
  sides: Sides,
  { turns, versions, withoutCompile }: ComparisonOptions,
): Promise<Measurement> {
  const { name } = work;
  const isEpoch = kind === "epoch";
  const images = isEpoch ? batchSize * (name === "ViT, MNIST" ? 48 : 8) : 0;
  const data = isEpoch ? await writeRawImages(work, images) : "";
  const workers = isEpoch ? await bestWorkers(work, sides, images, data) : 0;
  const running: Peer[] = [];
  const start = async (peer: Promise<Peer>) => {
    running.push(await peer);
    return running.at(-1)!;
  };
  try {
    const pyTorch = await start(sides.pyTorch({ name, kind, images, data, workers }));
    const tessera = await start(sides.tessera({ name, kind, mode: "compiled", images }));
    requireSameModel(name, tessera, pyTorch);
    let missing = isEpoch ? "not measured" : withoutCompile;
    const compiled = missing !== null
      ? null
      : await start(sides.pyTorch({ name, kind, compiled: true })).catch(() => null);
    missing ??= compiled ? null : "ended with an error";
    const warm = await takeTurns(running, { turns: 1, count: isEpoch ? 1 : 3 });
    const slowest = Math.max(...warm.map(([{ milliseconds }]) => milliseconds.at(-1)!));
    const count = Math.min(mostPieces, Math.ceil(turnMilliseconds / slowest));
    const [ofPyTorch, ofTessera, ofCompiled] = await takeTurns(running, { turns, count });
    return {
      ...{ case: name, kind, images: images || batchSize, workers, versions },
      parameterCount: tessera.started.parameterCount,
      date: new Date().toISOString().slice(0, 10),
      tessera: sideOf(ofTessera, tessera),
      pyTorch: sideOf(ofPyTorch, pyTorch),
      compiled: compiled ? sideOf(ofCompiled, compiled) : missing!,
    };
  } finally {
    await Promise.all(running.map((peer) => peer.stop()));
  }
}

function requireSameModel(name: string, { started: ours }: Peer, { started: theirs }: Peer): void {
  if (ours.parameterCount === theirs.parameterCount) return;
  throw new Error(
    `${name}: ${ours.parameterCount} parameters in Tessera, ${theirs.parameterCount} in PyTorch; ` +
      "the models must be the same",
  );
}

function sideOf(answers: readonly Answer[], { startSeconds, started }: Peer): Side {
  return {
    milliseconds: answers.map(({ milliseconds }) => median(milliseconds)),
    peakMegabytes: answers.at(-1)!.peakMegabytes,
    startSeconds,
    firstMilliseconds: started.first,
  };
}

/** The number of loader processes with which PyTorch's epoch is fastest. */
async function bestWorkers(
  { name }: Case,
  sides: Sides,
  images: number,
  data: string,
): Promise<number> {
  const seconds: number[] = [];
  const choices = [0, 1, 2];
  for (const workers of choices) {
    const peer = await sides.pyTorch({ name, kind: "epoch", images, data, workers });
    await peer.work(1);
    seconds.push((await peer.work(1)).milliseconds[0]);
    await peer.stop();
  }
  return choices[seconds.indexOf(Math.min(...seconds))];
}

const patienceSeconds = 60;

/**
 * What compiling gives: the same step eagerly, and on tfjs's WASM backend; null where it does not get
 * through: in time, or with the memory that WASM can address.
 */
export async function otherWays({ name }: Case, sides: Sides): Promise<OtherWays> {
  const results: OtherWays = {};
  const ways = { eager: {}, wasm: { TESSERA_BACKEND: "wasm" } };
  for (const [way, env] of Object.entries(ways)) {
    const signal = AbortSignal.timeout(patienceSeconds * 1000);
    try {
      const peer = await sides.tessera({ name, kind: "step", mode: "eager" }, { env, signal });
      results[way] = median((await peer.work(way === "wasm" ? 1 : 5)).milliseconds);
      await peer.stop();
    } catch (error) {
      if (!signal.aborted && way !== "wasm") throw error;
      results[way] = null;
    }
  }
  return results;
}
