/** Three-way merge and comparison of texts, line by line. */
import { diff3Merge, diffComm } from "node-diff3";

/** A place that both sides have changed, each in its own way. */
export interface Conflict {
  mine: string;
  theirs: string;
}

/** A merged text, and where both sides had changed the same lines. */
export interface MergedText {
  text: string;
  conflicts: Conflict[];
}

/**
 * Brings into `mine` what changed from `base` to `theirs`. Where both changed the same lines, those of
 * `mine` stay and the place is a conflict.
 *
 * The algorithm is diff3's (Khanna, Kunal and Pierce, "A Formal Investigation of Diff3", 2007).
 */
export function mergeText(base: string, mine: string, theirs: string): MergedText {
  const conflicts: Conflict[] = [];
  const lines = diff3Merge(mine.split("\n"), base.split("\n"), theirs.split("\n"))
    .flatMap(({ ok, conflict }) => {
      if (ok) return ok;
      const { a, b } = conflict!;
      conflicts.push({ mine: a.join("\n"), theirs: b.join("\n") });
      return a;
    });
  return { text: lines.join("\n"), conflicts };
}

/** One line of a comparison: in both texts, in the first alone (`-`), or in the second alone (`+`). */
export interface ComparedLine {
  mark: " " | "-" | "+";
  text: string;
}

/** Two texts as one list of lines; equal texts give lines marked with a space only. */
export function compareText(before: string, after: string): ComparedLine[] {
  const marked = (mark: ComparedLine["mark"]) => (text: string): ComparedLine => ({ mark, text });
  return diffComm(before.split("\n"), after.split("\n")).flatMap((part) =>
    part.common ? part.common.map(marked(" ")) : [
      ...part.buffer1.map(marked("-")),
      ...part.buffer2.map(marked("+")),
    ]
  );
}

/** The most of these different numbers that ascend as they stand; the rest is out of its place. */
export function inOrder(numbers: readonly number[]): Set<number> {
  const sorted = [...numbers].sort((a, b) => a - b);
  return new Set(diffComm([...numbers], sorted).flatMap(({ common = [] }) => common));
}
