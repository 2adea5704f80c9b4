/** How much of the mean time of a step the latest one decides. */
const newestShare = 0.1;

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
