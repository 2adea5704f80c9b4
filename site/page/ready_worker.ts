/** A kernel's worker that is there before a kernel asks for it: it loads the library while JupyterLab loads. */
import type { Preparation, ToWorker } from "../kernel/messages.ts";
import { kernelStart } from "../offline/site_files.ts";
import { site } from "./site.ts";

export class ReadyWorker {
  readonly #script: string;
  readonly #preparation: Preparation;
  #ready: Worker | undefined;
  #isServed = true;

  constructor(script: string, preparation: Preparation) {
    this.#script = script;
    this.#preparation = preparation;
    this.#ready = this.#make();
    // What could not be had is asked for again by the first kernel.
    this.#ready.onerror = () => {
      this.#ready = undefined;
      this.#isServed = false;
    };
  }

  /** A worker of the caller's own, which wants to be started. */
  take(): Worker {
    const worker = this.#ready ?? this.#make();
    this.#ready = undefined;
    worker.onerror = null;
    return worker;
  }

  /**
   * A worker obeys the policy that its script comes with, and a blob's is the page's: a host may send none. Firefox
   * however asks the host alone for what a blob's worker imports, so that it would not begin without a network; where
   * there is a service worker, its own script does, which has the policy.
   */
  #make(): Worker {
    if (this.#isServed && navigator.serviceWorker?.controller) {
      const served = this.#begin(new URL(kernelStart, site).href);
      // An error without a message is that of a script that did not come, also after the worker was taken.
      served.addEventListener("error", ({ message }) => {
        if (!message) this.#isServed = false;
      });
      return served;
    }
    const script = new Blob([`import ${JSON.stringify(this.#script)};`], {
      type: "text/javascript",
    });
    const address = URL.createObjectURL(script);
    const worker = this.#begin(address);
    // Not before it has been read: the first message comes once it runs.
    worker.addEventListener("message", () => URL.revokeObjectURL(address), { once: true });
    return worker;
  }

  #begin(address: string): Worker {
    const worker = new Worker(address, { type: "module", name: "kernel" });
    worker.postMessage({ kind: "prepare", preparation: this.#preparation } satisfies ToWorker);
    return worker;
  }
}
