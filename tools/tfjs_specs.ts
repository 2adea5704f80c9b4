/**
 * Runs tfjs-core's own spec files against Tessera's native backend: `./tessera specs [PART OF A NAME]`.
 *
 * Specs that tfjs-node itself ignores are left out. Fails where any other fails.
 */
import jasmineCore from "jasmine-core";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundle } from "../tests/tfjs_specs/bundle.ts";
import { ignoredByTfjsNode } from "../tests/tfjs_specs/ignored.ts";

/** What jasmine tells of a spec, a suite, or the whole run. */
interface Result {
  fullName?: string;
  status?: string;
  failedExpectations: { message: string }[];
}

interface Outcome {
  name: string;
  message: string;
}

const entry = fileURLToPath(new URL("../tests/tfjs_specs/entry.ts", import.meta.url));
const part = Deno.args.join(" ");

const print = console.log;
const started = performance.now();
const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;

/** Bundles the specs and registers them with jasmine; the version of TensorFlow below them. */
async function loadSpecs(): Promise<string> {
  const directory = await Deno.makeTempDir({ prefix: "tessera-specs-" });
  try {
    const file = `${directory}/specs.mjs`;
    await bundle(entry, file);
    return (await import(pathToFileURL(file).href)).version;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

// The specs make tfjs print and warn of much that is of no interest here.
console.log = console.warn = () => {};
const jasmine = jasmineCore.boot(jasmineCore);
const version = await loadSpecs();
const ignored = await ignoredByTfjsNode();
print(`tfjs-core's specs against TensorFlow ${version}; bundled in ${seconds()}`);

const failed: Outcome[] = [];
let passed = 0, pending = 0, leftOut = 0;

const environment = jasmine.getEnv();
environment.configure({
  random: false,
  specFilter(spec: { getFullName(): string }) {
    const name = spec.getFullName();
    const isIgnored = ignored.some((each) => name.includes(each));
    if (isIgnored) leftOut++;
    return !isIgnored && name.includes(part);
  },
});

const failure = ({ fullName, failedExpectations }: Result): Outcome => ({
  name: fullName ?? "outside of any suite",
  message: failedExpectations.map(({ message }) => message).join("\n       "),
});
/** What fails outside of specs: set-up, tear-down, or the loading of a file. */
const noteBroken = (result: Result) => {
  if (result.failedExpectations.length > 0) failed.push(failure(result));
};
environment.addReporter({
  specDone(result: Result) {
    if (result.status === "excluded") return;
    if (result.status === "pending") pending++;
    else if (result.status === "passed") passed++;
    else failed.push(failure(result));
    const done = passed + failed.length;
    if (done % 500 === 0) print(`  ${done} specs, ${seconds()}`);
  },
  suiteDone: noteBroken,
  jasmineDone: noteBroken,
});
await environment.execute();

for (const { name, message } of failed) print(`FAILED ${name}\n       ${message}`);
print(
  `${passed} passed, ${failed.length} failed, ${pending} pending in tfjs, ` +
    `${leftOut} ignored by tfjs-node; ${seconds()}`,
);
if (passed + failed.length === 0) {
  print(`no spec's name contains "${part}"`);
  Deno.exit(1);
}
Deno.exit(failed.length === 0 ? 0 : 1);
