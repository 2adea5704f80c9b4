import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { CheckError } from "../../lib/exercises/engine/check.ts";
import { printed } from "./printed.ts";

/** Calls a check that must fail, looks for words in its message, and gives it. */
export async function fails(check: () => Promise<void>, ...words: string[]): Promise<string> {
  const { message } = await assertRejects(check, CheckError);
  for (const each of words) assertStringIncludes(message, each);
  return message;
}

/** Calls a check that must pass without leaving a tensor behind, and gives the line that it prints. */
export async function passes(check: () => Promise<void>): Promise<string> {
  const before = tf.memory().numTensors;
  const [line] = await printed(check);
  assertEquals(tf.memory().numTensors, before);
  return line;
}
