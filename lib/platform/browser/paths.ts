import { host } from "./host.ts";

/** The last part of a path. */
export function basename(path: string): string {
  return path.replace(/\/+$/, "").replace(/^.*\//, "");
}

/** The folder in which a path lies. */
export function dirname(path: string): string {
  const parts = path.replace(/\/+$/, "").split("/");
  parts.pop();
  return parts.join("/") || (path.startsWith("/") ? "/" : ".");
}

/** A path without `.`, and without `..` where there is something that it leaves. */
function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (!path.startsWith("/")) parts.push(part);
  }
  return (path.startsWith("/") ? "/" : "") + parts.join("/") || ".";
}

export function join(...parts: string[]): string {
  return normalize(parts.filter((part) => part !== "").join("/") || ".");
}

/** A whole path, seen from the folder in which cells run. */
export function resolve(...parts: string[]): string {
  const from = parts.findLastIndex((part) => part.startsWith("/"));
  return normalize(
    [...from < 0 ? [host().folder] : [], ...parts.slice(Math.max(0, from))].join("/"),
  );
}

/** The way from one folder to another path. */
export function relative(from: string, to: string): string {
  const [start, end] = [from, to].map((path) => resolve(path).split("/").filter(Boolean));
  let common = 0;
  while (common < start.length && start[common] === end[common]) common++;
  return [...start.slice(common).map(() => ".."), ...end.slice(common)].join("/");
}
