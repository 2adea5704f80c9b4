/**
 * `./tessera doctor`: what works on this machine, what is missing, and how to get it. Ends with exit
 * code 1 where something that every notebook needs does not work. With `--report` it also writes a file for
 * those who help; `--repair` makes anew what is damaged, and `--from BUNDLE` sets up without a network.
 */
import { join } from "node:path";
import { captured, CommandError, root, runCommand, shown } from "./command.ts";
import { exists, isWritable } from "../lib/platform/files.ts";
import { ownNetwork } from "../lib/tensor/cluster/network.ts";
import { environmentOf, findHome, useHome } from "./homes.ts";
import { data, type Finding, hub, places } from "./doctor_places.ts";
import { damagedFiles, repair } from "./installed_files.ts";
import { writeReport } from "./report.ts";
import { isSamePlace } from "./same_place.ts";
import { withTemporaryFolder } from "./temporary_folder.ts";

const messageOf = (error: unknown) => error instanceof Error ? error.message : String(error);

function machine(): Finding {
  const { os, arch } = Deno.build;
  const gigabytes = (Deno.systemMemoryInfo().total / 2 ** 30).toFixed(0);
  const text =
    `${os} ${Deno.osRelease()} ${arch}, ${navigator.hardwareConcurrency} processor cores, ` +
    `${gigabytes} GB of memory`;
  return { state: "ok", subject: "machine", text };
}

async function python(): Promise<Finding> {
  const script = `
import importlib.metadata as packages, json, platform
names = ["jupyterlab", "nbconvert", "nbgrader", "tensorboard", "tensorflow-cpu", "tensorflow",
         "tessera-jupyter"]
found = {}
for name in names:
    try: found[name] = packages.version(name)
    except packages.PackageNotFoundError: pass
print(json.dumps({"python": platform.python_version(), **found}))`;
  const { code, stdout, stderr } = await captured("python", ["-c", script]);
  if (code !== 0) return { state: "bad", subject: "python", text: stderr.trim() };
  const { python, ...packages }: Record<string, string> = JSON.parse(stdout);
  const list = Object.entries(packages).map(([name, version]) => `${name} ${version}`).join(", ");
  const missing = ["jupyterlab", "nbconvert", "nbgrader", "tessera-jupyter"]
    .filter((name) => !(name in packages));
  if (missing.length === 0) {
    return { state: "ok", subject: "python", text: `Python ${python}; ${list}` };
  }
  const text = `${missing.join(", ")} missing in .venv: ./tessera doctor --repair mends that`;
  return { state: "bad", subject: "python", text };
}

/** The backend, and one product of matrices that is known by heart. */
async function backend(): Promise<Finding[]> {
  try {
    const tf = await import("../lib/tensor/tf.ts");
    const { graphicsCard } = await import("../lib/tensor/native.ts");
    const { precision } = await import("../lib/tensor/precision.ts");
    const { kind, device, version, reason, note } = tf.backendReport;
    const size = device === "gpu" ? 4096 : 512; // a card needs more to show its speed
    const ones = tf.fill([size, size], 1);
    const seconds: number[] = [];
    for (let repeat = 0; repeat < 5; repeat++) {
      const started = performance.now();
      const corner = tf.tidy(() => tf.matMul(ones, ones).slice([0, 0], [1, 1]).dataSync()[0]);
      seconds.push((performance.now() - started) / 1000);
      if (corner !== size) throw new Error(`a product of matrices gave ${corner}, not ${size}`);
    }
    const speed = (2 * size ** 3 / Math.min(...seconds) / 1e9).toFixed(0);
    const card = graphicsCard();
    const place = card
      ? `${card.name} (${card.gigabytes.toFixed(0)} GB), in ${precision()}`
      : `the ${device.toUpperCase()}`;
    const name = kind === "native" ? `native ${version} on ${place}` : version;
    const findings: Finding[] = [{
      state: kind === "native" ? "ok" : "note",
      subject: "backend",
      text: `${name}${reason ? `, because ${reason}` : ""}; ${speed} GFLOP/s in a matrix product`,
    }];
    if (kind !== "native") {
      findings.push(...withoutTensorFlow());
    }
    if (note) findings.push({ state: "note", subject: "gpu", text: note });
    if (kind === "native" && device === "cpu") {
      const { fusionInWords } = await import("../lib/tensor/fusion/fusion.ts");
      const { runs, text } = fusionInWords();
      findings.push({ state: runs ? "ok" : "note", subject: "backend", text });
      findings.push(...await unusedGpu());
    }
    return findings;
  } catch (error) {
    return [{ state: "bad", subject: "backend", text: messageOf(error) }];
  }
}

