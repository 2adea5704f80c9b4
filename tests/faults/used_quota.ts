/** A quota that is used up: strace answers for the system, in its words, since a real one needs a disk made for it. */
import { findProgram } from "../browsers/find_program.ts";

const strace = findProgram("strace");
if (!strace) console.warn("NO QUOTA IS TRIED: strace is not installed.");

/** Whether a quota can be tried here. */
export const hasQuotas = strace !== undefined;

/**
 * How a program is started that finds the quota used up when what it wrote is to be on the disk, as network drives
 * say it; or, where a file is given, when it writes to that.
 */
export function withUsedQuota(command: readonly string[], file?: string): string[] {
  const calls = file ? "write" : "fsync,fdatasync";
  return [
    ...[strace!, "-f", "-qq", "-o", "/dev/null", "-e", "signal=none", "-e", `trace=${calls}`],
    ...["-e", `inject=${calls}:error=EDQUOT`],
    ...(file ? ["-P", file] : ["--seccomp-bpf"]),
    ...command,
  ];
}
