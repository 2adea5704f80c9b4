/** The part of JupyterLab's own interfaces that Tessera uses; it brings no types without a build. */

export interface Signal<Sender, Args> {
  connect(slot: (sender: Sender, args: Args) => void): boolean;
}

/** A file as the server describes it, with its content or without. */
export interface FileModel {
  path: string;
  last_modified: string;
  hash?: string | null;
}

/** A document that is open in this window (`DocumentRegistry.IContext`). */
export interface Context {
  readonly path: string;
  readonly isDisposed: boolean;
  readonly ready: Promise<void>;
  /** The file as it was when this window last loaded or saved it. */
  readonly contentsModel: FileModel | null;
  readonly model: {
    readonly dirty: boolean;
    readonly stateChanged: Signal<unknown, { name: string }>;
    toJSON(): { cells: { cell_type: string; source: string | string[] }[] };
  };
  readonly saveState: Signal<Context, "started" | "completed" | "completed manually" | "failed">;
  readonly pathChanged: Signal<Context, string>;
  readonly disposed: Signal<Context, void>;
  save(...options: unknown[]): Promise<void>;
  revert(): Promise<void>;
}

export interface NotebookPanel {
  readonly context: Context;
  readonly isDisposed: boolean;
  readonly content: { readonly widgets: readonly Cell[] };
  readonly sessionContext: SessionContext;
}

/** One cell as the page has it. */
export interface Cell {
  readonly isDisposed: boolean;
  readonly model: {
    readonly id: string;
    readonly type: string;
    readonly sharedModel: { getSource(): string };
  };
}

/** `CodeCell.execute`, of `@jupyterlab/cells`: runs a cell and shows what comes of it. */
export type Execute = (
  cell: Cell,
  session: SessionContext,
  metadata: Record<string, unknown>,
) => Promise<unknown>;

export interface SessionContext {
  readonly session: { readonly kernel: KernelConnection | null } | null;
  readonly ready: Promise<void>;
  readonly kernelChanged: Signal<unknown, unknown>;
}

/** The way to a kernel, of one window's notebook (`Kernel.IKernelConnection`). */
export interface KernelConnection {
  readonly clientId: string;
  readonly username: string;
  readonly info: Promise<{ supported_features?: string[] }>;
  sendControlMessage(
    message: unknown,
    expectReply: boolean,
  ): { done: Promise<{ content: unknown }> };
}

/** Makes a message of the protocol (`KernelMessage.createMessage`). */
export type CreateMessage = (options: Record<string, unknown>) => unknown;

/** The service that knows the window's notebooks (`INotebookTracker`). */
export interface NotebookTracker {
  readonly currentWidget: NotebookPanel | null;
  readonly widgetAdded: Signal<NotebookTracker, NotebookPanel>;
}

/** An event of the server's, with the fields of its schema. */
export type ServerEvent = { schema_id: string } & Record<string, unknown>;

export interface Application {
  readonly restored: Promise<void>;
  readonly commands: {
    readonly commandExecuted: Signal<unknown, { id: string }>;
    addCommand(id: string, options: {
      label: string;
      caption: string;
      isEnabled: () => boolean;
      execute: () => Promise<void>;
    }): void;
    execute(id: string, args?: Record<string, unknown>): Promise<unknown>;
  };
  readonly serviceManager: {
    readonly contents: {
      getDownloadUrl(path: string): Promise<string>;
      get(path: string, options: { content: boolean; hash: boolean }): Promise<FileModel>;
    };
    readonly events: {
      readonly stream: Signal<unknown, ServerEvent>;
      emit(event: { schema_id: string; version: string; data: unknown }): Promise<void>;
    };
    readonly serverSettings: { baseUrl: string };
  };
}

/** JupyterLab's own notifications, of `@jupyterlab/apputils`. */
export interface Notifications {
  warning(message: string, options: NotificationOptions): string;
  dismiss(id: string): void;
}

export interface NotificationOptions {
  autoClose: false | number;
  actions?: { label: string; callback: () => void }[];
}

/** Requests with the server's token or cookie, of `@jupyterlab/services`. */
export interface ServerConnection {
  makeRequest(url: string, init: RequestInit, settings: unknown): Promise<Response>;
}

/** One output, by MIME type. */
export interface OutputModel {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: unknown;
  readonly trusted: boolean;
  setData(options: unknown): void;
}

/** What draws one output (`IRenderMime.IRenderer`). */
export interface Renderer {
  readonly node: HTMLElement;
  renderModel(model: OutputModel): Promise<void>;
}

export interface RendererFactory {
  readonly safe: boolean;
  readonly mimeTypes: readonly string[];
  createRenderer(options: unknown): Renderer;
}

/** Who draws outputs of which type (`IRenderMimeRegistry`). */
export interface RenderMimeRegistry {
  readonly mimeTypes: readonly string[];
  /** Where a type stands in the order of preference; there is no public way to ask. */
  readonly _ranks?: Record<string, { rank: number }>;
  getFactory(mime: string): RendererFactory | undefined;
  addFactory(factory: RendererFactory, rank?: number): void;
}

/** The menus at the top of the window (`IMainMenu`). */
export interface MainMenu {
  readonly fileMenu: { addGroup(items: { command: string }[], rank: number): void };
  readonly helpMenu: { addGroup(items: { command: string }[], rank: number): void };
}

/** Who offers names while one types, by identifier (`ICompletionProviderManager`). */
export interface CompletionProviders {
  getProviders(): Map<string, { isApplicable(context: unknown): Promise<boolean> }>;
}

/** The list of names, of `@jupyterlab/completer`; there is no public way to what it takes for typed. */
export interface CompleterClass {
  readonly prototype: { _populateSubset?: () => boolean };
}

/** A box of Lumino's. */
export type WidgetClass = new () => { readonly node: HTMLElement };

/** What is used of `@jupyterlab/apputils` to speak with a person. */
export interface Apputils {
  readonly InputDialog: {
    getText(options: {
      title: string;
      label: string;
      text: string;
      okLabel: string;
    }): Promise<{ value: string | null }>;
  };
  readonly Dialog: Record<"okButton" | "cancelButton", (options: { label: string }) => unknown>;
  readonly Notification: {
    emit(message: string, type: string, options: NotificationOptions): string;
    dismiss(id: string): void;
  };
  showDialog(options: {
    title: string;
    body: unknown;
    buttons: unknown[];
  }): Promise<{ button: { accept: boolean } }>;
}
