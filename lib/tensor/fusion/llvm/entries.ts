/** The functions of a kernel that are called from outside. */
import { type KernelForm, productTensors } from "../kernel_form.ts";
import { Body, float, functionText } from "./text.ts";
import type { LoopHints } from "./tuning.ts";

/** What runs some rows, or some matrices, and what adds up the blocks' sums over rows. */
export const ROWS = "tessera_rows", FINISH = "tessera_finish";

/** Takes the addresses of inputs and outputs as one list. */
export function entryText(form: KernelForm): string {
  const body = new Body();
  const count = form.inputs + form.outputs.length + productTensors(form);
  const pointers = Array.from(
    { length: count },
    (_, at) => `ptr ${body.load("ptr", body.at("%pointers", at, "ptr"))}`,
  );
  body.do(
    `call void @rows(${[...pointers, "i64 %begin", "i64 %end", "ptr %partial"].join(", ")})`,
  );
  body.do("ret void");
  return functionText(
    `void @${ROWS}(ptr %pointers, i64 %begin, i64 %end, ptr %partial) #0`,
    body,
  );
}

/** Adds up what the blocks of rows have summed, in their order. */
export function finishText(
  { width, inputs, outputs, values }: KernelForm,
  totals: readonly number[],
  hints: LoopHints,
): string {
  const body = new Body();
  const all = totals.length * width;
  outputs.forEach(({ value: index }, at) => {
    const value = values[index];
    if (value.kind !== "total") return;
    const to = body.load("ptr", body.at("%pointers", inputs + at, "ptr"));
    const first = totals.indexOf(index) * width;
    body.loop(`column${at}`, [0, width], (column) => {
      const target = body.at(to, column);
      const start = body.value(`add i64 ${column}, ${first}`);
      body.store("float", float(0), target);
      body.loop(`block${at}`, [0, "%blocks"], (block) => {
        const from = body.value(`add i64 ${start}, ${body.value(`mul i64 ${block}, ${all}`)}`);
        const part = body.load("float", body.at("%partial", from));
        const sum = body.value(`fadd float ${body.load("float", target)}, ${part}`);
        body.store("float", sum, target);
      }, hints.staysLoop());
      if (value.factor !== 1) {
        const scaled = body.value(
          `fmul float ${body.load("float", target)}, ${float(value.factor)}`,
        );
        body.store("float", scaled, target);
      }
    }, hints.staysLoop());
  });
  body.do("ret void");
  return functionText(`void @${FINISH}(ptr %pointers, ptr %partial, i64 %blocks) #0`, body);
}
