/** The site in a headless Chromium. */
import { Chromium } from "../chromium.ts";
import { SiteInBrowser } from "./site_in_browser.ts";

export * from "./site_in_browser.ts";

export class SiteInChromium extends SiteInBrowser<Chromium> {
  /** Starts a browser of its own, by its program's path, and serves a folder; `flags` as {@link Chromium.start} has them. */
  static async start(
    chromium: string,
    folder: string,
    flags?: readonly string[],
  ): Promise<SiteInChromium> {
    return new SiteInChromium(await Chromium.start(chromium, flags), folder);
  }
}
