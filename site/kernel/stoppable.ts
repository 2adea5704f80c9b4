/** Lets Stop reach code: what it awaits, and its loops. */
import type { Edits } from "./edits.ts";
import { type acorn, type Node, nodesIn } from "./syntax.ts";

const loops = [
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "WhileStatement",
  "DoWhileStatement",
];

/**
 * In the body of every loop: counts down, and asks now and then whether Stop was pressed. `asWritten` of
 * `lib/exercises/engine/learner_code.ts` knows it; with `;` before it the block is the kernel's own, too.
 */
const ask = "if(--__tessera.turns<0)__tessera.ask();";

/** Marks awaits, loops and dynamic imports of code for `__tessera` (see `runtime.ts`). */
export function makeStoppable(code: Node, edits: Edits, { inModule = false } = {}): void {
  // A module that Stop broke off while it is loaded would stay broken: what it awaits then runs through.
  const untouched = new Set<Node>();
  if (inModule) { for (const node of outsideFunctions(code)) untouched.add(node); }
  for (const node of nodesIn(code)) {
    if (untouched.has(node)) continue;
    if (node.type === "AwaitExpression") edits.wrap(node.argument, "__tessera(", ")");
    else if (node.type === "ForOfStatement" && node.await) {
      edits.wrap(node.right, "__tessera.each(", ")");
    } else if (node.type === "ImportExpression") {
      edits.replace({ start: node.start, end: node.start + "import".length }, "__tessera.load");
    }
    if (!loops.includes(node.type)) continue;
    const { body } = node as acorn.WhileStatement;
    if (body.type === "BlockStatement") edits.insert(body.start + 1, ask);
    else edits.wrap(body, `{;${ask}`, "}");
  }
}

/** The nodes that run when a module is loaded. */
function* outsideFunctions(node: Node): Generator<Node> {
  if (/Function/.test(node.type)) return;
  yield node;
  for (const value of Object.values(node)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each && typeof each.type === "string") yield* outsideFunctions(each);
    }
  }
}
