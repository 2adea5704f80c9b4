/** How safe the learner's work is in this browser, in words. */

import { isKept } from "../offline.ts";

/** What is kept where, and how safe it is there. */
export async function whereWorkIsKept(): Promise<string[]> {
  const { quota, usage = 0 } = await navigator.storage?.estimate?.() ?? {};
  const isPromised = await navigator.storage?.persisted?.() ?? false;
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  return [
    "Notebooks, trainings and your own files are kept by this browser, on this machine alone" +
    (quota ? `: ${megabytes(usage)} of the ${megabytes(quota)} that it gives this site.` : "."),
    "",
    isPromised
      ? "The browser has promised to keep them until you remove them."
      : "The browser has not promised to keep them: it may remove them when the disk is full, or after " +
        "weeks without a visit.",
    "",
    "They are lost where the browser's data of this site are cleared, and at the end of a private window.",
    "",
    "File → Save All Work… puts all of them into one ZIP. Keep it in another place now and then: " +
    "File → Open Saved Work… opens it again, on another machine too.",
    "",
    "What the course brings, data sets included, comes from the site and can be had again. " +
    (isKept()
      ? "It opens without a network too, data sets once they were used."
      : "It does not open without a network yet: that comes a minute after the first visit."),
  ];
}
