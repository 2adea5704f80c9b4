/** The settings that environment variables are: what each may be, asked before a command does anything. */
import { constants } from "node:fs";
import { closestString } from "@std/text";
import { isWritable } from "../lib/platform/files.ts";
import { requireAccess } from "../lib/platform/rights.ts";

/** What a value must be, in words; undefined where it is that. */
type Rule = (value: string) => string | undefined;

const oneOf = (...words: string[]): Rule => (value) =>
  words.includes(value.trim().toLowerCase())
    ? undefined
    : words.slice(0, -1).join(", ") + ` or ${words.at(-1)}`;

const yesOrNo: Rule = (value) =>
  /^(0|1|yes|no|true|false|on|off)$/i.test(value.trim()) ? undefined : "1 or 0";

const wholeNumber = (from: number, to: number): Rule => (value) =>
  /^\d{1,9}$/.test(value) && Number(value) >= from && Number(value) <= to
    ? undefined
    : `a whole number from ${from} to ${to.toLocaleString("en")}`;

const atLeast = (least: number, unit: string): Rule => (value) =>
  /^\d{1,7}(\.\d{1,9})?$/.test(value.trim()) && Number(value) >= least
    ? undefined
    : `a number of ${unit}, ${least} or more`;

/** What no folder is called: nothing but spaces, or with signs that cannot be seen. */
const isNoName = (path: string) => /\p{Cc}/u.test(path) || /(^|\/)\s+$/.test(path);

const folder: Rule = (value) => {
  if (isNoName(value) || value.length > 4000) return "a folder's path";
  try {
    if (!Deno.statSync(value).isDirectory) return "a folder, and is a file";
    requireAccess(value, constants.R_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "EACCES") {
      return Deno.uid() === 0
        ? "a folder that root shares or keeps: as its owner call this, so that no file there becomes root's"
        : "a folder that you may read";
    }
    if (!(error instanceof Deno.errors.NotFound)) return "a folder's path";
    // It is made where something is kept in it.
    return isWritable(value) ? undefined : "a folder that is there or can be made";
  }
};

const presentFolder: Rule = (value) => {
  try {
    return Deno.statSync(value).isDirectory ? undefined : "a folder that is there";
  } catch {
    return "a folder that is there";
  }
};

/** What has no wrong value. */
export const anything: Rule = () => undefined;

export const rules: Record<string, Rule> = {
  TESSERA_BACKEND: oneOf("native", "wasm", "javascript"),
  TESSERA_BENCH_BATCH: wholeNumber(1, 100_000),
  TESSERA_CALLER: anything,
  TESSERA_CONTAINER: yesOrNo,
  TESSERA_DATA: folder,
  TESSERA_DETERMINISTIC: yesOrNo,
  TESSERA_DEVICE: oneOf("auto", "cpu", "gpu"),
  TESSERA_FUSION: oneOf("on", "off", "all"),
  TESSERA_GRADING: folder,
  TESSERA_GRADING_FILES: anything,
  TESSERA_GRADING_UNIT: anything,
  TESSERA_HEADLESS: yesOrNo,
  TESSERA_HOME: folder,
  TESSERA_HUB: yesOrNo,
  TESSERA_IDLE_SECONDS: atLeast(0.1, "seconds"),
  TESSERA_INSPECT: wholeNumber(0, 65_535),
  TESSERA_LANGUAGE_SERVER: yesOrNo,
  TESSERA_LANGUAGE_SOCKET: anything,
  TESSERA_LIMIT_CELL: atLeast(1, "seconds"),
  TESSERA_LIMIT_DISK: atLeast(0.001, "GiB"),
  TESSERA_LIMIT_MEMORY: atLeast(0.1, "GiB"),
  TESSERA_LIMIT_PROCESSES: wholeNumber(1, 1_000_000),
  TESSERA_LIMIT_SUBMISSION: atLeast(1, "seconds"),
  TESSERA_PRECISION: oneOf("float32", "tf32"),
  TESSERA_PYTORCH: anything, // which bench tries out
  TESSERA_QUICK: yesOrNo,
  TESSERA_STARTER: anything,
  TESSERA_TENSORFLOW: presentFolder,
  TESSERA_TEST_SEED: wholeNumber(0, 999_999_999),
  TESSERA_THREADS: wholeNumber(1, 1024),
  TESSERA_TRACE: oneOf("full", "short"),
};

/** What is wrong with the settings, a line each; an empty one is as good as none. */
export function wrongSettings(environment: Record<string, string>): string[] {
  return Object.entries(rules).flatMap(([name, rule]) => {
    const value = environment[name];
    const wanted = value ? rule(value) : undefined;
    if (!wanted) return [];
    const shown = value.length > 60 ? `${value.slice(0, 60)}…` : value;
    return [`${name} is ${JSON.stringify(shown)}, must be ${wanted}.`];
  });
}

/** Names that look like settings and are none, with what may have been meant. */
export function unknownSettings(environment: Record<string, string>): string[] {
  return Object.keys(environment).filter((name) => name.startsWith("TESSERA_") && !(name in rules))
    .map((name) =>
      `there is no setting ${name}. Did you mean ${closestString(name, Object.keys(rules))}?`
    );
}
