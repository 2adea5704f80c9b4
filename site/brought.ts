/**
 * What `course/files.json` says of the files that the site brings, by their path in the course. The
 * maker writes it and the kernel's worker reads it; it stands alone, as each has packages of its own.
 */
export type Brought = Record<string, { size: number; gzip?: boolean }>;
