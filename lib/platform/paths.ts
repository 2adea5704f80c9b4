/** Paths of files, as this platform writes them. */
export { basename, dirname, join, relative, resolve } from "node:path";
