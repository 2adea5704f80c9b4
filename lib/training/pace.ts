import type { BackendReport } from "../tensor/backends.ts";

/** How much of the mean time of a step the latest one decides. */
const newestShare = 0.1;

/** A training step takes about so many times as long as to evaluate its images: forwards, and twice backwards. */
const evaluationsPerStep = 3;
/** A training that takes longer than this is announced where it is slow. */
const longSeconds = 300;

/**
 * What to say before a training without TensorFlow that will take long: by how long it took to evaluate some
 * images. Undefined where there is nothing to say.
 */
export function lengthWarning(
  { kind, version }: Pick<BackendReport, "kind" | "version">,
  measured: { seconds: number; images: number },
  planned: { trainingImages: number; validationImages: number },
): string | undefined {
  const images = evaluationsPerStep * planned.trainingImages + planned.validationImages;
  const seconds = measured.seconds / measured.images * images;
  if (kind === "native" || seconds < longSeconds) return undefined;
  const minutes = Math.round(seconds / 60);
  const length = minutes < 90 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
  return `On ${version} this training will take about ${length}, many times as long as on native ` +
    "TensorFlow: `./tessera doctor` says what to do. Stop ends it; TESSERA_QUICK=1 trains for a moment.";
}

/** Measures how fast a training goes, to tell how long it will take. */
export class Pace {
  #secondsPerStep: number | undefined;
  #steps = 0;
  #validationSeconds: number | undefined;

  addStep(seconds: number): void {
    this.#steps++;
    // The first step is recorded and compiled, which says nothing about the next ones.
    if (this.#steps === 1) return;
    const mean = this.#secondsPerStep ?? seconds;
    this.#secondsPerStep = mean + newestShare * (seconds - mean);
  }

  addValidation(seconds: number): void {
    this.#validationSeconds = seconds;
  }

  /** Steps per second; undefined before the second step. */
  get stepsPerSecond(): number | undefined {
    return this.#secondsPerStep && 1 / this.#secondsPerStep;
  }

  /** The time that so many steps and validations will take; undefined before the second step. */
  secondsFor(steps: number, validations: number): number | undefined {
    if (this.#secondsPerStep === undefined) return undefined;
    return steps * this.#secondsPerStep + validations * (this.#validationSeconds ?? 0);
  }
}
