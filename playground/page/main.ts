/** The page's script: a digit is drawn, the network looks, and both are shown. */
import { dataElement, type PageData } from "../page_data.ts";
import { AttentionView } from "./attention_view.ts";
import { type Backend, backendNames, isPossible, start, supplyWasm } from "./backends.ts";
import { ClassBars } from "./class_bars.ts";
import { DrawingPad, pictureOf } from "./drawing_pad.ts";
import { bytesOf, Network, type Prediction } from "./network.ts";

const element = <Kind extends HTMLElement>(id: string) => document.getElementById(id) as Kind;
const data: PageData = JSON.parse(element(dataElement).textContent!);
const { sizes } = data;

const bars = new ClassBars(element("bars"), element("verdict"), element("spoken"), sizes.classes);
const attention = new AttentionView(
  { picture: element("look"), choices: element("maps"), words: element("looks-at") },
  { heads: sizes.heads, across: sizes.imageSize[1] / sizes.patchSize },
);
const pad = new DrawingPad(element("pad"), element("cursor"), () => askSoon());
const seen = element<HTMLCanvasElement>("seen").getContext("2d")!;
const choice = element<HTMLSelectElement>("backend");

let network: Network | undefined;
let current: Backend | undefined;
/** The engine is used by one at a time: a prediction, or a change of the backend. */
let engine: Promise<unknown> = Promise.resolve();
function inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
  const turn = engine.then(task);
  engine = turn.catch(() => {});
  return turn;
}

/** What is on the page; the prediction of the last drawing. */
let shown: Prediction | null = null;
let asked = false;
const times: number[] = [];

/** Asks the network about the drawing, once a picture of the screen at most. */
function askSoon(): void {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => inTurn(ask).catch(fail));
}

async function ask(): Promise<void> {
  asked = false; // what is drawn from here on needs another look
  const pixels = pad.read();
  element("hint").hidden = pixels !== null;
  seen.clearRect(0, 0, seen.canvas.width, seen.canvas.height);
  if (pixels) seen.drawImage(pictureOf(pixels), 0, 0);
  if (pixels && network) {
    shown = await network.predict(pixels);
    bars.show(shown.probabilities);
    attention.show({ pixels, prediction: shown });
    showTime(shown.milliseconds);
  } else {
    shown = null;
    bars.show(null);
    attention.show(null);
  }
}

function showTime(milliseconds: number): void {
  times.push(milliseconds);
  if (times.length > 15) times.shift();
  element("time").textContent = `${median(times).toFixed(1)} ms`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function fail(error: unknown): void {
  console.error(error);
  element("verdict").textContent = `The network cannot compute here: ${error}`;
}

/** Computes with another backend from now on. Must be called in turn. */
async function use(backend: Backend): Promise<boolean> {
  if (!await start(backend)) return false;
  if (network) network.load();
  else network = new Network(data);
  times.length = 0;
  choice.value = current = backend;
  return true;
}

/** Changes to the backend that the reader chose, or stays where that does not start. */
async function change(wanted: Backend): Promise<void> {
  const before = current;
  if (await use(wanted) || !before) return;
  choice.querySelector(`[value=${wanted}]`)?.remove();
  await use(before);
}

/**
 * Starts the first backend that works: WASM on nearly every machine. The others are offered; for so small
 * a model the way to the graphics card and back takes longer than the computing.
 */
async function begin(): Promise<void> {
  supplyWasm(bytesOf(data.wasm));
  const possible: Backend[] = [];
  for (const backend of ["wasm", "cpu", "webgpu"] as const) {
    if (await isPossible(backend)) possible.push(backend);
  }
  choice.append(...possible.map((backend) => new Option(backendNames[backend], backend)));
  for (const backend of possible) if (await use(backend)) break;
  if (!network) throw new Error("no engine starts");
  element("parameters").textContent = network.parameters.toLocaleString("en");
  askSoon();
}

function showExamples(): void {
  element("fooling").hidden = data.examples.at(-1)?.said === data.examples.at(-1)?.label;
  for (const { label, said, pixels } of data.examples) {
    const button = document.createElement("button");
    button.type = "button";
    const mistake = said === label ? "" : `, which the network takes for a ${said}`;
    button.title = `A ${label} of the test images${mistake}`;
    button.setAttribute("aria-label", button.title);
    const bytes = bytesOf(pixels);
    button.append(pictureOf(bytes));
    button.addEventListener("click", () => pad.show(bytes));
    element("examples").append(button);
  }
}

/** In a notebook the page stands in a frame, which grows and shrinks with it. */
function tellHeight(): void {
  if (globalThis.parent === globalThis.self) return;
  document.documentElement.classList.add("framed");
  document.querySelector("details")!.open = false;
  new ResizeObserver(() => {
    const { height } = document.body.getBoundingClientRect();
    globalThis.parent.postMessage({ playgroundHeight: Math.ceil(height) }, "*");
  }).observe(document.body);
}

showExamples();
tellHeight();
element("clear").addEventListener("click", () => pad.clear());
choice.addEventListener("change", () => {
  const wanted = choice.value as Backend;
  element("time").textContent = "…";
  inTurn(() => change(wanted)).then(askSoon).catch(fail);
});

/** For the curious, and for tests: in the browser's console, `await playground.predict(bytes)`. */
const playground = {
  ready: inTurn(begin),
  predict: (pixels: ArrayLike<number>) => inTurn(() => network!.predict(Uint8Array.from(pixels))),
  /** The prediction on the page, and what the network was shown for it. */
  shown: () => shown,
  drawing: () => pad.read(),
};
Object.assign(globalThis, { playground });

playground.ready.catch(fail);
