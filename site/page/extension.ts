/**
 * The JupyterLab extension that brings the kernel: a module federation container written by hand, so that
 * no other builder than the project's own is needed.
 */
import type { App, KernelClient, KernelSpecs, Services } from "./jupyterlite.ts";
import { kernelClass } from "./kernel.ts";

/** Shared packages by name and version, as module federation hands them over. */
type Shared = Record<string, Record<string, { get(): Promise<() => unknown> }>>;

let shared: Shared = {};
/** Where this script lies, which says where the course is. */
const here = (document.currentScript as HTMLScriptElement).src;

async function take<T>(name: string): Promise<T> {
  const [version] = Object.values(shared[name]);
  return (await version.get())() as T;
}

/** Settings stand in the page's address: `lab/index.html?TESSERA_QUICK=1`. */
function environment(): Record<string, string> {
  const given = [...new URLSearchParams(location.search)]
    .filter(([name]) => name.startsWith("TESSERA_"));
  return Object.fromEntries(given);
}

async function plugin() {
  const services = await take<Services>("@jupyterlite/services");
  const Kernel = kernelClass(services);
  const kernels = new Map<string, InstanceType<typeof Kernel>>();
  const given = environment();
  return {
    id: "tessera:kernel",
    autoStart: true,
    requires: [services.IKernelSpecs, services.IKernelClient],
    activate(app: App, specs: KernelSpecs, client: KernelClient) {
      // So that the browser does not make room by removing a learner's files.
      navigator.storage?.persist?.();
      const course = new URL("../../../course/", here).href;
      specs.register({
        // The name that the notebooks ask for.
        spec: {
          ...{ name: "deno", display_name: "TypeScript", language: "typescript" },
          ...{ argv: [], resources: {} },
        },
        create: (options) => {
          const kernel = new Kernel(options, {
            worker: `${course}worker.js`,
            settings: { course, folder: folderOf(options.location), environment: given },
            contents: app.serviceManager.contents,
          });
          kernels.set(options.id, kernel);
          return Promise.resolve(kernel);
        },
      });
      // JupyterLite takes waiting cells off the queue at Stop, and does not tell the kernel.
      const interrupt = client.interrupt.bind(client);
      client.interrupt = async (id: string) => {
        kernels.get(id)?.interrupt();
        await interrupt(id);
      };
    },
  };
}

/** The folder of a notebook, from its path or its folder's. */
function folderOf(location: string): string {
  const path = location.replace(/^.*:/, "").replace(/^\/+|\/+$/g, "");
  const folder = path.endsWith(".ipynb") ? path.slice(0, Math.max(0, path.lastIndexOf("/"))) : path;
  return folder === "" ? "/home" : `/home/${folder}`;
}

const container = {
  init(scope: Shared) {
    shared = scope;
  },
  async get(_module: string) {
    const exports = { __esModule: true, default: await plugin() };
    return () => exports;
  },
};

const page = globalThis as unknown as { _JUPYTERLAB?: Record<string, unknown> };
(page._JUPYTERLAB ??= {})["tessera-kernel"] = container;
