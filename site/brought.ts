/**
 * What `course/files.json` says of the files that the site brings, by their path in the course. The
 * maker writes it and the kernel's worker reads it; it stands alone, as each has packages of its own.
 */
export type Brought = Record<string, {
  /** Bytes. */
  size: number;
  /** Whether it lies there packed, with `.gz` at its name's end; then its size as such. */
  gzip?: boolean;
  packed?: number;
  /** Of what lies there, packed and as a host may unpack it, in hexadecimal; of data sets alone. */
  sha256?: string[];
}>;

/** What `course/course.json` says of the course that the site brings. */
export interface CourseFacts {
  /** The course's version, with a mark that changes with its exercises. */
  version: string;
  /** The learners' notebooks and the modules beside them, by path: `unit0/first_steps.ipynb`. */
  files: string[];
  /** How many epochs the trainings have whose weights the site brings, by recipe. */
  recipes: Record<string, number>;
}
