/**
 * Makes JavaScript of a cell that means what it means on Deno's kernel: in strict mode, with `await`, and with
 * names that all cells share, may be declared again, and are looked up anew at each use. So what a cell
 * declares at its top becomes properties of the global object (see `names.ts`), and declarations become
 * assignments to them. Functions are made first, by a script of their own. No line moves.
 */
import { blanked, Edits } from "./edits.ts";
import { makeStoppable } from "./stoppable.ts";
import {
  type acorn,
  namesIn,
  type NamespaceCompiler,
  type Node,
  parse,
  withoutTypes,
} from "./syntax.ts";

/** How a name was declared. */
export type Kind = "const" | "let" | "var" | "function";

/** A cell to run: two scripts that use the global object's names, and `__tessera`. */
export interface Cell {
  /** The names that the cell declares, in order. */
  declared: Map<string, Kind>;
  /** Makes the cell's functions, and gives them to `__tessera.functions`. */
  functions: string;
  /** Gives a promise of `{ value }`, what the last expression gives. */
  body: string;
}

/** `number` names the cell in stack traces, `cell:NUMBER`. Throws a SyntaxError that says in which line. */
export async function compileCell(
  source: string,
  number: number,
  compile: NamespaceCompiler,
): Promise<Cell> {
  const code = await withoutTypes(
    await isObject(source, compile) ? `(${source})` : source,
    compile,
  );
  const program = parse(code);
  const cell = new CellCompiler(code, source);
  const { functions, body } = cell.compile(program);
  const name = `\n//# sourceURL=cell:${number}`;
  return {
    declared: cell.declared,
    functions: functions === "" ? "" : `"use strict";(()=>{${functions}\n})()${name}`,
    body: `"use strict";(async()=>{let __value;${body}\nreturn{value:__value}})()${name}`,
  };
}

/** What can be an object is one, not a block; so Deno's kernel decides too. */
async function isObject(source: string, compile: NamespaceCompiler): Promise<boolean> {
  const text = source.trim();
  if (!text.startsWith("{") || text.endsWith(";")) return false;
  try {
    parse(await withoutTypes(`(${source})`, compile));
    return true;
  } catch {
    return false;
  }
}

class CellCompiler {
  readonly declared = new Map<string, Kind>();
  readonly #edits: Edits;
  readonly #functions: Edits;
  readonly #code: string;
  readonly #source: string;

  constructor(code: string, source: string) {
    this.#code = code;
    this.#source = source;
    this.#edits = new Edits(code);
    this.#functions = new Edits(code);
  }

  compile(program: acorn.Program): { functions: string; body: string } {
    makeStoppable(program, this.#edits);
    let end = 0;
    for (const statement of program.body) {
      const own = this.#statement(statement);
      if (!own) continue;
      // A block of its own: other functions of the cell call it by its global name.
      const { id: { name }, start } = own as acorn.FunctionDeclaration & {
        id: acorn.Identifier;
      };
      this.#functions.blank(end, start);
      this.#functions.wrap(own, "{", `__tessera.functions.${name}=${name}}`);
      makeStoppable(own, this.#functions);
      end = own.end;
    }
    this.#functions.blank(end, this.#code.length);
    this.#markValue(program.body);
    return { functions: end === 0 ? "" : this.#functions.apply(), body: this.#edits.apply() };
  }

  /** Rewrites one statement of the cell; returns it where it is a function's declaration. */
  #statement(node: Node): acorn.FunctionDeclaration | undefined {
    switch (node.type) {
      case "ImportDeclaration":
        return this.#import(node);
      case "ExportAllDeclaration":
        this.#edits.replace(node, `;__value=await __tessera.import(${node.source.raw},[]);`);
        return;
      case "ExportNamedDeclaration":
        if (!node.declaration) {
          return void this.#edits.blank(node.start, node.end);
        }
        this.#edits.blank(node.start, node.declaration.start);
        return this.#statement(node.declaration);
      case "ExportDefaultDeclaration": {
        const { declaration } = node;
        const isNamed = declaration.type.endsWith("Declaration") &&
          "id" in declaration &&
          declaration.id;
        if (isNamed) {
          this.#edits.blank(node.start, declaration.start);
          return this.#statement(declaration);
        }
        this.#edits.blank(node.start, declaration.start);
        this.#edits.wrap(declaration, ";__value=(0,", ");");
        return;
      }
      case "VariableDeclaration":
        return this.#variables(node);
      case "ClassDeclaration":
        this.#declare(node.id!.name, "let");
        this.#edits.wrap(node, `;${node.id!.name}=`, ";");
        return;
      case "FunctionDeclaration":
        this.#declare(node.id!.name, "function");
        this.#edits.blank(node.start, node.end);
        return node as acorn.FunctionDeclaration;
      default:
        this.#variablesInside(node);
    }
  }

  #declare(name: string, kind: Kind): void {
    const before = this.declared.get(name);
    const mayBeTwice = (each: Kind) => each === "var" || each === "function";
    if (before && !(mayBeTwice(before) && mayBeTwice(kind))) {
      throw new SyntaxError(`Identifier '${name}' has already been declared`);
    }
    this.declared.set(name, kind);
  }

  #variables(node: acorn.VariableDeclaration): undefined {
    const kind = node.kind === "let" || node.kind === "var" ? node.kind : "const";
    // Without its word a declaration's pattern is that of an assignment, which names functions alike.
    this.#edits.blank(node.start, node.declarations[0].start);
    this.#edits.insert(node.start, ";");
    for (const each of node.declarations) {
      for (const name of namesIn(each.id)) this.#declare(name, kind);
      if (each.init) this.#edits.wrap(each, "(", ")");
      else if (kind === "var") this.#edits.replace(each, "0");
      else this.#edits.wrap(each, "(", "=undefined)");
    }
  }

