/**
 * The class list, `grading/class.csv`, with the columns of nbgrader's own and one for groups. `grade` tells
 * nbgrader's gradebook of it, whose own import knows neither semicolons nor a byte order mark.
 */
import { parse } from "@std/csv";
import { join } from "node:path";
import { readTextIfThere } from "../lib/platform/files.ts";
import { CommandError, shown } from "../tools/command.ts";
import { ownerOf } from "./handing_in/owner.ts";
import { gradingFolder } from "./result.ts";

export interface Learner {
  /** `SURNAME-NUMBER`, or a pseudonym: what folders and the gradebook call the learner. */
  id: string;
  firstName?: string;
  lastName?: string;
  email?: string;
  group?: string;
}

const classListFile = join(gradingFolder, "class.csv");

/** The people of the class in order of the list; undefined where there is no list. */
export function readClassList(file = classListFile): Learner[] | undefined {
  const text = readTextIfThere(file)?.replace(/^\uFEFF/, "");
  if (text === undefined) return undefined;
  if (/[\uFFFD\0]/.test(text)) {
    throw new CommandError(
      `${shown(file)} is not in UTF-8: save it from the spreadsheet as "CSV UTF-8".`,
    );
  }
  const separator = text.split("\n")[0].includes(";") ? ";" : ",";
  let rows: Record<string, string>[];
  try {
    rows = parse(text, { skipFirstRow: true, separator, trimLeadingSpace: true });
  } catch (error) {
    throw new CommandError(`${shown(file)} cannot be read as CSV: ${(error as Error).message}`);
  }
  const seen = new Set<string>();
  return rows.map((row, index) => {
    const value = (name: string) => row[name]?.trim().normalize("NFC") || undefined;
    const id = ownerOf(value("id") ?? "")?.id ?? value("id");
    if (!id) {
      throw new CommandError(
        `${shown(file)}, line ${index + 2}: there is no id. Its first line names the columns: ` +
          "id,first_name,last_name,email,group",
      );
    }
    if (/[/\\]|^\./.test(id)) {
      throw new CommandError(`${shown(file)}, line ${index + 2}: "${id}" names no folder.`);
    }
    if (seen.has(id)) throw new CommandError(`${shown(file)}: ${id} is listed twice.`);
    seen.add(id);
    const [firstName, lastName, email] = ["first_name", "last_name", "email"].map(value);
    return { id, firstName, lastName, email, group: value("group")?.replace(/^group[- ]/i, "") };
  });
}

/** The members of a group by its id, `group-7`. */
export function membersOf(group: string, list: readonly Learner[]): Learner[] {
  const called = group.replace(/^group-/, "");
  return list.filter((learner) => learner.group === called);
}
