/** Whose a hand-in is: one person's, by surname and number, or a group's. */
import { CommandError } from "../../tools/command_error.ts";

export interface Owner {
  kind: "person" | "group";
  /** `Noether-1234567` or `group-7`: the name of the archive, and of the folder when it is graded. */
  id: string;
  /** What a page says: `Noether, 1234567` or `Group 7`. */
  title: string;
}

const person = /^(?<surname>\p{L}[\p{L}\p{M}' .-]*)-(?<number>[\p{L}\p{N}]*\p{N}[\p{L}\p{N}]*)$/u;
const group = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} _-]*$/u;

/** One way to write what keyboards and systems write in several: accents, apostrophes, spaces. */
function plain(name: string): string {
  return name.normalize("NFC").replace(/[’‘ʼ´`]/g, "'").replace(/[‐‑–]/g, "-")
    .replace(/\s+/gu, " ").trim();
}

/** Names of files may have 255 bytes, of which an archive that is being written takes some. */
const mostBytes = 150;
const isTooLong = (id: string) => new TextEncoder().encode(id).length > mostBytes;

/** The person of a name `SURNAME-NUMBER`; undefined where it is none. */
export function personOf(name: string): Owner | undefined {
  const id = plain(name);
  const { surname, number } = person.exec(id)?.groups ?? {};
  return surname === undefined || isTooLong(id) || id.startsWith("group-")
    ? undefined
    : { kind: "person", id, title: `${surname}, ${number}` };
}

/** The group of a name `group-7`, as archives have it; undefined where it is none. */
export function groupOf(name: string): Owner | undefined {
  const id = plain(name);
  if (!/^group-/i.test(id)) return undefined;
  const called = id.slice("group-".length);
  if (!group.test(called) || isTooLong(id)) return undefined;
  return { kind: "group", id: `group-${called}`, title: `Group ${called}` };
}

/** The owner of an archive or a folder by its name. */
export function ownerOf(name: string): Owner | undefined {
  return groupOf(name) ?? personOf(name);
}

/** What `--as` and `--group` say. Throws a `CommandError` where that is no name. */
export function ownerFrom(options: { as?: string; group?: string }): Owner {
  if (options.as !== undefined && options.group !== undefined) {
    throw new CommandError("a hand-in is one person's, --as, or a group's, --group: not both.", 2);
  }
  if (options.group !== undefined) {
    const owner = groupOf(`group-${plain(options.group).replace(/^group[- ]/i, "")}`);
    if (owner) return owner;
    throw new CommandError(
      `"${options.group}" is no group: --group takes its number or name, such as --group 7.`,
      2,
    );
  }
  const owner = personOf(options.as ?? "");
  if (owner) return owner;
  const given = plain(options.as ?? "");
  throw new CommandError(
    isTooLong(given)
      ? `the name after --as is too long: it has ${given.length} letters.`
      : `"${given}" is not SURNAME-NUMBER: --as takes your surname, a hyphen and your number, such as ` +
        "--as Noether-1234567. A surname has letters, and between them spaces, dots, hyphens and apostrophes.",
    2,
  );
}

/** A name that a course's sheets want for the PDF. Throws a `CommandError` where it is none for a file. */
export function reportName(name: string): string {
  const wanted = plain(name).replace(/\.pdf$/i, "");
  if (/^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._'-]*$/u.test(wanted) && !isTooLong(wanted)) return wanted;
  throw new CommandError(
    `"${name}" is no name for a file: --report takes one such as E2_GROUP_7.`,
    2,
  );
}
