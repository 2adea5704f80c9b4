import { readText } from "../platform/disk.ts";
import { packageFile } from "../platform/package_files.ts";
import { Canvas } from "./canvas.ts";
import { boundingBox, type SvgNode } from "./geometry.ts";
import { hoverMetadata, hoverPlots } from "./hover_data.ts";
import { fontFamily, loadFont } from "./text_metrics.ts";

/** A Plotly figure: what `application/vnd.plotly.v1+json` holds. */
export interface Figure {
  data: Record<string, unknown>[];
  layout: Record<string, unknown> & { width: number; height: number };
  config?: Record<string, unknown>;
}

// deno-lint-ignore no-explicit-any -- Plotly and the DOM that it draws in have no types here
type Untyped = any;

let loading: Promise<{ plotly: Untyped; document: Untyped }> | undefined;
let queue: Promise<unknown> = Promise.resolve();

/**
 * Draws a figure as a self-contained SVG with Plotly, without a browser: in a plain DOM whose
 * measures of text are the font's own. The same figure gives the same text every time.
 */
export function drawFigure(figure: Figure): Promise<string> {
  const drawing = queue.then(() => draw(figure));
  queue = drawing.catch(() => {});
  return drawing;
}

async function draw({ data, layout, config }: Figure): Promise<string> {
  const { plotly, document } = await (loading ??= load());
  const element = document.createElement("div");
  document.body.appendChild(element);
  try {
    await plotly.newPlot(
      element,
      structuredClone(data).map((trace, index) => ({ uid: `t${index}`, ...trace })),
      structuredClone(layout),
      { ...config, staticPlot: true },
    );
    const identity: string = element._fullLayout._uid;
    const svg = tidy(plotly.Snapshot.toSVG(element, "svg", 1), identity);
    const plots = hoverPlots(element._fullLayout, element._fullData);
    plotly.purge(element);
    return plots ? svg.replace(/>/, `>${hoverMetadata(plots)}`) : svg;
  } finally {
    element.remove();
  }
}

async function load(): Promise<{ plotly: Untyped; document: Untyped }> {
  const [{ parseHTML }, source] = await Promise.all([
    import("linkedom"),
    readPlotly(),
    loadFont(),
  ]);
  const window = parseHTML("<!doctype html><html><head></head><body></body></html>");
  const { document } = window;
  teachGeometry(window);
  const createElement = document.createElement.bind(document);
  (document as Untyped).createElement = (name: string) =>
    name === "canvas" ? new Canvas() : createElement(name);
  // Plotly is a browser's script. It gets its globals as parameters, so that nothing in this
  // process sees a `window` or `document` and takes the process for a browser.
  const globals: Record<string, unknown> = {
    window,
    self: window,
    document,
    navigator: { userAgent: "" },
    getComputedStyle: window.getComputedStyle,
    requestAnimationFrame: (task: () => void) => setTimeout(task, 0),
    Element: window.Element,
    HTMLElement: window.HTMLElement,
    DOMParser: window.DOMParser,
    XMLSerializer: window.XMLSerializer,
    module: { exports: {} },
    exports: {},
    define: undefined,
  };
  const names = Object.keys(globals);
  const run = new Function(...names, `${source}\nreturn window.Plotly ?? module.exports;`);
  return { plotly: run.call(window, ...names.map((name) => globals[name])), document };
}

async function readPlotly(): Promise<string> {
  // Importing something of the package makes its other files known (and fetches it if need be).
  await import("plotly/package.json", { with: { type: "json" } });
  return await readText(packageFile("plotly/plotly-cartesian.min.js"));
}

/** Gives the DOM what only a browser's layout knows. */
function teachGeometry(window: Untyped): void {
  const elements = window.Element.prototype;
  elements.getBoundingClientRect = elements.getBBox = function (this: SvgNode) {
    const { left, top, right, bottom } = boundingBox(this) ??
      { left: 0, top: 0, right: 0, bottom: 0 };
    const [width, height] = [right - left, bottom - top];
    return { x: left, y: top, left, top, right, bottom, width, height };
  };
  elements.getComputedTextLength = function () {
    return this.getBoundingClientRect().width;
  };
  // This DOM writes names in capitals, as for HTML; Plotly asks for SVG's "text" and "path".
  Object.defineProperty(elements, "nodeName", {
    get() {
      return this.localName;
    },
  });
  window.matchMedia = () => ({ matches: false, addEventListener() {}, removeEventListener() {} });
  window.getComputedStyle = (element: Untyped) => {
    const read = (name: string) => element.style?.[name] ?? "";
    return new Proxy({ getPropertyValue: read }, {
      get: (target, name: string) => name === "getPropertyValue" ? target[name] : read(name),
    });
  };
  window.XMLSerializer = class {
    serializeToString = (node: Untyped) => node.toString();
  };
}

/**
 * Drops what says nothing (some readers stumble over empty declarations), and names clip paths by
 * content: several charts share one page.
 */
function tidy(svg: string, identity: string): string {
  let text = svg
    .replace(/(?<=[";])[\w-]+:\s*(?:;|(?="))/g, "")
    .replace(
      /(?<=[";])(?:opacity|fill-opacity|stroke-opacity|vector-effect):(?:1|none)(?:;|(?="))/g,
      "",
    )
    .replace(/;"/g, '"')
    .replace(/ style=""/g, "")
    .replace(/ data-unformatted="[^"]*"/g, "")
    .replaceAll(`font-family:${fontFamily};`, "")
    .replace("<svg ", `<svg style="font-family:${fontFamily}" `);
  for (let before = ""; before !== text;) {
    before = text;
    text = text.replace(/<g(?: class="[^"]*")?(?: transform="[^"]*")?\s*(?:\/>|><\/g>)/g, "");
  }
  return text.replaceAll(identity, hash(text.replaceAll(identity, "")));
}

/** Eight hexadecimal digits of FNV-1a. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  return (value >>> 0).toString(16).padStart(8, "0");
}
