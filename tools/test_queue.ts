/** Which files a lane of tests runs next. */

/** A batch of this many seconds is worth a program of its own, which is half a second's work to start. */
const batchSeconds = 20;

/**
 * Files that wait for a lane. One lane takes the longest of what is left, the other the shortest: the long ones
 * start kernels, servers and browsers and wait for them, while the short ones compute in the process.
 */
export class TestQueue {
  /** The shortest first. */
  readonly #waiting: { file: string; seconds: number }[];

  /** `seconds` are about those of each file. */
  constructor(files: readonly string[], seconds: readonly number[]) {
    this.#waiting = files.map((file, at) => ({ file, seconds: seconds[at] }))
      .sort((one, other) => one.seconds - other.seconds);
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** About how long what waits would take in one lane. */
  get seconds(): number {
    return this.#waiting.reduce((sum, { seconds }) => sum + seconds, 0);
  }

  /** All that is left, for a lane that is alone. */
  takeAll(): string[] {
    return this.#waiting.splice(0).map(({ file }) => file).sort();
  }

  /** The next files for a lane; none where none are left. */
  take(end: "longest" | "shortest"): string[] {
    const batch: string[] = [];
    // Towards the end the batches grow small, so that the lanes end together.
    const enough = Math.min(batchSeconds, this.seconds / 4);
    for (let seconds = 0; batch.length === 0 || seconds < enough;) {
      const next = end === "longest" ? this.#waiting.pop() : this.#waiting.shift();
      if (!next) break;
      batch.push(next.file);
      seconds += next.seconds;
    }
    return batch;
  }
}
