/** The functions of a kernel that works on units of its own, whatever those are. */
import { FINISH, ROWS } from "./entries.ts";
import type { KernelText } from "./kernel.ts";
import type { Scratch } from "./memory.ts";
import { Body, functionText } from "./text.ts";
import { attributesText, type Tuning } from "./tuning.ts";

/** A kernel whose body takes tensors, the last of which it makes, and the units from `%begin` to `%end`. */
export function kernelOf(
  body: Body,
  parameters: readonly string[],
  { tuning, scratch, before = [] }: {
    tuning: Tuning;
    scratch?: Scratch;
    before?: readonly string[];
  },
): KernelText {
  const taken = parameters.map((name, at) =>
    `ptr noalias ${at < parameters.length - 1 ? "readonly " : ""}${name}`
  );
  const head = `internal void @rows(${taken.join(", ")}, i64 %begin, i64 %end) noinline #0`;
  const entry = new Body(), nothing = new Body();
  const pointers = parameters.map((_, at) =>
    `ptr ${entry.load("ptr", entry.at("%pointers", at, "ptr"))}`
  );
  entry.do(`call void @rows(${pointers.join(", ")}, i64 %begin, i64 %end)`);
  entry.do("ret void");
  nothing.do("ret void"); // no sums over units are to be finished
  const text = [
    ...[...before, functionText(head, body)],
    functionText(`void @${ROWS}(ptr %pointers, i64 %begin, i64 %end, ptr %partial) #0`, entry),
    functionText(`void @${FINISH}(ptr %pointers, ptr %partial, i64 %blocks) #0`, nothing),
    attributesText(tuning),
  ];
  return { text: text.join("\n"), partials: 0, scratchBytes: scratch?.bytes ?? 0 };
}
