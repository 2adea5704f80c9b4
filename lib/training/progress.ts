import { environment } from "../platform/environment.ts";
import { unlessClosed } from "../platform/output.ts";
import { standardOutput, terminalColumns } from "../platform/terminal.ts";
import { LiveDisplay, type MimeBundle } from "../display/live.ts";

/** Where a training is. */
export interface ProgressState {
  /** What is being done: `epoch 3/10`, `validation`. */
  phase: string;
  /** The part of the whole training that is done, 0 to 1. */
  fraction: number;
  /** Means over the epoch so far, shown where they are known. */
  loss?: number;
  imagesPerSecond?: number;
  secondsLeft?: number;
}

export interface Progress {
  /** Shows a new state; cheap, and no faster than a few times a second. */
  update(state: ProgressState): void;
  /** Prints a line that stays. */
  line(text: string): void;
  /** Shows the last state and waits until a notebook has all of the output. */
  finish(state: ProgressState): Promise<void>;
}

const updatesPerSecond = 4;
const widestBar = 24, narrowestBar = 6;

/** One bar in a notebook or a terminal; in headless runs and in files nothing but the lines. */
export function startProgress({ bar = true } = {}): Progress {
  const place = environment();
  if (bar && place === "notebook") return new NotebookProgress();
  if (bar && place === "terminal" && standardOutput.isTerminal()) return new TerminalProgress();
  return new PlainProgress();
}

class PlainProgress implements Progress {
  update(_state: ProgressState): void {}

  line(text: string): void {
    console.log(text);
  }

  finish(_state: ProgressState): Promise<void> {
    return Promise.resolve();
  }
}

class NotebookProgress implements Progress {
  readonly #display = new LiveDisplay({ minimumIntervalSeconds: 1 / updatesPerSecond });

  update(state: ProgressState): void {
    this.#display.update(() => bundleOf(state));
  }

  line(text: string): void {
    console.log(text);
  }

  async finish(state: ProgressState): Promise<void> {
    await this.#display.finish(bundleOf(state));
  }
}

class TerminalProgress implements Progress {
  #nextTime = 0;
  #isShown = false;

  update(state: ProgressState): void {
    const now = performance.now();
    if (now < this.#nextTime) return;
    this.#nextTime = now + 1000 / updatesPerSecond;
    unlessClosed(() => {
      this.#write(`\r\x1b[2K${progressLine(state, terminalColumns() - 1)}`);
    });
    this.#isShown = true;
  }

  line(text: string): void {
    this.#clear();
    console.log(text);
  }

  finish(_state: ProgressState): Promise<void> {
    this.#clear();
    return Promise.resolve();
  }

  #clear(): void {
    if (this.#isShown) unlessClosed(() => this.#write("\r\x1b[2K"));
    this.#isShown = false;
    this.#nextTime = 0;
  }

  #write(text: string): void {
    standardOutput.write(text);
  }
}

function bundleOf(state: ProgressState): MimeBundle {
  const value = (100 * state.fraction).toFixed(1);
  const text = describe(state);
  return {
    "text/html": `<div style="font-variant-numeric: tabular-nums">` +
      `<progress max="100" value="${value}" style="width: 16em" aria-label="training"></progress> ` +
      `${text}</div>`,
    "text/plain": text,
  };
}

/**
 * A line with a bar that is no wider than `columns`: the bar gives way first, then the speed, then the loss.
 */
export function progressLine(state: ProgressState, columns: number): string {
  const { imagesPerSecond: _speed, ...withoutSpeed } = state;
  const { loss: _loss, ...withoutLoss } = withoutSpeed;
  const texts = [state, withoutSpeed, withoutLoss].map(describe);
  const text = texts.find(({ length }) => length <= columns) ?? texts[2].slice(0, columns);
  const width = Math.min(widestBar, columns - text.length - 1);
  if (width < narrowestBar) return text;
  const filled = Math.round(width * state.fraction);
  return `${"━".repeat(filled)}${"─".repeat(width - filled)} ${text}`;
}

/** `epoch 3/10 · 45 % · loss 0.312 · 4,471 images/s · 1:23 left`. */
export function describe(state: ProgressState): string {
  const { phase, fraction, loss, imagesPerSecond, secondsLeft } = state;
  const parts = [phase, `${Math.floor(100 * fraction)} %`];
  if (loss !== undefined) parts.push(`loss ${loss.toFixed(3)}`);
  if (imagesPerSecond) parts.push(`${Math.round(imagesPerSecond).toLocaleString("en")} images/s`);
  if (secondsLeft !== undefined) parts.push(`${formatDuration(secondsLeft)} left`);
  return parts.join(" · ");
}

/** `0:07`, `12:34` or `1:02:03`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const padded = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${padded(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${padded(minutes % 60)}:${padded(whole % 60)}`;
}
