/** What a check made of a mutant. */
import { guess, isGeneral } from "../../lib/exercises/engine/general_causes.ts";
import type { Mutant } from "./operators.ts";

export type Verdict = "passed" | "named" | "located" | "caught" | "misled";

/** Words of messages that say what is wrong, beside the difference of values. */
const causes =
  /what one gets|Likely cause|parameter `[^`]*` has the wrong shape|are the expected ones|these are missing|should have|should be|it should not have|one and the same|exchanged|another result each time|no gradient|gives the same as|does the same as|does not use|uses `|has no effect|does not pass by|the first values of|no activation|is not written yet|stays? as|trained on|Likely|not a Module/;

/**
 * A message names the mistake, or shows the line at which values depart, or only says that values are wrong.
 * It misleads where it shows a line that comes before the one that was changed.
 */
export function judge(mutant: Mutant, error: Error | undefined): Verdict {
  if (!error) return "passed";
  const { message } = error;
  if (isMisled(mutant, message)) return "misled";
  // That sizes do not fit is no name yet, nor is what was only guessed.
  const isName = (line: string) =>
    causes.test(line) && !isGeneral(line) && !line.trim().startsWith(guess);
  if (message.split("\n").some(isName)) return "named";
  return /those of `|It happened in/.test(message) ? "located" : "caught";
}

function isMisled({ cell, line }: Mutant, message: string): boolean {
  const shown = /(?:those of|It happened in) `([^`]*(?:`[^`]*`)?[^`]*?)`(?: in|,|\.)/.exec(message)
    ?.[1];
  if (!shown) return false;
  const lines = cell.split("\n").map(bare);
  const [at, changed] = [
    lines.findIndex((each) => each.includes(bare(shown.replace(/…$/, "")))),
    lines.indexOf(bare(line)),
  ];
  if (at < 0 || changed < 0 || at >= changed) return false;
  // A constructor stands above or below what it makes; only lines of one function have an order.
  return !lines.slice(at, changed).some((each) => /^\w+\(.*\{$/.test(each));
}

/** Code without types, spaces and comments, in which the kernel's JavaScript and TypeScript agree. */
function bare(code: string): string {
  return code.replace(/\/\/.*$/, "").replace(/ as \w+(?:<[^>]*>)?/g, "").replace(
    /: (?:tf\.)?\w+(?:\[\])?(?= =)/g,
    "",
  )
    .replace(/[\s!]/g, "");
}
