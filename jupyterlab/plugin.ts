/**
 * Tessera's plug-in for JupyterLab, as a federated extension: the container that JupyterLab looks for
 * under `_JUPYTERLAB`, with six plug-ins in it. `tools/lab_extension.ts` makes it.
 */
import type { Application, MainMenu, NotebookTracker } from "./lab.ts";
import type { CompletionProviders } from "./lab.ts";
import { keepCommonBeginning, preferLanguageServer } from "./completions.ts";
import { addDocs } from "./docs.ts";
import { stayInCell } from "./escape.ts";
import { addHandIn } from "./hand_in.ts";
import { watchNotebooks } from "./open_notebooks.ts";
import { outputsPlugin } from "./outputs_plugin.ts";
import { Returning } from "./returning.ts";
import { Server } from "./server.ts";
import { ofJupyterLab, share } from "./shared_modules.ts";

const container = {
  init: share,
  async get(): Promise<() => unknown> {
    const { INotebookTracker } = await ofJupyterLab("@jupyterlab/notebook");
    const { IMainMenu } = await ofJupyterLab("@jupyterlab/mainmenu");
    const apputils = await ofJupyterLab("@jupyterlab/apputils");
    const { KernelMessage, ServerConnection } = await ofJupyterLab("@jupyterlab/services");
    const { CodeCell } = await ofJupyterLab("@jupyterlab/cells");
    const { Completer, ICompletionProviderManager } = await ofJupyterLab("@jupyterlab/completer");
    const { Widget } = await ofJupyterLab("@lumino/widgets");
    const openNotebooks = {
      id: "tessera:open-notebooks",
      description: "Notices a notebook that is open twice or was changed, and keeps snapshots.",
      autoStart: true,
      requires: [INotebookTracker],
      activate: (application: Application, tracker: NotebookTracker) =>
        watchNotebooks(
          application,
          tracker,
          apputils.Notification,
          new Server(application, ServerConnection),
        ),
    };
    const runningKernels = {
      id: "tessera:running-kernels",
      description: "Shows in a notebook that is opened what its kernel does and did meanwhile.",
      autoStart: true,
      requires: [INotebookTracker],
      activate(_: Application, tracker: NotebookTracker) {
        const returning = new Returning(CodeCell.execute, KernelMessage.createMessage);
        tracker.widgetAdded.connect((_, panel) => returning.watch(panel));
      },
    };
    const handingIn = {
      id: "tessera:hand-in",
      description: "Hands in a unit from the File menu.",
      autoStart: true,
      requires: [INotebookTracker, IMainMenu],
      activate(application: Application, tracker: NotebookTracker, menu: MainMenu) {
        const server = new Server(application, ServerConnection);
        addHandIn(application, tracker, menu, { maker: server, apputils, Widget });
      },
    };
    const docs = {
      id: "tessera:docs",
      description: "Opens the library's pages from the Help menu.",
      autoStart: true,
      requires: [IMainMenu],
      activate: (application: Application, menu: MainMenu) => addDocs(application, menu),
    };
    const completions = {
      id: "tessera:completions",
      description: "Offers names that the language server knows.",
      autoStart: true,
      requires: [ICompletionProviderManager],
      activate(application: Application, manager: CompletionProviders) {
        // Others are still to come; whoever waited for them here would keep them from coming.
        application.restored.then(() => {
          if (!preferLanguageServer(manager)) return;
          keepCommonBeginning(Completer);
          stayInCell();
        });
      },
    };
    const plugins = [
      openNotebooks,
      runningKernels,
      handingIn,
      docs,
      completions,
      await outputsPlugin(),
    ];
    return () => ({ __esModule: true, default: plugins });
  },
};

declare global {
  var _JUPYTERLAB: Record<string, unknown>;
}

(globalThis._JUPYTERLAB ??= {}).tessera = container;
