/** The browsers that trials may name. */
import { CommandError } from "../../tools/command.ts";
import { Chromium, findChromium } from "../chromium.ts";
import { findProgram } from "./find_program.ts";
import { Firefox } from "./firefox.ts";
import type { Page } from "./page.ts";
import { WebKit } from "./webkit.ts";

const browsers: Record<string, () => string | undefined> = {
  chromium: findChromium,
  firefox: () => findProgram("firefox-esr", "firefox"),
  webkit: () => findProgram("WebKitWebDriver"),
};

/** What starts a browser; `flags` are Chromium's. Throws a CommandError where the system has none of this name. */
export function starting(name: string, flags?: readonly string[]): () => Promise<Page> {
  if (!Object.hasOwn(browsers, name)) {
    throw new CommandError(`--browser is one of ${Object.keys(browsers).join(", ")}.`, 2);
  }
  const path = browsers[name]();
  if (!path) throw new CommandError(`there is no ${name} here.`);
  if (name === "firefox") return () => Firefox.start(path);
  if (name === "webkit") return () => WebKit.start(path);
  return () => Chromium.start(path, flags);
}
