/** What a person sees of tests that run in lanes: what each file has said, and a line of what runs now. */
import { basename } from "node:path";
import { standardError, terminalColumns } from "../lib/platform/terminal.ts";
import { unlessClosed } from "../lib/platform/output.ts";
import { clock } from "./command.ts";

/** Prints blocks of text, under which a terminal has a line that says how far the tests are. */
export class LaneProgress {
  readonly #of: number;
  readonly #print: (text: string) => void;
  readonly #timer?: ReturnType<typeof setInterval>;
  readonly #lanes: { file?: string; since: number }[] = [];
  #done = 0;

  constructor(of: number, print: (text: string) => void) {
    this.#of = of;
    this.#print = print;
    if (standardError.isTerminal()) this.#timer = setInterval(() => this.#draw(), 500);
  }

  print(text: string): void {
    this.#clear();
    this.#print(text);
    this.#draw();
  }

  /** Says which file a lane runs now. */
  show(lane: number, file: string | undefined): void {
    const before = this.#lanes[lane]?.file;
    if (before === file) return;
    if (before) this.#done++;
    this.#lanes[lane] = { file, since: performance.now() };
  }

  end(): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  #draw(): void {
    if (this.#timer === undefined) return;
    const running = this.#lanes.filter(({ file }) => file)
      .map(({ file, since }) => `${shortName(file!)} (${clock(performance.now() - since)})`);
    const text = [`${this.#done} of ${this.#of} files`, ...running].join(", ");
    this.#write(`\r\x1b[K${text.slice(0, terminalColumns() - 1)}`);
  }

  #clear(): void {
    if (this.#timer !== undefined) this.#write("\r\x1b[K");
  }

  #write(text: string): void {
    unlessClosed(() => standardError.write(text));
  }
}

/** `nn/linear` for `tests/nn/linear_test.ts`, as one names it to `./tessera test`. */
function shortName(file: string): string {
  const short = file.replace(/_test\.ts$/, "");
  return short.startsWith("tests/") ? short.slice("tests/".length) : basename(short);
}