  /** `var` is the cell's own wherever it stands outside of functions. */
  #variablesInside(node: Node): void {
    if (/Function|Class/.test(node.type)) return;
    if (node.type === "VariableDeclaration" && node.kind === "var") {
      for (const { id } of node.declarations) {
        for (const name of namesIn(id)) this.#declare(name, "var");
      }
      return this.#nestedVariables(node);
    }
    for (const value of Object.values(node)) {
      for (const each of Array.isArray(value) ? value : [value]) {
        if (each && typeof each.type === "string") this.#variablesInside(each);
      }
    }
  }

  /** `var a = 1, b` as an expression; at the head of `for (… of …)` the pattern alone. */
  #nestedVariables(node: acorn.VariableDeclaration): void {
    const { declarations } = node;
    this.#edits.blank(node.start, declarations[0].start);
    if (declarations.length === 1 && !declarations[0].init && this.#isLoopHead(node)) return;
    this.#edits.insert(node.start, "void ");
    for (const each of declarations) {
      if (each.init) this.#edits.wrap(each, "(", ")");
      else this.#edits.replace(each, "0");
    }
  }

  #isLoopHead({ end }: acorn.VariableDeclaration): boolean {
    return /^\s*(of|in)\b/.test(this.#code.slice(end));
  }

  #import(node: acorn.ImportDeclaration): undefined {
    const names: [local: string, exported: string][] = [];
    let whole: string | undefined;
    for (const each of node.specifiers) {
      const local = each.local.name;
      this.#declare(local, "const");
      if (each.type === "ImportNamespaceSpecifier") whole = local;
      else if (each.type === "ImportDefaultSpecifier") {
        names.push([local, "default"]);
      } else {
        const { imported } = each;
        names.push([local, imported.type === "Identifier" ? imported.name : `${imported.value}`]);
      }
    }
    const needed = names.filter(([local]) => !this.#isTypeOnly(local)).map((
      [, exported],
    ) => exported);
    const attributes = node.attributes.length > 0
      ? `,{with:{${
        node.attributes.map(({ key, value }) =>
          `${this.#code.slice(key.start, key.end)}:${value.raw}`
        )
      }}}`
      : "";
    const module = `await __tessera.import(${node.source.raw},${
      JSON.stringify(needed)
    }${attributes})`;
    const pattern = names.map(([local, exported]) => `${JSON.stringify(exported)}:${local}`);
    let text = `;${module};`;
    if (whole) {
      text = `;${whole}=${module};${names.length > 0 ? `({${pattern}}=${whole});` : ""}`;
    } else if (names.length > 0) text = `;({${pattern}}=${module});`;
    this.#edits.replace(node, text + blanked(this.#code.slice(node.start, node.end)));
  }

  /** Whether the cell uses an imported name as a type alone: types are gone from the code, not from the source. */
  #isTypeOnly(name: string): boolean {
    const word = new RegExp(`(?<![\\w$.])${name.replaceAll("$", "\\$")}(?![\\w$])`, "g");
    const uses = (text: string) => text.match(word)?.length ?? 0;
    return uses(this.#code) === 1 && uses(this.#source) > 1;
  }

  /** Notes the value of the last statement that has one, as a script's value is. */
  #markValue(statements: readonly (acorn.Statement | acorn.ModuleDeclaration)[]): boolean {
    return statements.toReversed().some((each) => this.#markValueOf(each));
  }

  #markValueOf(node: acorn.Statement | acorn.ModuleDeclaration): boolean {
    switch (node.type) {
      case "ExpressionStatement":
        this.#edits.wrap(node.expression, "__value=(0,", ")");
        return true;
      case "BlockStatement":
        return this.#markValue(node.body);
      case "IfStatement":
        this.#markValueOf(node.consequent);
        if (node.alternate) this.#markValueOf(node.alternate);
        return true;
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
      case "WhileStatement":
      case "DoWhileStatement":
      case "LabeledStatement":
        this.#markValueOf(node.body);
        return true;
      case "TryStatement":
        this.#markValue(node.block.body);
        if (node.handler) this.#markValue(node.handler.body.body);
        return true;
      case "SwitchStatement":
        for (const { consequent } of node.cases) this.#markValue(consequent);
        return true;
      case "ExportAllDeclaration":
      case "ExportDefaultDeclaration":
      case "ThrowStatement":
        return true;
      default:
        return false;
    }
  }
}
