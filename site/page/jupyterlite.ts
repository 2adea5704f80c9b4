/** What is used of JupyterLab's and JupyterLite's own modules, which the running page has. */
import type { Application, Signal } from "../../jupyterlab/lab.ts";

export interface KernelOptions {
  id: string;
  name: string;
  /** Where the notebook lies: its path, or its folder's. */
  location: string;
}

/** JupyterLite's `BaseKernel`: speaks Jupyter's protocol, and calls `executeRequest` and its like. */
export interface BaseKernel {
  readonly executionCount: number;
  readonly isDisposed: boolean;
  dispose(): void;
  stream(content: { name: string; text: string }): void;
  displayData(content: object): void;
  updateDisplayData(content: object): void;
  publishExecuteResult(content: object): void;
  publishExecuteError(content: object): void;
}

export interface KernelSpecs {
  register(kernel: {
    spec: object;
    create(options: KernelOptions): Promise<BaseKernel>;
  }): void;
}

export interface KernelClient {
  interrupt(id: string): Promise<void>;
}

/** The package `@jupyterlite/services`. */
export interface Services {
  BaseKernel: new (options: KernelOptions) => BaseKernel;
  IKernelSpecs: object;
  IKernelClient: object;
}

/** A file or folder of JupyterLite's. */
export interface FileModel {
  name: string;
  path: string;
  type: string;
  format: string | null;
  size?: number;
  last_modified: string;
  hash?: string | null;
  hash_algorithm?: string;
  // deno-lint-ignore no-explicit-any -- text, JSON, or what lies in a folder
  content: any;
}

export interface Contents {
  /** `asBlob`: a large file's content as it is kept (see `large_file.ts`). */
  get(
    path: string,
    options: { content: boolean; hash?: boolean; asBlob?: boolean },
  ): Promise<FileModel>;
  save(path: string, model: Partial<FileModel> & { mimetype?: string }): Promise<FileModel>;
  rename(from: string, to: string): Promise<FileModel>;
  delete(path: string): Promise<void>;
  getDownloadUrl(path: string): Promise<string>;
  readonly fileChanged: Signal<unknown, {
    type: "new" | "delete" | "rename" | "save";
    oldValue: Partial<FileModel> | null;
    newValue: Partial<FileModel> | null;
  }>;
}

/** JupyterLab's application, whose files are JupyterLite's. */
export type App = Application & { serviceManager: { contents: Contents } };
