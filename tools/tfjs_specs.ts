/**
 * Runs one suite of tfjs's own specs against Tessera's engine, on the backend that `TESSERA_BACKEND` names
 * (native where it is not set). Fails where a spec fails that is no known exception, and where a known
 * exception passes.
 */
import jasmineCore from "jasmine-core";
import { pathToFileURL } from "node:url";
import { bundle } from "../tests/tfjs_specs/bundle.ts";
import { type Exception, exceptions } from "../tests/tfjs_specs/exceptions.ts";
import { ignoredByTfjsNode } from "../tests/tfjs_specs/ignored.ts";
import type { Suite } from "../tests/tfjs_specs/suites.ts";
import { withTemporaryFolder } from "./temporary_folder.ts";

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

const failure = ({ fullName, failedExpectations }: Result): Outcome => ({
  name: fullName ?? "outside of any suite",
  message: failedExpectations.map(({ message }) => message).join("\n       "),
});

/** Bundles the specs and registers them with jasmine; which backend they run on. */
async function loadSpecs(suite: Suite): Promise<{ kind: string; version: string }> {
  return await withTemporaryFolder("specs", async (folder) => {
    const file = `${folder}/specs.mjs`;
    await bundle(suite, file);
    return (await import(pathToFileURL(file).href)).report;
  });
}

const share = (part: number, whole: number) => `${(100 * part / whole).toFixed(2)} %`;

/** Runs the specs whose full names contain `part`; the exit code. */
export async function runSuite(suite: Suite, part: string): Promise<number> {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const print = console.log;
  // The specs make tfjs print and warn of much that is of no interest here.
  console.log = console.warn = () => {};
  const jasmine = jasmineCore.boot(jasmineCore);
  const { kind, version } = await loadSpecs(suite);
  const ignored = suite === "core" ? await ignoredByTfjsNode() : [];
  print(`tfjs-${suite}'s specs on ${version}; bundled in ${seconds()}`);

  const known = exceptions[suite].filter(({ nativeOnly }) => !nativeOnly || kind === "native");
  const metBy = new Map<Exception, number>(known.map((each) => [each, 0]));
  const unexpected: Outcome[] = [];
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
  /** What fails outside of specs: set-up, tear-down, or the loading of a file. */
  const noteBroken = (result: Result) => {
    if (result.failedExpectations.length > 0) unexpected.push(failure(result));
  };
  let done = 0;
  environment.addReporter({
    specDone(result: Result) {
      if (result.status === "excluded") return;
      if (++done % 500 === 0) print(`  ${done} specs, ${seconds()}`);
      const name = result.fullName!;
      const exception = known.find(({ specs }) => specs.test(name));
      if (result.status === "pending") pending++;
      else if (result.status !== "passed") {
        if (exception) metBy.set(exception, metBy.get(exception)! + 1);
        else unexpected.push(failure(result));
      } else if (exception) {
        unexpected.push({ name, message: `passes, and is a known exception: ${exception.reason}` });
      } else passed++;
    },
    suiteDone: noteBroken,
    jasmineDone: noteBroken,
  });
  await environment.execute();

  for (const { name, message } of unexpected) print(`FAILED ${name}\n       ${message}`);
  for (const [{ reason, nativeOnly }, count] of metBy) {
    if (count > 0) {
      print(`${count} fail ${nativeOnly ? "natively alone" : "everywhere"}: ${reason}`);
    } else if (part === "") unexpected.push({ name: reason, message: "no such spec" });
  }
  const nativeOnly = [...metBy].reduce((sum, [each, n]) => sum + (each.nativeOnly ? n : 0), 0);
  const ofJavaScript = kind === "native" && suite !== "core" && passed > 0
    ? ` of ${passed + nativeOnly} that pass on plain JavaScript (${
      share(passed, passed + nativeOnly)
    })`
    : "";
  const ignoredByThem = suite === "core" ? `, ${leftOut} ignored by tfjs-node` : "";
  print(
    `${passed} passed${ofJavaScript}, ${unexpected.length} failed, ${pending} pending in tfjs` +
      `${ignoredByThem}; ${seconds()}`,
  );
  if (done === 0) print(`no spec's name contains "${part}"`);
  return done > 0 && unexpected.length === 0 ? 0 : 1;
}
