/** Random programs, each run eagerly, compiled, and on plain JavaScript: all three must agree. */
import { differences, execute, type Execution, type Way } from "./execute.ts";
import { type FusedShare, fusedShareOf, inWords, sum } from "./fused_share.ts";
import { type Program, programOf } from "./program.ts";

/** Two ways may differ by this much of a tensor's largest value … */
const TOLERANCE = 1e-3;
/** … or by so many times what rounding its start otherwise does to the program. */
const SPREADS = 16;

export interface Verdict {
  /** What does not agree; empty where all is well. */
  problems: string[];
  /** Whether the step was compiled, and why not where it was not. */
  mode: string;
  reason: string;
  /** How much of its elementwise ops ran in fused kernels. */
  share: FusedShare;
}

const eager: Way = { backend: "own", compiled: false, draws: false };
const compiled: Way = { ...eager, compiled: true };
const javascript: Way = { ...eager, backend: "javascript" };

/** Reasons for which a step may stay eager: what it does cannot be recorded, and is said. */
const allowedReasons = /assigns or clones a variable and then updates the same variable/;

/** Runs one program in every way; on plain JavaScript where that is wanted. */
export async function examine(program: Program, plain = true): Promise<Verdict> {
  const problems: string[] = [];
  const shares: FusedShare[] = [];
  let mode = "", reason = "";
  const inTheWay = async (name: string, way: Way): Promise<Execution | null> => {
    try {
      const execution = await execute(program, way);
      if (execution.leaked !== 0) problems.push(`${name}: ${execution.leaked} tensors are left`);
      return execution;
    } catch (error) {
      problems.push(`${name}: ${(error as Error).stack ?? error}`);
      return null;
    }
  };
  const compare = async (names: string, a: Execution | null, b: Execution | null) => {
    if (a === null || b === null) return;
    const far = [...differences(a, b)].filter(([, difference]) => !(difference <= TOLERANCE));
    if (far.length === 0) return;
    const spread = await spreadOf(program);
    const [worst] = far.filter(([what, difference]) =>
      !(difference <= SPREADS * (spread.get(what) ?? 0))
    );
    if (worst) {
      problems.push(`${names}: ${worst[0]} by ${worst[1].toPrecision(3)} of its largest value`);
    }
  };
  const runs: Execution[] = [];
  for (const draws of program.draws.length > 0 ? [false, true] : [false]) {
    const whose = draws ? ", with draws of its own" : "";
    const a = await inTheWay(`eager${whose}`, { ...eager, draws });
    const b = await inTheWay(`compiled${whose}`, { ...compiled, draws });
    await compare(`eager and compiled${whose}`, a, b);
    if (b && b.report.mode !== "compiled") {
      ({ mode, reason } = b.report);
      if (!allowedReasons.test(reason)) problems.push(`stays eager: ${reason}`);
    }
    if (b?.graphDef) shares.push(fusedShareOf(b.report, b.graphDef));
    if (a && !draws) runs.push(a);
  }
  if (plain) {
    const c = await inTheWay("plain JavaScript", javascript);
    await compare("eager and plain JavaScript", runs[0] ?? null, c);
  }
  return { problems, mode: mode || "compiled", reason, share: sum(shares) };
}

/** How far the program's values move where those that it starts from are rounded otherwise. */
async function spreadOf(program: Program): Promise<Map<string, number>> {
  const exact = await execute(program, javascript);
  const spread = new Map<string, number>();
  for (let seed = 1; seed <= 3; seed++) {
    const other = await execute(program, { ...javascript, rounding: { by: 2 ** -22, seed } });
    for (const [what, difference] of differences(exact, other)) {
      spread.set(what, Math.max(spread.get(what) ?? 0, difference));
    }
  }
  return spread;
}

/** Runs `count` programs from `seed` on, on plain JavaScript too unless that is `false`; the exit code. */
export async function runPrograms(
  { count, seed, print, plain = true }: {
    count: number;
    seed: number;
    print: (line: string) => void;
    plain?: boolean;
  },
): Promise<number> {
  const started = performance.now();
  const warn = console.warn;
  console.warn = () => {};
  const shares: FusedShare[] = [];
  let failed = 0, eagerly = 0;
  try {
    for (let at = seed; at < seed + count; at++) {
      const program = programOf(at);
      const { problems, mode, share } = await examine(program, plain);
      shares.push(share);
      if (mode !== "compiled") eagerly++;
      if (problems.length > 0) {
        failed++;
        print(
          `FAILED program ${at}\n${program.text}\n${problems.join("\n")}`.replaceAll(
            "\n",
            "\n    ",
          ),
        );
      }
      const done = at - seed + 1;
      if (done % 1000 === 0) print(`  ${done} programs, ${failed} failed`);
    }
  } finally {
    console.warn = warn;
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  print(
    `${count - failed} of ${count} programs agree ` +
      `${plain ? "eagerly, compiled and on plain JavaScript" : "eagerly and compiled"}, ` +
      `${eagerly} of them without being compiled; ${inWords(sum(shares))}${seconds} s`,
  );
  return failed === 0 ? 0 : 1;
}
