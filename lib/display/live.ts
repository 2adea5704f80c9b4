import { environment, kernel } from "../platform/environment.ts";

/** One output in every form that a front end may choose from, by MIME type. */
export type MimeBundle = Record<string, string | object>;

/** The method by which the Deno kernel asks an object for its output. */
export const displaySymbol: unique symbol = Symbol.for("Jupyter.display");

/** What the Deno kernel shows when a cell ends with it. */
export interface Displayable {
  [displaySymbol](): MimeBundle | Promise<MimeBundle>;
  /** The forms that front ends can update in place, where those of the symbol cannot all be. */
  still?(): MimeBundle | Promise<MimeBundle>;
}

/** A bundle, or how to make it: a function is called only for updates that are really shown. */
export type BundleSource =
  | MimeBundle
  | Displayable
  | (() => MimeBundle | Displayable | Promise<MimeBundle | Displayable>);

export interface LiveDisplayOptions {
  /**
   * The shortest time between two updates; drawing itself never takes over 1/20 of the time.
   * Default: 1.
   */
  minimumIntervalSeconds?: number;
}

/** Time between updates as a multiple of what the last one took to draw. */
const restPerDrawing = 20;

let displays = 0;

/**
 * One output that changes in place: a progress bar, or a chart that grows during training.
 *
 * In a notebook `update` replaces the output, at most once per interval, and the last update always
 * gets shown. In a headless run only `finish` shows something, so that an executed notebook holds
 * the final state and nothing else. In a terminal both do nothing.
 */
export class LiveDisplay {
  readonly id = `tessera-${crypto.randomUUID()}-${displays++}`;
  #intervalMilliseconds: number;
  #waiting: BundleSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> | undefined;
  #nextTime = 0;
  #drawingMilliseconds = 0;
  #shown = false;
  #finished = false;

  constructor({ minimumIntervalSeconds = 1 }: LiveDisplayOptions = {}) {
    this.#intervalMilliseconds = minimumIntervalSeconds * 1000;
  }

  /** Asks for `source` to be shown; returns at once, and drops what a later call replaces in time. */
  update(source: BundleSource): void {
    if (this.#finished || environment() !== "notebook") return;
    this.#waiting = source;
    if (this.#sending || this.#timer !== undefined) return;
    const wait = this.#nextTime - performance.now();
    if (wait <= 0) this.#send();
    else this.#timer = setTimeout(() => this.#send(), wait);
  }

  /** Shows the final state and waits until the kernel has passed it on; later updates are ignored. */
  async finish(source: BundleSource): Promise<void> {
    if (this.#finished) return;
    this.#finished = true;
    clearTimeout(this.#timer);
    this.#timer = this.#waiting = undefined;
    if (environment() === "terminal") return;
    await this.#sending;
    await this.#show(source);
  }

  #send(): void {
    const source = this.#waiting!;
    this.#timer = this.#waiting = undefined;
    // An error thrown from a timer would wedge the kernel, and a chart is no reason to stop training.
    this.#sending = this.#show(source, true)
      .catch((error) => console.error("This live display cannot be drawn:", error))
      .then(() => {
        const rest = this.#drawingMilliseconds * restPerDrawing;
        this.#nextTime = performance.now() + Math.max(this.#intervalMilliseconds, rest);
        this.#sending = undefined;
        if (this.#waiting && !this.#finished) this.update(this.#waiting);
      });
  }

  async #show(source: BundleSource, changing = false): Promise<void> {
    const started = performance.now();
    const bundle = await bundleOf(source, changing);
    // Not the first time, which loads what draws, and without the sending, which waits for whatever
    // else the notebook is busy with.
    if (this.#shown) this.#drawingMilliseconds = performance.now() - started;
    const options = { raw: true, display_id: this.id, update: this.#shown };
    this.#shown = true;
    await kernel()?.display(bundle, options);
  }
}

/** The bundle of a source; `changing` asks for the forms that can be updated in place. */
export async function bundleOf(source: BundleSource, changing = false): Promise<MimeBundle> {
  const made = typeof source === "function" && !isDisplayable(source) ? await source() : source;
  if (!isDisplayable(made)) return made;
  return changing && made.still ? await made.still() : await made[displaySymbol]();
}

function isDisplayable(value: BundleSource): value is Displayable {
  return displaySymbol in value;
}
