/** What a trace of system calls shows of writing: `strace -f -y -e trace=file`, or `writing` for less of it. */
import { resolve } from "node:path";

/** For strace: of all calls on files those that may write. Looking is most of what a program does, and each call stops it. */
export const writing =
  "trace=/^(open|creat|mk|rm|rename|link|symlink|unlink|truncate|ch(mod|own)|fch(mod|own)at|lch|utime|futimes|l?setx|l?remov)";

/** Calls that change what lies at a path, whichever way they are opened. */
const changing =
  /^(creat|(mk|rm)dir|mkdirat|mknod|rename|link|symlink|unlink|truncate|f?ch(mod|own)|lch|utime|setxattr)/;
const call = /^\d+ +(\w+)\((.*)$/;
const place = /(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"/g;

/**
 * The lines of a trace that write below a folder, or try to: those that fail, too. Of a path that a call
 * gives by its last part alone the trace does not say where it lies: it counts where it was refused.
 */
export function writesBelow(folder: string, trace: string): string[] {
  const isBelow = (path: string) => path === folder || path.startsWith(`${folder}/`);
  return trace.split("\n").filter((line) => {
    const [, name, rest] = call.exec(line) ?? [];
    if (!name) return false;
    const opens = name.startsWith("open") && /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(rest);
    if (!opens && !changing.test(name)) return false;
    return [...rest.matchAll(place)].some(([, from, path]) =>
      from === undefined && !path.startsWith("/")
        ? rest.includes("EACCES")
        : isBelow(resolve(from ?? "/", path))
    );
  });
}
