import type { Helper } from "../programs.ts";

export type { Helper };

export const whyNoPrograms: string =
  "a browser starts none. The chart above has the curves of the training.";

export const processNumber: number = 1;

export function startHelper(program: string, _args: readonly string[]): Helper {
  throw new Error(`${program} is a program of its own: ${whyNoPrograms}`);
}

export function pythonProgram(): string {
  return "python3";
}
