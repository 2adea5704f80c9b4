/** `./tessera specs programs [--count N] [--seed S] [--without-javascript]`: random programs, run in every way that must agree. */
import { parseArgs } from "node:util";
import { CommandError } from "./command.ts";

const wholeNumber = (name: string, text: string) => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new CommandError(`--${name} is a whole number, not "${text}".`, 2);
};

/** Runs the programs; the exit code. */
export async function programs(args: string[]): Promise<number> {
  const { values } = options(args);
  const count = wholeNumber("count", values.count), seed = wholeNumber("seed", values.seed);
  const { runPrograms } = await import("../tests/programs/run.ts");
  const plain = !values["without-javascript"];
  return await runPrograms({ count, seed, print: console.log, plain });
}

function options(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        count: { type: "string", default: "200" },
        seed: { type: "string", default: "0" },
        "without-javascript": { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new CommandError(
      `specs programs takes --count N, --seed S and --without-javascript: ${
        (error as Error).message
      }`,
      2,
    );
  }
}
