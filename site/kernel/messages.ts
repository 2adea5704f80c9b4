/** What the page and the kernel's worker say to each other. */
import type { Failure } from "./errors.ts";
import type { Completion } from "./help.ts";

/** One output in every form that a front end may choose from, by MIME type. */
export type MimeBundle = Record<string, unknown>;

/** What a worker loads the library with, before there is a notebook. */
export interface Preparation {
  /** The address of the course's folder in the site, with a slash at its end. */
  course: string;
  /** What stands in the place of environment variables. */
  environment: Record<string, string>;
}

/** What a notebook's kernel begins with. */
export interface Settings {
  /** The notebook's folder: `/home/unit1`. */
  folder: string;
  /** The learner's own files and folders, by path: those that the browser keeps. */
  stored: StoredFile[];
}

export interface StoredFile {
  path: string;
  isDirectory: boolean;
  size: number;
  changed: number;
}

export type ToWorker =
  | { kind: "prepare"; preparation: Preparation }
  | { kind: "start"; settings: Settings }
  /** `stopFlag` is an address that can be read until Stop is pressed: a loop can ask for it, and wait. */
  | { kind: "run"; code: string; count: number; stopFlag: string }
  | { kind: "interrupt" }
  /** Completion or help at a place of a cell, in UTF-16 units. */
  | { kind: "help"; id: number; wanted: "completion" | "help"; code: string; cursor: number }
  /** Something else than this worker has changed a file: what is there now. */
  | { kind: "file"; path: string; now: StoredFile | null }
  | { kind: "answer"; id: number; value?: unknown; error?: string };

export type FromWorker =
  | { kind: "stream"; name: "stdout" | "stderr"; text: string }
  | { kind: "message"; type: string; content: Record<string, unknown> }
  | { kind: "result"; data: MimeBundle }
  | { kind: "failure"; failure: Failure }
  | { kind: "done"; failure?: Failure }
  /** The worker has heard of Stop. */
  | { kind: "interrupted" }
  | { kind: "help"; id: number; completion?: Completion; help?: string }
  | { kind: "ask"; id: number; request: FileRequest };

/** What only the page can do: JupyterLite's files, which the file browser shows. */
export type FileRequest =
  | { do: "read"; path: string }
  | { do: "write"; path: string; content: Uint8Array<ArrayBuffer> | Blob }
  | { do: "remove"; path: string }
  | { do: "make folder"; path: string };
