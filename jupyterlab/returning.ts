/**
 * Shows in a notebook that is opened while its kernel runs what that does, and what it has done since the
 * notebook was saved: bars, charts and lines of a training whose tab was closed come back and go on. The
 * kernel keeps them (`python/tessera_kernel/returning.py`); saving stays JupyterLab's.
 */
import type { CreateMessage, Execute, KernelConnection, NotebookPanel } from "./lab.ts";

/** A cell's last execution, as the kernel tells it. */
interface Execution {
  /** The request for it, by another window. */
  request: string;
  /** The cell's id in the notebook. */
  cell: string;
  code: string;
  /** Milliseconds since 1970; null while it runs, or waits to. */
  ended: number | null;
}

/** How far a file's time may lie behind: what ended just before the save may be missing in it. */
const tolerance = 2000;

export class Returning {
  readonly #execute: Execute;
  readonly #createMessage: CreateMessage;
  readonly #joined = new WeakSet<KernelConnection>();

  constructor(execute: Execute, createMessage: CreateMessage) {
    this.#execute = execute;
    this.#createMessage = createMessage;
  }

  /** Has a notebook follow each kernel that it gets. */
  watch(panel: NotebookPanel): void {
    const join = () =>
      this.#join(panel).catch((error) => console.warn("Tessera: a running kernel:", error));
    panel.sessionContext.ready.then(join);
    panel.sessionContext.kernelChanged.connect(join);
  }

  async #join(panel: NotebookPanel): Promise<void> {
    const kernel = panel.sessionContext.session?.kernel;
    // Two views of one notebook share a connection; one that broke off and came back knows its cells.
    if (!kernel || this.#joined.has(kernel)) return;
    this.#joined.add(kernel);
    const { supported_features = [] } = await kernel.info;
    if (!supported_features.includes("tessera cells")) return;
    const executions = await this.#executions(kernel);
    const saved = Date.parse(panel.context.contentsModel?.last_modified ?? "");
    const followed = executions.map((execution) => {
      const cell = panel.content.widgets.find(({ model }) => model.id === execution.cell);
      const isNews = execution.ended === null ||
        execution.ended > saved - tolerance &&
          execution.code === cell?.model.sharedModel.getSource();
      if (!cell || cell.model.type !== "code" || !isNews) return undefined;
      return this.#execute(cell, panel.sessionContext, { tessera_follows: execution.request });
    });
    await Promise.allSettled(followed);
  }

  async #executions(kernel: KernelConnection): Promise<Execution[]> {
    const message = this.#createMessage({
      ...{ msgType: "tessera_cells_request", channel: "control", content: {} },
      ...{ session: kernel.clientId, username: kernel.username },
    });
    const { content } = await kernel.sendControlMessage(message, true).done;
    return (content as { cells: Execution[] }).cells;
  }
}
