/** The plug-in that draws the course's outputs, in JupyterLab and on the site alike. */
import type { RenderMimeRegistry } from "./lab.ts";
import { drawOutputs } from "./outputs.ts";
import { ofJupyterLab } from "./shared_modules.ts";
import style from "./style.css" with { type: "text" };

export async function outputsPlugin() {
  const { IRenderMimeRegistry } = await ofJupyterLab("@jupyterlab/rendermime");
  const { Widget } = await ofJupyterLab("@lumino/widgets");
  return {
    id: "tessera:outputs",
    description: "Outputs with words, and in the theme's colours.",
    autoStart: true,
    requires: [IRenderMimeRegistry],
    activate(_: unknown, registry: RenderMimeRegistry) {
      document.head.appendChild(document.createElement("style")).textContent = style;
      drawOutputs(registry, Widget);
    },
  };
}