/** What works on tfjs's own backends, and what does not. */
function withoutTensorFlow(): Finding[] {
  const texts = [
    "checks, charts and trainings work, trainings 5 to 20 times slower: load the given weights, or " +
    "set TESSERA_QUICK=1",
    "does not work: images by tf.node, TensorBoard's graph of a model, steps compiled to one function",
    Deno.env.get("TESSERA_BACKEND")
      ? "without TESSERA_BACKEND, native TensorFlow computes again, where it is installed"
      : "deleting .venv and starting ./tessera installs TensorFlow anew",
  ];
  return texts.map((text) => ({ state: "note", subject: "backend", text }));
}

/** A card that is there while the processor computes. */
async function unusedGpu(): Promise<Finding[]> {
  try {
    const args = ["--query-gpu=name", "--format=csv,noheader"];
    const { stdout, success } = await new Deno.Command("nvidia-smi", { args }).output();
    if (!success) return [];
    const name = new TextDecoder().decode(stdout).trim().split("\n")[0];
    return [{
      state: "note",
      subject: "gpu",
      text:
        `${name} is not used; TESSERA_DEVICE=gpu ./tessera doctor sets up for it (7 GB, 6 minutes)`,
    }];
  } catch {
    return []; // no driver, so no card to speak of
  }
}

/** Calls Jupyter as the home's commands do, or with settings of its own where there is no home. */
async function jupyter(...args: string[]): ReturnType<typeof captured> {
  const home = findHome();
  const call = (folder: string) => captured("jupyter", args, { env: environmentOf(folder) });
  return home && isWritable(home) ? await call(home) : await withTemporaryFolder("doctor", call);
}

async function kernel(): Promise<Finding> {
  const { code, stdout, stderr } = await jupyter("kernelspec", "list", "--json");
  if (code !== 0) {
    const reason = stderr.trim().split("\n").at(-1);
    return { state: "bad", subject: "kernel", text: `Jupyter does not start: ${reason}` };
  }
  const specification = JSON.parse(stdout).kernelspecs?.deno;
  const own = join(root, ".venv", "share", "jupyter", "kernels", "deno");
  if (specification && isSamePlace(specification.resource_dir, own)) {
    return { state: "ok", subject: "kernel", text: `Deno ${Deno.version.deno}, in .venv` };
  }
  const text = specification
    ? `Jupyter takes the Deno kernel of ${specification.resource_dir} instead of .venv's: remove it`
    : "Jupyter does not find the Deno kernel: ./tessera doctor --repair mends that";
  return { state: "bad", subject: "kernel", text };
}

/** A PDF made of nothing shows that pandoc, typst and the exporter work together. */
async function pdf(): Promise<Finding> {
  return await withTemporaryFolder("doctor", async (folder): Promise<Finding> => {
    const notebook = {
      cells: [{ cell_type: "markdown", id: "a", metadata: {}, source: "$x^2$" }],
      metadata: {},
      nbformat: 4,
      nbformat_minor: 5,
    };
    const path = join(folder, "empty.ipynb");
    await Deno.writeTextFile(path, JSON.stringify(notebook));
    const { code, stderr } = await jupyter("nbconvert", "--to", "TesseraPDF", path);
    return code === 0
      ? { state: "ok", subject: "pdf", text: "pandoc and typst make PDFs" }
      : { state: "bad", subject: "pdf", text: stderr.trim().split("\n").at(-1) ?? "" };
  });
}

/** All files that the set-up has brought. */
async function installed(): Promise<Finding> {
  const damaged = await damagedFiles();
  if (damaged.length === 0) {
    return { state: "ok", subject: "files", text: "all packages are as they were installed" };
  }
  const more = damaged.length > 1 ? ` and ${damaged.length - 1} more` : "";
  const text = `${
    shown(damaged[0])
  }${more} damaged or missing: ./tessera doctor --repair mends that`;
  return { state: "bad", subject: "files", text };
}

