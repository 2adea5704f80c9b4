/**
 * The JupyterLab extension of the site: a module federation container written by hand, so that no other
 * builder than the project's own is needed.
 */
import { addHandIn } from "../../jupyterlab/hand_in.ts";
import type { Apputils, MainMenu, NotebookTracker } from "../../jupyterlab/lab.ts";
import { watchNotebooks } from "../../jupyterlab/open_notebooks.ts";
import { outputsPlugin } from "../../jupyterlab/outputs_plugin.ts";
import { ofJupyterLab, share } from "../../jupyterlab/shared_modules.ts";
import { FileNews } from "./file_news.ts";
import { HomeFiles } from "./home_files.ts";
import type { App, KernelClient, KernelSpecs, Services } from "./jupyterlite.ts";
import { kernelClass } from "./kernel.ts";
import { readSettingsOnce, trustUnchangedSettings } from "./known_settings.ts";
import { startOffline } from "./offline.ts";
import { plotlyExtension } from "./plotly.ts";
import { ReadyWorker } from "./ready_worker.ts";
import { makeSure } from "./sure_contents.ts";
import { BrowserWindows } from "./windows.ts";
import { BrowserHandIn } from "./work/hand_in.ts";
import { addWorkCommands } from "./work/menu.ts";
import { OwnFiles } from "./work/own_files.ts";
import { askToKeep } from "./room.ts";
import { site } from "./site.ts";

/** Settings stand in the page's address: `lab/index.html?TESSERA_QUICK=1`. */
function environment(): Record<string, string> {
  const given = [...new URLSearchParams(location.search)]
    .filter(([name]) => name.startsWith("TESSERA_"));
  return Object.fromEntries(given);
}

let news: FileNews;

async function kernelPlugin() {
  const services = await ofJupyterLab<Services>("@jupyterlite/services");
  const Kernel = kernelClass(services);
  const course = `${site}course/`;
  const kernels = new Map<string, InstanceType<typeof Kernel>>();
  return {
    id: "tessera:kernel",
    description: "Runs cells in a worker.",
    autoStart: true,
    requires: [services.IKernelSpecs, services.IKernelClient],
    activate(app: App, specs: KernelSpecs, client: KernelClient) {
      // Not sooner: what JupyterLab itself is made of was compiled by both of two cores until now.
      const workers = new ReadyWorker(`${course}worker.js`, { course, environment: environment() });
      const { contents } = app.serviceManager;
      const own = new OwnFiles(new HomeFiles(contents), site);
      makeSure(contents, (path) => own.isGiven(path));
      news = new FileNews(contents);
      askToKeep();
      app.restored.then(() => document.getElementById("tessera-opens")?.remove());
      specs.register({
        // The name that the notebooks ask for.
        spec: {
          ...{ name: "deno", display_name: "TypeScript", language: "typescript" },
          ...{ argv: [], resources: {} },
        },
        create: (options) => {
          const kernel = new Kernel(options, {
            ...{ workers, contents, news },
            settings: { folder: folderOf(options.location) },
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

/** Browsers give such a page no checksums, no caches and no locks. */
function sayInsecure(notification: Apputils["Notification"]): void {
  const said = "Without https in its address the course reads no data sets and makes no hand-in. " +
    "Ask for the address with https.";
  notification.emit(said, "error", { autoClose: false });
}

async function workPlugin() {
  const { INotebookTracker } = await ofJupyterLab("@jupyterlab/notebook");
  const { IMainMenu } = await ofJupyterLab("@jupyterlab/mainmenu");
  const apputils = await ofJupyterLab("@jupyterlab/apputils");
  const { Widget } = await ofJupyterLab("@lumino/widgets");
  return {
    id: "tessera:work",
    description:
      "Keeps a learner's work safe: all of it as a ZIP, hand-ins, notebooks in two tabs.",
    autoStart: true,
    requires: [INotebookTracker, IMainMenu],
    activate(app: App, tracker: NotebookTracker, menu: MainMenu) {
      const { contents } = app.serviceManager;
      const files = new HomeFiles(contents);
      const own = new OwnFiles(files, site);
      addHandIn(app, tracker, menu, { maker: new BrowserHandIn(files, own), apputils, Widget });
      // Where a browser has none, as in some private windows, the course needs its network.
      startOffline(app, apputils).catch((error) => console.warn("Tessera:", error));
      addWorkCommands(app, menu, { files, own, apputils, Widget });
      const { Notification } = apputils;
      if (!isSecureContext) return void app.restored.then(() => sayInsecure(Notification));
      const tell = (problem: string) => Notification.warning(problem, { autoClose: false });
      watchNotebooks(
        app,
        tracker,
        Notification,
        new BrowserWindows({ contents, files, news }, tell),
      );
    },
  };
}

const container = {
  init: share,
  async get(module: string) {
    if (module === "./mimeExtension") {
      const { Panel } = await ofJupyterLab("@lumino/widgets");
      return () => ({ __esModule: true, default: [plotlyExtension(site, Panel)] });
    }
    trustUnchangedSettings(
      (await ofJupyterLab("@jupyterlab/settingregistry")).DefaultSchemaValidator,
    );
    readSettingsOnce((await ofJupyterLab("@jupyterlite/services")).Settings);
    const plugins = await Promise.all([kernelPlugin(), workPlugin(), outputsPlugin()]);
    return () => ({ __esModule: true, default: plugins });
  },
};

const page = globalThis as unknown as { _JUPYTERLAB?: Record<string, unknown> };
(page._JUPYTERLAB ??= {})["tessera-kernel"] = container;
