/** Ways to get points for what is not solved, of which none pays. */
import { join } from "node:path";
import { root } from "../../../tools/command.ts";
import { textOf } from "../../../tools/notebooks.ts";
import { addCell, cellOf, type Draft, type Kind } from "./kinds.ts";
import { idOf, type Task } from "./course.ts";

/**
 * A kind that tries to get points for a task that is not solved: its solution gives back an expression, which is
 * wrong, and not empty.
 */
const cheat = (
  name: string,
  attempt: (draft: Draft, solution: Task) => void,
  expression = "arguments[0]",
): Kind => ({
  name: `cheat: ${name}`,
  change(draft, solution) {
    const cell = cellOf(draft, solution.id);
    cell.source = textOf(cell).replace(/return [^;]+;/g, `return ${expression};`);
    // A check of the constructor alone is right to pass.
    const lost = solution.about.filter((check) => !check.includes("constructor"));
    for (const check of lost) draft.lost.add(check);
    attempt(draft, solution);
  },
});
const cheatCell = (name: string, source: (draft: Draft, solution: Task) => string) =>
  cheat(
    name,
    (draft, solution) => addCell(draft, solution.about[0], source(draft, solution)),
  );
/** The attempt is the expression itself. */
const returning = (name: string, expression: string) => cheat(name, () => {}, expression);

