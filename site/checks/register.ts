/** Tests without Deno: files of `tests/exercises` name theirs here, and each is run and noted down. */
import { heard } from "../../tests/exercises/heard.ts";

/** How one test went, and what the checks in it said. */
export interface Tried {
  name: string;
  /** Why it failed. */
  problem?: string;
  said: string[];
}

interface Test {
  name: string;
  run(steps: { step(name: string, run: () => unknown): Promise<void> }): unknown;
}

const tests: Test[] = [];

/** Takes the place of `Deno.test`. */
export function register(name: string, run: Test["run"]): void {
  tests.push({ name, run });
}

/** Runs the tests that were named since the last call. */
export async function runRegistered(): Promise<Tried[]> {
  const tried: Tried[] = [];
  for (const { name, run } of tests.splice(0)) {
    const said: string[] = [];
    heard.by = (each) => void said.push(each);
    const outcome: Tried = { name, said };
    try {
      await run({ step: async (_name, part) => void await part() });
    } catch (error) {
      outcome.problem = error instanceof Error ? error.message : String(error);
    }
    tried.push(outcome);
  }
  heard.by = undefined;
  return tried;
}
