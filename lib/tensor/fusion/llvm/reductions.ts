/**
 * The greatest and the smallest number of a row. LLVM makes no vectors of a comparison of floats that keeps NaN;
 * it does of whole numbers. So floats are compared by keys: whole numbers in the same order, with −0 below 0, and
 * NaN beyond all others, so that it comes out wherever it is in the row.
 */
import { type Body, float } from "./text.ts";

type Operation = "sum" | "maximum" | "minimum";

/** The keys of NaN, above all in a search for the greatest number, below all in one for the smallest. */
const keyOfNaN = { maximum: 0x7fc0_0000, minimum: -0x7fc0_0001 };
const keyOfInfinity = 0x7f80_0000;

/** What a reduction begins with: a float for a sum, else a key. */
export function startOf({ operation }: { operation: Operation }): string {
  if (operation === "sum") return float(0);
  return `${operation === "maximum" ? -keyOfInfinity - 1 : keyOfInfinity}`;
}

/** The bits of numbers below zero but for the sign go the other way round; doing so again undoes it. */
function turned(body: Body, bits: string): string {
  const sign = body.value(`ashr i32 ${bits}, 31`);
  return body.value(`xor i32 ${bits}, ${body.value(`and i32 ${sign}, ${0x7fff_ffff}`)}`);
}

export function orderedKey(body: Body, x: string, operation: "maximum" | "minimum"): string {
  const key = turned(body, body.value(`bitcast float ${x} to i32`));
  const isNaN = body.value(`fcmp uno float ${x}, 0.0`);
  return body.value(`select i1 ${isNaN}, i32 ${keyOfNaN[operation]}, i32 ${key}`);
}

export function valueOfKey(body: Body, key: string): string {
  return body.value(`bitcast i32 ${turned(body, key)} to float`);
}
