import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { CheckError } from "../../lib/exercises/engine/check.ts";
import { heard } from "./heard.ts";
import { printed } from "./printed.ts";

/** Wrong parts by what is wrong with them, each with words that the message must have. */
export type Mistakes<Part> = Readonly<
  Record<string, readonly [part: Part, ...words: (string | readonly string[])[]]>
>;

/** A test for each mistake, called "checkPatches: names what is wrong with MISTAKE" where `names` is all before that. */
export function mistakes<Part>(
  names: string,
  wrong: Mistakes<Part>,
  check: (part: Part) => Promise<void>,
): void {
  for (const [mistake, [part, ...words]] of Object.entries(wrong)) {
    Deno.test(`${names} ${mistake}`, async () => {
      await fails(() => check(part), ...words.flat());
    });
  }
}

/** What a screen of 100 columns shows of an error. */
const shownLines = ({ stack = "" }: Error) =>
  stack.split("\n").flatMap((line) => line.match(/.{1,100}/g) ?? [""]);

/** Calls a check that must fail, looks for words in its message, and gives it. */
export async function fails(
  check: () => Promise<void>,
  ...words: (string | RegExp)[]
): Promise<string> {
  const error = await assertRejects(check, CheckError);
  heard.by?.(error.message);
  for (const each of words) {
    if (typeof each === "string") assertStringIncludes(error.message, each);
    else assertMatch(error.message, each);
  }
  assert(shownLines(error).length <= 10, `more than 10 lines:\n${error.stack}`);
  return error.message;
}

/** Calls a check that must pass without leaving a tensor behind, and gives the line that it prints. */
export async function passes(check: () => Promise<void>): Promise<string> {
  const before = tf.memory().numTensors;
  const [line] = await printed(check);
  heard.by?.(line);
  assertEquals(tf.memory().numTensors, before);
  return line;
}
