import type { Output } from "../terminal.ts";

export type { Output };

const toConsole = (write: (text: string) => void): Output => ({ isTerminal: () => false, write });

export const standardOutput: Output = toConsole((text) => console.log(text));
export const standardError: Output = toConsole((text) => console.error(text));

export function terminalColumns(): number {
  return 80;
}
