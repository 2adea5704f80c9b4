/**
 * What becomes of submissions in a class. Each kind changes a submission, and works out itself what it costs from
 * what it has changed.
 */
import { BlobWriter, TextReader, ZipWriter } from "@zip.js/zip.js";
import type { Cell, Notebook } from "../../../tools/notebooks.ts";
import { textOf } from "../../../tools/notebooks.ts";
import { idOf, type Task, type Unit } from "./course.ts";

/** A submission while kinds change it. */
export interface Draft {
  unit: Unit;
  notebook: Notebook;
  /** Files beside it. */
  files: Record<string, string>;
  /** Links beside it, by what they lead to, and names of pipes. */
  links?: Record<string, string>;
  pipes?: string[];
  /** What it is handed in as. */
  name: string;
  /** Makes the file; JSON of the notebook, where no kind has changed it. */
  encode: (notebook: Notebook) => Promise<Uint8Array> | Uint8Array;
  /** Checks that get nothing. */
  lost: Set<string>;
  /** Why nothing of it can be graded, as a part of what is said. */
  ungraded?: RegExp;
  /** What staff must be told, by the kind of warning. */
  warnings: Set<string>;
}

export interface Kind {
  name: string;
  /** Whether it runs into a limit, so that it takes long. */
  isSlow?: boolean;
  /** Which solution it is about is drawn; kinds of files pay no heed to it. */
  change(draft: Draft, solution: Task): void;
}

const utf8 = (text: string) => new TextEncoder().encode(text);

export function cellOf(draft: Draft, id: string): Cell {
  return draft.notebook.cells.find((cell) => idOf(cell) === id)!;
}

/** Puts a cell of the learner's own before a task's. */
export function addCell(draft: Draft, before: string, source: string): void {
  const index = draft.notebook.cells.findIndex((cell) => idOf(cell) === before);
  draft.notebook.cells.splice(index, 0, {
    ...{ cell_type: "code", id: `own-${draft.notebook.cells.length}`, metadata: {}, source },
    ...{ outputs: [], execution_count: null },
  });
  draft.warnings.add("cell added");
}

/** A kind that spoils a solution's cell. */
const spoilt = (name: string, spoil: (text: string) => string, isSlow = false): Kind => ({
  ...{ name, isSlow },
  change(draft, solution) {
    const cell = cellOf(draft, solution.id);
    cell.source = spoil(textOf(cell));
    for (const check of solution.about) draft.lost.add(check);
  },
});

/** A kind by which a solution's cell fails in its first line. */
const failing = (name: string, line: string): Kind => ({
  name,
  change(draft, solution) {
    const cell = cellOf(draft, solution.id);
    const text = textOf(cell);
    cell.source = `${line}\n${text}`;
    // A function that is declared below is there all the same.
    if (/^(?:async )?function /m.test(text)) return;
    for (const check of solution.about) draft.lost.add(check);
  },
});

/** A kind that costs nothing: code in a cell of the learner's own. */
const ownCell = (name: string, source: string, isSlow = false): Kind => ({
  ...{ name, isSlow },
  change: (draft, solution) => addCell(draft, solution.id, source),
});

/** A kind of which nothing can be known. */
const unreadable = (name: string, content: string | Uint8Array, reason: RegExp): Kind => ({
  name,
  change(draft) {
    draft.encode = () => typeof content === "string" ? utf8(content) : content;
    draft.ungraded = reason;
  },
});

/** A kind that changes the file and costs nothing. */
const encoded = (
  name: string,
  encode: (text: string) => Uint8Array | Promise<Uint8Array>,
): Kind => ({
  name,
  change(draft) {
    const before = draft.encode;
    draft.encode = async (notebook) => {
      const bytes = await before(notebook);
      return await encode(new TextDecoder().decode(bytes));
    };
    draft.warnings.add("repaired");
  },
});

/** A kind that changes the notebook once all others have, and costs nothing. */
const changedLast = (name: string, change: (notebook: Notebook) => void): Kind => ({
  name,
  change(draft) {
    const before = draft.encode;
    draft.encode = (notebook) => {
      const changed = structuredClone(notebook);
      change(changed);
      return before(changed);
    };
  },
});

async function zipped(name: string, text: string): Promise<Uint8Array> {
  const writer = new ZipWriter(new BlobWriter());
  await writer.add(name, new TextReader(text));
  return new Uint8Array(await (await writer.close()).arrayBuffer());
}

