/** Settings of a trainer whose names are misspelt. */
import { failure } from "../engine/check.ts";

/** All settings of a trainer. */
const settings = [
  ...["model", "train", "validation", "optimizer", "schedule", "epochs", "batchSize", "transforms"],
  ...["loss", "seed", "callbacks", "compile", "dropLast", "maximumGradientNorm", "averageDecay"],
  "progress",
];

/** A misspelt setting is not seen by the trainer, which takes its default. What else is there does no harm. */
export function checkSpelling(options: object): void {
  const missing = settings.filter((name) => !(name in options));
  for (const key of Object.keys(options)) {
    if (settings.includes(key)) continue;
    const meant = missing.find((name) => isLike(key.toLowerCase(), name.toLowerCase()));
    if (meant === undefined) continue;
    throw failure(
      `A trainer has no setting \`${key}\`: it is called \`${meant}\`.`,
      "Names count letter by letter, capital letters too. A setting of another name has no effect.",
    );
  }
}

/** Whether two words are the same but for one letter, two that are exchanged, or an "s" at the end. */
function isLike(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1) return false;
  let start = 0;
  while (start < short.length && short[start] === long[start]) start++;
  if (long.length > short.length) return long.slice(start + 1) === short.slice(start);
  const exchanged = long[start + 1] === short[start] && long[start] === short[start + 1];
  return long.slice(start + 1) === short.slice(start + 1) ||
    exchanged && long.slice(start + 2) === short.slice(start + 2);
}
