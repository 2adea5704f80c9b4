/** The kernel as JupyterLite sees it, in the page: hands cells to its worker, and outputs back. */
import type { Failure } from "../kernel/errors.ts";
import type { Completion } from "../kernel/help.ts";
import type {
  FileRequest,
  FromWorker,
  MimeBundle,
  Settings,
  ToWorker,
} from "../kernel/messages.ts";
import type { FileNews } from "./file_news.ts";
import { HomeFiles } from "./home_files.ts";
import type { Contents, KernelOptions, Services } from "./jupyterlite.ts";
import type { ReadyWorker } from "./ready_worker.ts";

/** A second Stop, so long after the first, ends a worker that does not listen. */
const patienceMilliseconds = 2_000;

/** How many characters a text has, as Jupyter counts them. */
const codePoints = (text: string) => [...text].length;

const newStopFlag = () => URL.createObjectURL(new Blob(["go on"]));

export interface KernelParts {
  workers: ReadyWorker;
  settings: Omit<Settings, "stored">;
  contents: Contents;
  news: FileNews;
}

/** `BaseKernel` is JupyterLite's, which only the running page has. */
export function kernelClass({ BaseKernel }: Services) {
  return class TypeScriptKernel extends BaseKernel {
    readonly #parts: KernelParts;
    readonly #files: HomeFiles;
    readonly #deaf: () => void;
    /** Paths that its own worker changes now: it knows. */
    readonly #changing = new Set<string>();
    #worker: Promise<Worker> | undefined;
    /** Questions for completion and help that the worker has not answered yet. */
    readonly #asked = new Map<number, (answer: FromWorker & { kind: "help" }) => void>();
    #questions = 0;
    #running: { done: (failure?: Failure) => void; stopAsked?: number } | undefined;
    /** When Stop was pressed while no cell ran, until the worker has heard of it. */
    #stopAskedAtRest: number | undefined;
    /** An address that can be read until Stop is pressed, by what cells have left running, too. */
    #stopFlag = newStopFlag();

    constructor(options: KernelOptions, parts: KernelParts) {
      super(options);
      this.#parts = parts;
      this.#files = new HomeFiles(parts.contents);
      this.#deaf = parts.news.listen(({ path, now }) => {
        if (this.#changing.has(path)) return;
        this.#worker?.then((worker) =>
          worker.postMessage({ kind: "file", path: `/home/${path}`, now } satisfies ToWorker)
        );
      });
      this.#worker = this.#start();
    }

    kernelInfoRequest() {
      return Promise.resolve({
        status: "ok" as const,
        protocol_version: "5.3",
        implementation: "tessera",
        implementation_version: "1.0.0",
        banner: "TypeScript in the browser",
        help_links: [],
        language_info: {
          name: "typescript",
          version: "5",
          mimetype: "text/x.typescript",
          file_extension: ".ts",
          codemirror_mode: "typescript",
          pygments_lexer: "typescript",
          nbconvert_exporter: "script",
        },
      });
    }

    async executeRequest({ code }: { code: string }) {
      const execution_count = this.executionCount;
      const failure = await new Promise<Failure | undefined>((done) => {
        this.#running = { done };
        this.#send({ kind: "run", code, count: execution_count, stopFlag: this.#stopFlag });
      });
      this.#running = undefined;
      if (!failure) return { status: "ok" as const, execution_count, user_expressions: {} };
      this.publishExecuteError(failure);
      return { status: "error" as const, execution_count, ...failure };
    }

    /**
     * Stop, also of what a cell that has ended left running, such as a timer; what does not listen to it is ended by a
     * second one.
     */
    interrupt(): void {
      if (!this.#worker) return;
      const now = performance.now();
      const stopAsked = this.#running ? this.#running.stopAsked : this.#stopAskedAtRest;
      if (stopAsked === undefined) {
        if (this.#running) this.#running.stopAsked = now;
        else this.#stopAskedAtRest = now;
        URL.revokeObjectURL(this.#stopFlag);
        this.#stopFlag = newStopFlag();
        this.#send({ kind: "interrupt" });
      } else if (now - stopAsked > patienceMilliseconds) {
        this.#end("The cell did not listen to Stop: the kernel begins anew. Run the cells above.");
      }
    }

    override dispose(): void {
      if (this.isDisposed) return;
      this.#deaf();
      this.#end("The kernel was ended.");
      URL.revokeObjectURL(this.#stopFlag);
      super.dispose();
    }

    #end(reason: string): void {
      this.#worker?.then((worker) => worker.terminate());
      this.#worker = undefined;
      this.#stopAskedAtRest = undefined;
      for (const [id, answer] of this.#asked) answer({ kind: "help", id });
      this.#asked.clear();
      this.#running?.done({ ename: "Stopped", evalue: reason, traceback: [reason] });
    }

    #send(message: ToWorker): void {
      this.#worker ??= this.#start();
      this.#worker.then((worker) => worker.postMessage(message));
    }

    async #start(): Promise<Worker> {
      const worker = this.#parts.workers.take();
      worker.onmessage = ({ data }) => this.#receive(data, worker);
      // An error without a message is that of a script that did not come.
      worker.onerror = ({ message }) =>
        this.#end(
          message
            ? `The kernel's worker failed: ${message}`
            : "The kernel cannot begin: its script cannot be loaded. Is there a network? Load the page anew; where " +
              "that does not help, the site is not whole, which whoever runs it can mend.",
        );
      const settings = { ...this.#parts.settings, stored: await this.#files.all() };
      worker.postMessage({ kind: "start", settings } satisfies ToWorker);
      return worker;
    }

    #receive(message: FromWorker, worker: Worker): void {
      switch (message.kind) {
        case "stream":
          return this.stream({ name: message.name, text: message.text });
        case "message":
          return this.#pass(message.type, message.content);
        case "result": {
          const execution_count = this.executionCount;
          return this.publishExecuteResult({ execution_count, data: message.data, metadata: {} });
        }
        case "failure":
          return this.publishExecuteError(message.failure);
        case "help":
          this.#asked.get(message.id)?.(message);
          return void this.#asked.delete(message.id);
        case "interrupted":
          return void (this.#stopAskedAtRest = undefined);
        case "done":
          return this.#running?.done(message.failure);
        case "ask":
          this.#answer(message.request).then((reply) =>
            worker.postMessage({ kind: "answer", id: message.id, ...reply } satisfies ToWorker)
          );
      }
    }

    async #answer(request: FileRequest): Promise<{ value: unknown } | { error: string }> {
      this.#changing.add(request.path);
      try {
        return { value: await this.#files.answer(request) };
      } catch (error) {
        return { error: (error as Error).message || String(error) };
      } finally {
        // The news of it comes a little later.
        setTimeout(() => this.#changing.delete(request.path), 500);
      }
    }

    /** A message of Jupyter's protocol. */
    #pass(type: string, content: Record<string, unknown>): void {
      const { data, metadata = {}, transient = {} } = content as {
        data: MimeBundle;
        metadata?: object;
        transient?: object;
      };
      if (type === "display_data") this.displayData({ data, metadata, transient });
      else if (type === "update_display_data") {
        this.updateDisplayData({ data, metadata, transient });
      }
    }

    async completeRequest({ code, cursor_pos }: { code: string; cursor_pos: number }) {
      const { completion } = await this.#help("completion", code, cursor_pos);
      const { matches, start, end } = completion ??
        { matches: [], start: cursor_pos, end: cursor_pos };
      const [cursor_start, cursor_end] = completion
        ? [start, end].map((at) => codePoints(code.slice(0, at)))
        : [start, end];
      return { status: "ok" as const, matches, cursor_start, cursor_end, metadata: {} };
    }

    async inspectRequest({ code, cursor_pos }: { code: string; cursor_pos: number }) {
      const { help } = await this.#help("help", code, cursor_pos);
      const data = help ? { "text/markdown": help, "text/plain": help } : {};
      return { status: "ok" as const, found: help !== undefined, data, metadata: {} };
    }

    /** Asks the worker; a cell that computes answers nothing. `cursor` counts characters, as Jupyter does. */
    async #help(
      wanted: "completion" | "help",
      code: string,
      cursor: number,
    ): Promise<{ completion?: Completion; help?: string }> {
      if (this.#running) return {};
      const id = this.#questions++;
      const at = [...code].slice(0, cursor).join("").length;
      const answer = Promise.withResolvers<FromWorker & { kind: "help" }>();
      this.#asked.set(id, answer.resolve);
      this.#send({ kind: "help", id, wanted, code, cursor: at });
      return await answer.promise;
    }

    isCompleteRequest() {
      return Promise.resolve({ status: "complete" as const });
    }

    commInfoRequest() {
      return Promise.resolve({ status: "ok" as const, comms: {} });
    }

    inputReply(): void {}
    async commOpen(): Promise<void> {}
    async commMsg(): Promise<void> {}
    async commClose(): Promise<void> {}
  };
}
