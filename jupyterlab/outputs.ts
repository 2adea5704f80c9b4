/** How JupyterLab draws the outputs of the course: with their words, as part of the page. */
import { readHover, showUnderPointer } from "./hover.ts";
import type { OutputModel, Renderer, RendererFactory, RenderMimeRegistry } from "./lab.ts";

const plotly = "application/vnd.plotly.v1+json";
const svgType = "image/svg+xml";

/** JupyterLab's widgets, of `@lumino/widgets`. */
export type WidgetClass = new () => { readonly node: HTMLElement; addClass(name: string): void };

/** Gives all outputs their words, those that other plug-ins draw included. */
export function drawOutputs(registry: RenderMimeRegistry, Widget: WidgetClass): void {
  // Other plug-ins add their renderers before this one and after it.
  const add = registry.addFactory.bind(registry);
  registry.addFactory = (factory, rank) => add(labelled(factory), rank);
  for (const mime of registry.mimeTypes) {
    const factory = registry.getFactory(mime);
    if (factory) add(labelled(factory), registry._ranks?.[mime]?.rank);
  }
  add(svgFactory(Widget), registry._ranks?.[svgType]?.rank);
}

/** The words of an output, for those who do not see it. */
function wordsOf({ data }: OutputModel): string {
  return [data["text/plain"] ?? ""].flat().join("").trim();
}

const areLabelled = new WeakSet<RendererFactory>();

/** A factory whose outputs have their words as alternative texts. */
function labelled(factory: RendererFactory): RendererFactory {
  if (areLabelled.has(factory)) return factory;
  const isPlotly = factory.mimeTypes.includes(plotly);
  const result: RendererFactory = {
    ...factory,
    createRenderer(options) {
      const renderer = factory.createRenderer(options);
      const render = renderer.renderModel.bind(renderer);
      renderer.renderModel = async (model) => {
        await render(isPlotly ? withoutSnapshot(model) : model);
        label(renderer.node, wordsOf(model));
        if (isPlotly) fitInto(renderer.node);
      };
      return renderer;
    },
  };
  areLabelled.add(result);
  return result;
}

/**
 * Plotly's renderer writes a picture of each chart into the notebook and shows that when it is opened again,
 * without words and in the colours of the theme of that time. Here it draws the chart itself, always.
 */
function withoutSnapshot({ data, metadata, trusted }: OutputModel): OutputModel {
  const { "image/png": _, ...others } = data;
  return { data: others, metadata, trusted, setData() {} };
}

function label(node: HTMLElement, words: string): void {
  if (node.classList.contains("jp-RenderedPlotly")) {
    node.setAttribute("role", "figure");
    node.setAttribute("aria-label", words || "chart");
  }
  node.querySelectorAll("img:not([alt])").forEach((image) => image.setAttribute("alt", words));
}

/** Charts shrink no further than to this part of their size; narrower pages scroll. */
const leastScale = 0.65;

/** Makes a chart, whose width is fixed, as narrow as its page. */
function fitInto(node: HTMLElement): void {
  const fit = () => {
    const chart = node.querySelector<HTMLElement>(".plot-container");
    const room = node.parentElement?.clientWidth;
    if (!chart?.offsetWidth || !room) return;
    const prompt = node.previousElementSibling;
    const beside = prompt instanceof HTMLElement && prompt.offsetTop === node.offsetTop
      ? prompt.offsetWidth
      : 0;
    const scale = Math.min(1, Math.max(leastScale, (room - beside) / chart.offsetWidth));
    chart.style.transform = scale < 1 ? `scale(${scale})` : "";
    node.style.height = scale < 1 ? `${chart.offsetHeight * scale}px` : "";
  };
  new ResizeObserver(fit).observe(node.parentElement ?? node);
  fit();
}

/**
 * Pictures as part of the page, so that they take its colours. Where the notebook is not trusted, a picture
 * is shown as an image, in which nothing can run.
 */
function svgFactory(Widget: WidgetClass): RendererFactory {
  class Picture extends Widget implements Renderer {
    constructor() {
      super();
      this.addClass("jp-RenderedSVG");
    }

    renderModel(model: OutputModel): Promise<void> {
      const source = [model.data[svgType]].flat().join("");
      const words = wordsOf(model);
      const svg = model.trusted ? readSvg(source) : undefined;
      if (svg) {
        svg.setAttribute("role", "img");
        svg.setAttribute("aria-label", words || "picture");
        this.node.replaceChildren(svg);
        const hover = readHover(svg);
        if (hover) showUnderPointer(this.node, svg, hover);
      } else {
        const image = new Image();
        image.src = `data:${svgType},${encodeURIComponent(source)}`;
        image.alt = words;
        this.node.replaceChildren(image);
      }
      return Promise.resolve();
    }
  }
  const factory = { safe: true, mimeTypes: [svgType], createRenderer: () => new Picture() };
  areLabelled.add(factory);
  return factory;
}

/** The picture as an element of the page, without what could run in it; undefined where it is none. */
function readSvg(source: string): SVGSVGElement | undefined {
  const parsed = new DOMParser().parseFromString(source, "image/svg+xml");
  if (parsed.querySelector("parsererror") || parsed.documentElement.nodeName !== "svg") return;
  const svg = document.importNode(parsed.documentElement, true) as unknown as SVGSVGElement;
  svg.querySelectorAll("script, foreignObject, style").forEach((each) => each.remove());
  return svg;
}