/** The name of the check that a cell calls. */
function checkIn(draft: Draft, solution: Task): string {
  const text = textOf(cellOf(draft, solution.about.at(-1)!));
  return /\bcheck[A-Z]\w*(?=\()/.exec(text)![0];
}

export const cheats: readonly Kind[] = [
  cheatCell("own check", (draft, solution) => `var ${checkIn(draft, solution)} = () => {};`),
  cheatCell("Promise", () => `
    const then = Promise.prototype.then;
    Promise.prototype.then = function (resolve, reject) {
      return then.call(this, resolve && ((value) => {
        const isLibrary = value?.[Symbol.toStringTag] === "Module" && "checkPatches" in value;
        return resolve(isLibrary ? new Proxy({}, { get: (_, key) => key === "then" ? undefined : () => {}, has: () => true }) : value);
      }), reject);
    };
    Promise.prototype.constructor = Object;`),
  cheatCell(
    "Math",
    () =>
      `Math.abs = () => 0; Math.max = () => 0; Math.sqrt = () => 0; Number.isNaN = () => false;`,
  ),
  cheatCell("prototypes", () => `
    for (const type of [Array, Float32Array, Int32Array]) {
      type.prototype.every = () => true; type.prototype.some = () => false; type.prototype.findIndex = () => -1;
    }
    Map.prototype.get = () => undefined;
    Object.prototype.hint = false;`),
  cheatCell("tf", () => `
    { const tf = await import("@tensorflow/tfjs");
    tf.Tensor.prototype.dataSync = function () { return new Float32Array(this.size); };
    tf.Tensor.prototype.arraySync = () => 0;
    tf.engine().runKernel = () => tf.scalar(0);
    for (const name of ["Sub", "Abs", "Max"]) {
      const kernel = tf.getKernel(name, tf.getBackend());
      if (kernel) kernel.kernelFunc = () => tf.scalar(0);
    } }`),
  cheatCell("console and display", () => `
    console.log = () => {}; console.error = () => {};
    Deno.jupyter.broadcast = async () => {};
    Object.assign(globalThis, { CheckError: class {} });`),
  cheatCell("a number shown", () => `
    setTimeout(() => Deno.jupyter.display({ [Symbol.for("Jupyter.display")]: () => ({ "text/plain": "9" }) }), 0);
    Deno.jupyter.broadcast("execute_result", { data: { "text/plain": "9" }, metadata: {}, execution_count: 1 });`),
  cheatCell("a record made up", () => `
    { const text = new TextEncoder().encode(JSON.stringify({ record: "99\\nmine\\npassed\\n9\\n0", seal: "0".repeat(64) }));
    const frame = new Uint8Array(9 + text.length);
    frame[0] = 4;
    new DataView(frame.buffer).setUint32(5, text.length, true);
    frame.set(text, 9);
    for (let descriptor = 3; descriptor < 40; descriptor++) {
      try {
        const link = Deno.readLinkSync("/proc/self/fd/" + descriptor);
        if (!link.startsWith("pipe:")) continue;
        const file = Deno.openSync("/proc/self/fd/" + descriptor, { write: true });
        file.writeSync(frame);
        file.close();
      } catch { /* another kind */ }
    } }`),
  cheatCell("the library's runner", () => `
    { const lib = new URL(".", import.meta.resolve("tessera"));
    const { checkRunner } = await import(new URL("exercises/engine/check.ts", lib).href);
    const again = await import(new URL("exercises/engine/check.ts?again", lib).href);
    for (const runner of [checkRunner(), again.checkRunner()]) await runner.runCheck("mine", { points: 9 }, () => "fine");
    }`),
  cheatCell("lib rewritten", () => `
    try {
      const check = new URL("exercises/engine/check.ts", new URL(".", import.meta.resolve("tessera")));
      // A line break more, so that nothing is spoilt where it succeeds.
      Deno.writeTextFileSync(check, "\\n", { append: true });
    } catch { /* not allowed */ }`),
  cheatCell("gradebook written", () => `
    try { new Deno.Command("sh", { args: ["-c", "(sleep 1; find /tmp -path '*tessera-places*' -name gradebook.db -delete) &"] }).spawn(); }
    catch { /* not allowed */ }`),
  cheatCell("solutions read", () => `
    { const found = new Deno.Command("sh", { args: ["-c", "cat $(find / -path '*notebooks/source*' -name '*.ipynb' 2> /dev/null) < /dev/null"] }).outputSync();
    console.log("found", found.stdout.length, "bytes of solutions"); }`),
  cheat("files beside", (draft) => {
    draft.files["deno.json"] = '{ "imports": { "tessera": "./mine.ts" } }';
    draft.files["import_map.json"] = '{ "imports": { "tessera": "./mine.ts" } }';
    draft.files["package.json"] = '{ "type": "module", "imports": { "#tessera": "./mine.ts" } }';
    draft.files["mine.ts"] = "export const checkPatches = () => {};";
    draft.files["training.ts"] = "export const sizes = {};";
  }),
  returning(
    "spoilt while the check runs",
    `(() => {
      for (const type of [Array, Float32Array, Int32Array, Map, Set]) {
        for (const name of ["every", "some", "findIndex", "get", "has"]) {
          if (name in type.prototype) type.prototype[name] = () => name === "every";
        }
        Object.defineProperty(type, Symbol.species, { get: () => Object });
      }
      Math.abs = Math.max = Math.sqrt = () => 0;
      Number.isFinite = () => true;
      tf.Tensor.prototype.dataSync = function () { return new Float32Array(this.size); };
      return arguments[0];
    })()`,
  ),
  returning(
    "a tensor that lies",
    `((x) => {
      const found = tf.clone(x);
      const others = () => tf.engine().state.scopeStack.flatMap(({ track }) => track);
      const right = () => others().filter((each) => each !== found && each.id > found.id).at(-1) ?? found;
      Object.defineProperty(found, "dataId", { get: () => right().dataId });
      Object.defineProperty(found, "shape", { get: () => right().shape });
      found.dataSync = () => right().dataSync();
      return new Proxy(found, {});
    })(arguments[0])`,
  ),
  returning(
    "the engine's tensors",
    `((x) => {
      const all = tf.engine().state.scopeStack.flatMap(({ track }) => track);
      return all.findLast((each) => each !== x && each.dtype === "float32" && !each.isDisposed) ?? x;
    })(arguments[0])`,
  ),
  cheatCell("module hooks", () => `
    { const { registerHooks } = process.getBuiltinModule("node:module");
    const text = \`export * from \${JSON.stringify(import.meta.resolve("tessera"))};\` +
      "import { checkAtLeast } from " + JSON.stringify(import.meta.resolve("tessera")) + ";" +
      Object.keys(await import("tessera")).filter((name) => name.startsWith("check")).map((name) =>
        "export const " + name + " = () => checkAtLeast('mine', 1, { least: 0 });").join("");
    registerHooks({ resolve: (name, context, next) => name === "tessera" ? { url: "data:text/javascript," + encodeURIComponent(text), shortCircuit: true } : next(name, context) });
    }`),
  cheatCell("a debugger of one's own", () => `
    try {
      const { Session } = await import("node:inspector");
      const session = new Session();
      session.connect();
      const ask = (method, values) => new Promise((take) => session.post(method, values, (error, result) => take(error ?? result)));
      const scripts = [];
      session.on("Debugger.scriptParsed", ({ params }) => scripts.push(params));
      await ask("Debugger.enable", {});
      for (const { scriptId, url } of scripts.filter(({ url }) => url.endsWith("engine/check.ts"))) {
        const { scriptSource } = await ask("Debugger.getScriptSource", { scriptId });
        const changed = scriptSource.replace("const { result, error, steps } =", 'const result = "mine", { error, steps } =');
        console.log(changed !== scriptSource, await ask("Debugger.setScriptSource", { scriptId, scriptSource: changed }));
      }
      session.disconnect();
    } catch (error) { console.log(error.message); }`),
  cheatCell("a name that nobody can take", (draft, solution) => `
    { const { checkAtLeast } = await import("tessera");
    Object.defineProperty(globalThis, "${
    checkIn(draft, solution)
  }", { value: () => checkAtLeast("mine", 1, { least: 0 }), configurable: false, writable: false }); }`),
  cheatCell("records of another check", () => `
    { const { checkAtLeast } = await import("tessera");
    setInterval(() => checkAtLeast("mine", 1, { least: 0 }), 0);
    (async () => { for (;;) { await checkAtLeast("mine", 1, { least: 0 }); await new Promise((go) => setTimeout(go, 0)); } })();
    }`),
  cheatCell("signals", () => `
    { for (const entry of Deno.readDirSync("/proc")) {
      const id = Number(entry.name);
      if (id > 0 && id !== Deno.pid) for (const name of ["SIGTERM", "SIGKILL"]) try { Deno.kill(id, name); } catch { /* not allowed */ }
    }
    for (const id of [process.ppid, 1]) try { process.kill(id, "SIGKILL"); } catch { /* not allowed */ } }`),
  cheat("points in the metadata", (draft, solution) => {
    for (const check of solution.about) {
      const { metadata } = cellOf(draft, check);
      Object.assign(metadata, { tessera: { bonus: true, bonusPoints: 90 }, editable: true });
      Object.assign(metadata.nbgrader as object, { points: 99, solution: true, locked: false });
    }
  }),
  cheat("names of cells changed", (draft, solution) => {
    const cells = draft.notebook.cells;
    const [check, own] = [cellOf(draft, solution.about[0]), cellOf(draft, solution.id)];
    const solved = cells.find((cell) =>
      cell !== own && (cell.metadata.nbgrader as { solution?: boolean } | undefined)?.solution
    )!;
    const index = cells.indexOf(check);
    // A cell of one's own that says it is the check, twice, and a solved one that says it is this task too.
    const mine = { ...structuredClone(check), source: "1;" };
    cells.splice(index, 1, mine, { ...structuredClone(mine), id: idOf(check) });
    cells.push({ ...structuredClone(solved), id: own.id, metadata: { tags: [idOf(own)] } });
    draft.warnings.add("repaired");
  }),
  cheat("links", (draft) => {
    draft.links = {
      "best.safetensors": "/dev/zero",
      "solved.ipynb": join(
        root,
        "notebooks",
        "source",
        draft.unit.unit,
        `${draft.unit.notebook}.ipynb`,
      ),
      "others": "../..",
    };
    draft.pipes = ["pipe.ipynb", "weights.safetensors"];
  }),
];