/** The trainings whose best weights are kept. */
function trained(): Finding[] {
  const folder = join(root, "checkpoints");
  const names = exists(folder)
    ? [...Deno.readDirSync(folder)].filter((entry) =>
      entry.isDirectory && exists(join(folder, entry.name, "best.safetensors"))
    ).map((entry) => entry.name).sort()
    : [];
  if (names.length === 0) return [];
  return [{ state: "ok", subject: "trained", text: `weights of ${names.join(", ")}` }];
}

/** How submissions would be kept apart; nothing in a learner's copy, which does not grade. */
async function grading(): Promise<Finding[]> {
  if (!exists(join(root, "marking", "grading"))) return [];
  const { isInContainer, whyNoSandbox } = await import("../marking/grading/sandbox.ts");
  const reason = await whyNoSandbox();
  if (!reason) {
    return [{
      state: "ok",
      subject: "grading",
      text: "each submission in a sandbox of bubblewrap",
    }];
  }
  const how = isInContainer
    ? "in this container, submissions not apart from each other"
    : "in the container of container/Dockerfile, or with --unsafe";
  return [{ state: "note", subject: "grading", text: `${how}: ${reason}` }];
}

/** What several processes that train together need of this machine. */
async function processes(): Promise<Finding> {
  const text = await ownNetwork()
    ? "several processes can train together, in a network of their own; on several machines with " +
      "--trust-network, behind a firewall (docs/cluster.md)"
    : "several processes train together only with --trust-network, behind a firewall (docs/cluster.md): this " +
      "system allows no network of their own (unshare --net)";
  const { nativeBackend } = await import("../lib/tensor/native.ts");
  const { cards = 0 } = nativeBackend()?.binding ?? {};
  const onCards = cards > 0
    ? `; one process a graphics card, of which there ${
      cards === 1 ? "is 1" : `are ${cards}`
    }: never run on a card yet`
    : "";
  return { state: "ok", subject: "cluster", text: text + onCards };
}

async function main(args: string[]): Promise<number> {
  const [option, ...more] = args;
  const isReport = option === "--report" && more.length === 0;
  const isRepair = option === "--repair" && more.length === 0;
  // What is in the bundle is there by now (`tessera`).
  const isFrom = option === "--from" && more.length === 1;
  if (args.length > 0 && !isReport && !isRepair && !isFrom) {
    throw new CommandError("doctor takes --report, --repair or --from BUNDLE, one of them.", 2);
  }
  if (isRepair) await mend();
  useHome();
  const marks = { ok: "ok  ", note: "note", bad: "BAD " };
  const lines: string[] = [];
  let bad = 0;
  const checks = [
    ...[machine, places, installed, python, hub, kernel, backend, processes, pdf, data, trained],
    grading,
  ];
  for (const check of checks) {
    for (const { state, subject, text } of await findingsOf(check)) {
      if (lines.some((line) => line.endsWith(`  ${text}`))) continue; // of the same cause
      lines.push(`${marks[state]}  ${subject.padEnd(8)}  ${text}`);
      console.log(lines.at(-1));
      if (state === "bad") bad++;
    }
  }
  console.log(bad === 0 ? "Ready." : "Not ready: see the lines marked BAD.");
  if (isReport) await tellReport(lines);
  return bad === 0 ? 0 : 1;
}

/** What a check found; that it cannot be made is a finding too. */
async function findingsOf(check: () => Finding | Finding[] | Promise<Finding | Finding[]>) {
  try {
    return [await check()].flat();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return [{ state: "bad", subject: check.name, text: error.message } satisfies Finding];
  }
}

/** Has what is damaged made anew, and says so. */
async function mend(): Promise<void> {
  console.log("Comparing all packages with what was installed …");
  const damaged = await damagedFiles({ inEachByte: true });
  if (damaged.length === 0) return console.log("Nothing is damaged.");
  for (const path of damaged.slice(0, 5)) console.log(`${shown(path)} is damaged or missing.`);
  if (damaged.length > 5) console.log(`So are ${damaged.length - 5} more.`);
  if (!await repair(damaged)) {
    throw new CommandError(
      "not all could be mended: is there a network? --from BUNDLE needs none.",
    );
  }
}

async function tellReport(lines: readonly string[]): Promise<void> {
  const path = await writeReport(lines).catch((error) => {
    throw new CommandError(`the report could not be written: ${messageOf(error)}`);
  });
  console.log(`The report is in ${shown(path)}. Look at it, then send it to those who help.`);
}

if (import.meta.main) await runCommand(main);
