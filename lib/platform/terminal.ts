/** The two outputs of a program, which may be a terminal's, a file's or a pipe's. */

/** One of them. */
export interface Output {
  /** Whether a person reads it as it is written. */
  isTerminal(): boolean;
  /** Writes text at once, as it is. */
  write(text: string): void;
}

const outputTo = (stream: typeof Deno.stdout): Output => ({
  isTerminal: () => stream.isTerminal(),
  write: (text) => void stream.writeSync(new TextEncoder().encode(text)),
});

export const standardOutput: Output = outputTo(Deno.stdout);
export const standardError: Output = outputTo(Deno.stderr);

/** How many characters a line of the terminal has. */
export function terminalColumns(): number {
  return Deno.consoleSize().columns;
}
