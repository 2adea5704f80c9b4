import { ascent, descent, textWidth } from "./text_metrics.ts";

/** A rectangle in pixels, y downwards. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** What of a DOM is needed here; any implementation's elements fit. */
export interface SvgNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly textContent: string | null;
  readonly childNodes: ArrayLike<SvgNode>;
  readonly parentNode: SvgNode | null;
  getAttribute?(name: string): string | null;
}

type Point = [x: number, y: number];
type Matrix = [a: number, b: number, c: number, d: number, e: number, f: number];

const identity: Matrix = [1, 0, 0, 1, 0, 0];
const elementNode = 1, textNode = 3;
/** Elements that are not drawn where they stand. */
const undrawn = new Set(["defs", "clippath", "style", "title", "lineargradient"]);

/** The box of an SVG element in the coordinates of its outermost SVG, or undefined for an empty one. */
export function boundingBox(element: SvgNode): Box | undefined {
  let matrix = identity;
  for (let parent = element.parentNode; parent; parent = parent.parentNode) {
    if (parent.getAttribute) matrix = multiply(transformOf(parent), matrix);
  }
  return boxOf(element, matrix);
}

/** The box of each line of text below `root`, with its words. */
export function textBoxes(root: SvgNode): { text: string; box: Box }[] {
  const found: { text: string; box: Box }[] = [];
  for (const element of descendants(root)) {
    if (element.nodeName.toLowerCase() !== "text") continue;
    const box = boundingBox(element);
    if (box && element.textContent?.trim()) found.push({ text: element.textContent, box });
  }
  return found;
}

/** Whether two boxes share an area; touching edges within `slack` pixels do not count. */
export function overlap(one: Box, other: Box, slack = 0): boolean {
  return one.left < other.right - slack && other.left < one.right - slack &&
    one.top < other.bottom - slack && other.top < one.bottom - slack;
}

function* descendants(root: SvgNode): Generator<SvgNode> {
  for (const child of Array.from(root.childNodes)) {
    if (child.nodeType !== elementNode) continue;
    yield child;
    yield* descendants(child);
  }
}

function boxOf(element: SvgNode, outer: Matrix): Box | undefined {
  const name = element.nodeName.toLowerCase();
  if (undrawn.has(name) || styleOf(element, "display") === "none") return undefined;
  const matrix = multiply(outer, transformOf(element));
  if (name === "text") return around(textCorners(element), matrix);
  const own = shapeCorners(element, name);
  if (own) return around(own, matrix);
  const boxes = Array.from(element.childNodes)
    .filter((child) => child.nodeType === elementNode)
    .map((child) => boxOf(child, matrix))
    .filter((box) => box !== undefined);
  return boxes.length ? union(boxes) : undefined;
}

function shapeCorners(element: SvgNode, name: string): Point[] | undefined {
  const value = (attribute: string) => Number(element.getAttribute!(attribute)) || 0;
  if (name === "rect" || name === "image") {
    return corners(value("x"), value("y"), value("width"), value("height"));
  }
  if (name === "circle") {
    const radius = value("r");
    return corners(value("cx") - radius, value("cy") - radius, 2 * radius, 2 * radius);
  }
  if (name === "path") return pathPoints(element.getAttribute!("d") ?? "");
  return undefined;
}

/** The points that a path names; control points stand for the curves between them. */
function pathPoints(data: string): Point[] {
  const points: Point[] = [];
  let x = 0, y = 0;
  for (const [, command, list] of data.matchAll(/([a-zA-Z])([^a-zA-Z]*)/g)) {
    const numbers = (list.match(/-?\d*\.?\d+(?:e[-+]?\d+)?/g) ?? []).map(Number);
    const relative = command === command.toLowerCase();
    const stride = { H: 1, V: 1, A: 7, Z: 1 }[command.toUpperCase()] ?? 2;
    const [startX, startY] = [x, y];
    for (let at = 0; at + stride <= numbers.length; at += stride) {
      const group = numbers.slice(at, at + stride);
      const [baseX, baseY] = relative ? [startX, startY] : [0, 0];
      switch (command.toUpperCase()) {
        case "H":
          x = group[0] + baseX;
          break;
        case "V":
          y = group[0] + baseY;
          break;
        default:
          [x, y] = [group[stride - 2] + baseX, group[stride - 1] + baseY];
      }
      points.push([x, y]);
    }
  }
  return points;
}

interface Line {
  x: number;
  baseline: number;
  width: number;
}

