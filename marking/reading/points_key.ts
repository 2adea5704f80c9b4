/** What an answer in words gets its points for, question by question: `points_keys.json`, for those who grade. */
import keys from "./points_keys.json" with { type: "json" };
import type { Question } from "../book.ts";

export interface KeyEntry {
  points: number;
  /** For what, in Markdown. */
  for: string;
}

const all = keys as Record<string, Record<string, readonly KeyEntry[]>>;

/** The key of a question; nothing where there is none. */
export function pointsKey(
  { notebook, task }: Pick<Question, "notebook" | "task">,
): readonly KeyEntry[] {
  return all[notebook]?.[task] ?? [];
}
