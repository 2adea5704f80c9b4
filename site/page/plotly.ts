/**
 * Plotly's charts, drawn by its own JupyterLab extension, which is loaded with the first of them: it has 5 MB, and
 * JupyterLab waits for an extension that it loads itself before it begins.
 */
import { sharedModules } from "../../jupyterlab/shared_modules.ts";

/** A renderer of `@jupyterlab/rendermime-interfaces`, which is one of Lumino's widgets. */
interface Renderer {
  renderModel(model: unknown): Promise<void>;
}

interface MimeExtension {
  id: string;
  rendererFactory: {
    safe: boolean;
    mimeTypes: string[];
    createRenderer(options: object): Renderer;
  };
  rank: number;
  dataType: "json";
}

interface Container {
  init(scope: object): unknown;
  get(module: string): Promise<() => { default: MimeExtension[] }>;
}

const mimeType = "application/vnd.plotly.v1+json";

/** Where `site/jupyterlite.ts` says that its first script lies; the page has all that `jupyter-lite.json` says. */
function address(site: string): string {
  const { textContent } = document.getElementById("jupyter-config-data")!;
  return `${site}${JSON.parse(textContent!).plotlyExtension}`;
}

let loaded: Promise<MimeExtension> | undefined;

async function load(site: string): Promise<MimeExtension> {
  const script = document.createElement("script");
  script.src = address(site);
  await new Promise((resolve, reject) => {
    script.onload = resolve;
    script.onerror = () => reject(new Error("Plotly, which draws charts, cannot be had."));
    document.head.appendChild(script);
  });
  const { _JUPYTERLAB } = globalThis as unknown as { _JUPYTERLAB: Record<string, Container> };
  const container = _JUPYTERLAB["jupyterlab-plotly"];
  await container.init(sharedModules());
  return (await container.get("./mimeExtension"))().default[0];
}

/** The extension as JupyterLab gets it at its start; `Panel` is Lumino's, and holds the renderer once it is there. */
export function plotlyExtension(
  site: string,
  Panel: new () => { addWidget(widget: unknown): void; node: HTMLElement },
): MimeExtension {
  class LazyRenderer extends Panel implements Renderer {
    readonly #options: object;
    #renderer: Promise<Renderer> | undefined;

    constructor(options: object) {
      super();
      this.#options = options;
    }

    async renderModel(model: unknown): Promise<void> {
      // What could not be had is asked for again with the next chart.
      loaded ??= load(site).catch((error) => {
        loaded = undefined;
        throw error;
      });
      this.#renderer ??= loaded.then(({ rendererFactory }) => {
        const renderer = rendererFactory.createRenderer(this.#options);
        this.addWidget(renderer);
        return renderer;
      });
      await (await this.#renderer).renderModel(model);
    }
  }
  return {
    id: "tessera:plotly",
    rendererFactory: {
      safe: true,
      mimeTypes: [mimeType],
      createRenderer: (options) => new LazyRenderer(options),
    },
    rank: 2,
    dataType: "json",
  };
}
