/** What a run compares, how long that takes, and what an interrupted one has left. */
import type { Case } from "./cases.ts";
import type { Kind, Measurement, Versions } from "./kept_results.ts";

export interface Piece {
  work: Case;
  kind: Kind;
}

/** The table has medians of so many pairs; a quick look has fewer, epochs are long. */
export const turnsOf = (kind: Kind, isQuick: boolean) => isQuick ? 3 : kind === "epoch" ? 5 : 21;

/** Seconds of a comparison with all three sides on two quiet cores; a step's compiling is the most of it. */
const seconds: Record<string, Partial<Record<Kind, number>>> = {
  "ResNet-18": { step: 95, inference: 60, epoch: 100 },
  "ResNet-20": { step: 110, inference: 70, epoch: 100 },
  "ViT, MNIST": { step: 75, inference: 50, epoch: 160 },
  "ViT, CIFAR-10": { step: 220, inference: 95, epoch: 400 },
  "a learner's own ViT, MNIST size": { step: 80, inference: 50 },
  "a learner's own ViT, width 256": { step: 95, inference: 55 },
  "CrossViT, CIFAR size": { step: 140, inference: 75 },
  "plain CNN, CIFAR size": { step: 65, inference: 45 },
};
const otherSeconds = 120, quickShare = 0.6, shareWithoutCompile = 0.45;

/** What makes a run shorter. */
export interface Pace {
  isQuick?: boolean;
  withoutCompile?: boolean;
}

/** Seconds that a piece takes on two quiet cores. */
export function expectedSeconds({ work, kind }: Piece, pace: Pace = {}): number {
  const { isQuick = false, withoutCompile = false } = pace;
  const whole = seconds[work.name]?.[kind] ?? otherSeconds;
  const share = withoutCompile && kind !== "epoch" ? shareWithoutCompile : 1;
  return whole * share * (isQuick ? quickShare : 1);
}

/** A time as one says it: "25 s", "12 min". */
export function duration(seconds: number): string {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

/** What is left to do, by how fast this machine went through what is done. */
export function remainingSeconds(
  done: readonly { piece: Piece; seconds: number }[],
  left: readonly Piece[],
  pace: Pace = {},
): number {
  const expected = (pieces: readonly Piece[]) =>
    pieces.reduce((sum, piece) => sum + expectedSeconds(piece, pace), 0);
  const took = done.reduce((sum, { seconds }) => sum + seconds, 0);
  const slowness = done.length > 0 ? took / expected(done.map(({ piece }) => piece)) : 1;
  return expected(left) * slowness;
}

/** A measurement of an interrupted run that is as one made now would be: same programs, as many turns. */
export function isAsMadeNow(
  { versions, kind, tessera, compiled }: Measurement,
  now: { versions: Versions; withoutCompile: string | null },
): boolean {
  const names = Object.keys(versions) as (keyof Versions)[];
  return names.every((name) => versions[name] === now.versions[name]) &&
    tessera.milliseconds.length === turnsOf(kind, false) &&
    (kind === "epoch" || (typeof compiled === "string") === (now.withoutCompile !== null));
}

export const isOf = ({ work, kind }: Piece) => (measurement: Measurement): boolean =>
  measurement.case === work.name && measurement.kind === kind;