function utf16(text: string): Uint8Array {
  const bytes = new Uint8Array(2 + 2 * text.length);
  bytes.set([0xff, 0xfe]);
  for (let i = 0; i < text.length; i++) {
    bytes[2 + 2 * i] = text.charCodeAt(i);
    bytes[3 + 2 * i] = text.charCodeAt(i) >> 8;
  }
  return bytes;
}

/** Marks as git leaves them, round a line of the notebook's metadata. */
function conflicted(text: string): string {
  const at = text.lastIndexOf(' "metadata"');
  const end = text.indexOf("\n", at) + 1;
  const line = text.slice(at, end);
  return `${text.slice(0, at)}<<<<<<< HEAD\n${line}=======\n${line}>>>>>>> theirs\n${
    text.slice(end)
  }`;
}

export const kinds: readonly Kind[] = [
  { name: "as solved", change: () => {} },
  spoilt("syntax error", (text) => `${text}\n(((`),
  spoilt("not solved", () => 'throw new Error("Not solved yet");'),
  failing("throws", 'throw new TypeError("mine");'),
  failing("asks for the kernel's end", "Deno.exit();"),
  spoilt("ends the kernel", (text) => `Deno.kill(Deno.pid, "SIGKILL");\n${text}`),
  spoilt("endless loop", (text) => `while (true);\n${text}`, true),
  spoilt(
    "never settles",
    (text) => `await new Promise(() => setInterval(() => 0, 1e9));\n${text}`,
    true,
  ),
  spoilt(
    "memory",
    (text) =>
      `globalThis.hoard = [];\nwhile (true) hoard.push(new Float64Array(4e6).fill(1));\n${text}`,
    true,
  ),
  ownCell("own cell fails", "undefined.mine;"),
  ownCell("own error stream", 'console.error("mine"); console.warn("mine");'),
  ownCell("hundred thousand lines", "for (let i = 0; i < 1e5; i++) console.log(i);"),
  ownCell(
    "large outputs",
    'for (let i = 0; i < 100; i++) console.log(("x".repeat(99) + "\\n").repeat(1e4));',
  ),
  ownCell("own loop", "while (true);", true),
  ownCell("late error", 'setTimeout(() => { throw new Error("late"); }, 20);'),
  ownCell("own processes", 'new Deno.Command("sleep", { args: ["100"] }).spawn();'),
  {
    name: "copied check",
    change(draft, solution) {
      const index = draft.notebook.cells.findIndex((cell) => idOf(cell) === solution.about[0]);
      const copy = structuredClone(draft.notebook.cells[index]);
      copy.id = "copied-check";
      draft.notebook.cells.splice(index, 0, copy);
      draft.warnings.add("repaired");
    },
  },
  {
    name: "check deleted",
    change(draft, solution) {
      draft.notebook.cells = draft.notebook.cells.filter((cell) =>
        idOf(cell) !== solution.about[0]
      );
      draft.warnings.add("cell missing");
    },
  },
  {
    name: "check rewritten",
    change(draft, solution) {
      cellOf(draft, solution.about[0]).source = "1;";
      draft.warnings.add("cell changed");
    },
  },
  changedLast("metadata dropped", (notebook) => {
    notebook.metadata = {};
    for (const cell of notebook.cells) {
      cell.metadata = {};
      delete cell.id;
    }
  }),
  changedLast("metadata spoilt", (notebook) => {
    const spoilt = [[1], { grade_id: ["check"] }, { grade_id: 7, grade: true }, "check", null];
    notebook.cells.forEach((cell, index) => {
      if (cell.metadata.nbgrader) cell.metadata.nbgrader = spoilt[index % spoilt.length];
    });
  }),
  {
    name: "renamed",
    change(draft) {
      draft.name = "Copy of my notebook (2).ipynb";
      draft.warnings.add("repaired");
    },
  },
  encoded("byte order mark", (text) => utf8(`\ufeff${text}`)),
  encoded("UTF-16", utf16),
  encoded("ZIP in its place", (text) => zipped("mine.ipynb", text)),
  encoded("merge conflict", (text) => utf8(conflicted(text))),
  unreadable("empty", "", /empty/),
  unreadable("PDF in its place", "%PDF-1.7\n", /PDF/),
  unreadable("half a file", '{"cells": [{"cell_type": "co', /no JSON/),
  unreadable("other ZIP", new Uint8Array([0x50, 0x4b, 3, 4, 1, 2]), /ZIP/),
];