/** The corners of every line of a text: Plotly breaks lines with `<tspan class="line">`. */
function textCorners(text: SvgNode): Point[] {
  const fontSize = parseFloat(inherited(text, "font-size") ?? "12");
  const lines: Line[] = [];
  let line: Line | undefined;
  let y = (Number(text.getAttribute!("y")) || 0) + lengthOf(text.getAttribute!("dy"), fontSize);
  const begin = (x: string | null, dy: string | null) => {
    y += lengthOf(dy, fontSize);
    line = { x: Number(x ?? text.getAttribute!("x")) || 0, baseline: y, width: 0 };
    lines.push(line);
  };
  const visit = (node: SvgNode, size: number, bold: boolean) => {
    if (node.nodeType === textNode) {
      if (!line) begin(null, null);
      line!.width += textWidth(node.textContent ?? "", size, bold);
      return;
    }
    if (node.nodeType !== elementNode) return;
    if (node !== text && node.getAttribute!("class") === "line") {
      begin(node.getAttribute!("x"), node.getAttribute!("dy"));
    }
    const weight = styleOf(node, "font-weight");
    const ownSize = lengthOf(styleOf(node, "font-size"), size) || size;
    const ownBold = weight === undefined ? bold : weight === "bold" || Number(weight) >= 600;
    for (const child of Array.from(node.childNodes)) visit(child, ownSize, ownBold);
  };
  visit(text, fontSize, false);
  const anchor = text.getAttribute!("text-anchor") ?? styleOf(text, "text-anchor");
  const shift = anchor === "middle" ? 0.5 : anchor === "end" ? 1 : 0;
  return lines.flatMap(({ x, baseline, width }) =>
    corners(x - shift * width, baseline - ascent * fontSize, width, (ascent + descent) * fontSize)
  );
}

function lengthOf(length: string | null | undefined, fontSize: number): number {
  if (!length) return 0;
  if (length.endsWith("%")) return parseFloat(length) / 100 * fontSize;
  return length.endsWith("em") ? parseFloat(length) * fontSize : parseFloat(length);
}

function inherited(element: SvgNode, property: string): string | undefined {
  for (let node: SvgNode | null = element; node?.getAttribute; node = node.parentNode) {
    const value = styleOf(node, property) ?? node.getAttribute(property);
    if (value) return value;
  }
  return undefined;
}

function styleOf(element: SvgNode, property: string): string | undefined {
  const style = element.getAttribute?.("style");
  if (!style?.includes(property)) return undefined;
  for (const declaration of style.split(";")) {
    const colon = declaration.indexOf(":");
    if (declaration.slice(0, colon).trim() === property) return declaration.slice(colon + 1).trim();
  }
  return undefined;
}

function transformOf(element: SvgNode): Matrix {
  const list = element.getAttribute!("transform");
  if (!list) return identity;
  let matrix = identity;
  for (const [, name, values] of list.matchAll(/(\w+)\(([^)]*)\)/g)) {
    const [one = 0, two, three = 0, ...rest] = values.trim().split(/[\s,]+/).map(Number);
    if (name === "translate") matrix = multiply(matrix, [1, 0, 0, 1, one, two ?? 0]);
    else if (name === "scale") matrix = multiply(matrix, [one, 0, 0, two ?? one, 0, 0]);
    else if (name === "matrix") {
      matrix = multiply(matrix, [one, two ?? 0, three, rest[0], rest[1], rest[2]]);
    } else if (name === "rotate") {
      const [sine, cosine] = [Math.sin(one * Math.PI / 180), Math.cos(one * Math.PI / 180)];
      matrix = multiply(matrix, [1, 0, 0, 1, two ?? 0, three]);
      matrix = multiply(matrix, [cosine, sine, -sine, cosine, 0, 0]);
      matrix = multiply(matrix, [1, 0, 0, 1, -(two ?? 0), -three]);
    }
  }
  return matrix;
}

function multiply([a, b, c, d, e, f]: Matrix, [g, h, i, j, k, l]: Matrix): Matrix {
  return [
    a * g + c * h,
    b * g + d * h,
    a * i + c * j,
    b * i + d * j,
    a * k + c * l + e,
    b * k + d * l + f,
  ];
}

function corners(x: number, y: number, width: number, height: number): Point[] {
  return [[x, y], [x + width, y], [x + width, y + height], [x, y + height]];
}

function around(points: Point[], [a, b, c, d, e, f]: Matrix): Box | undefined {
  if (!points.length) return undefined;
  const xs = points.map(([x, y]) => a * x + c * y + e);
  const ys = points.map(([x, y]) => b * x + d * y + f);
  return {
    left: Math.min(...xs),
    right: Math.max(...xs),
    top: Math.min(...ys),
    bottom: Math.max(...ys),
  };
}

function union(boxes: Box[]): Box {
  return {
    left: Math.min(...boxes.map((box) => box.left)),
    right: Math.max(...boxes.map((box) => box.right)),
    top: Math.min(...boxes.map((box) => box.top)),
    bottom: Math.max(...boxes.map((box) => box.bottom)),
  };
}
