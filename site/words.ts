/** The names that cells can import, with their declarations and comments, read from the sources alone. */
import { dirname, join } from "node:path";
import ts from "typescript";
import type { Word, Words } from "./kernel/words.ts";

/** Longer declarations are cut: help shows a few lines. */
const longestDeclaration = 600;

/** A source file by its path; undefined where there is none. */
function parsed(path: string): ts.SourceFile | undefined {
  try {
    return ts.createSourceFile(path, Deno.readTextFileSync(path), ts.ScriptTarget.Latest, true);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.IsADirectory) return;
    throw error;
  }
}

/** What stands in the comment before a declaration. */
function commentOf(node: ts.Node): string | undefined {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = ts.getTextOfJSDocComment(comments.at(-1)?.comment);
  return text?.replace(/\{@link (?:\w+\.)?([^}|]+)\}/g, "`$1`").trim() || undefined;
}

/** A declaration without its body and its comments. */
function declarationOf(node: ts.Node): string {
  const body = (node as { body?: ts.Node }).body;
  const text = node.getText().slice(0, body ? body.getStart() - node.getStart() : undefined);
  const short = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "").replace(/^export (default )?/, "")
    .replace(/^declare /, "").replace(/\n\s*\n+/g, "\n").trim().replace(/\s*=>$/, "");
  return short.length > longestDeclaration ? `${short.slice(0, longestDeclaration)} …` : short;
}

const isHidden = (member: ts.ClassElement | ts.TypeElement) =>
  !member.name || ts.isPrivateIdentifier(member.name) ||
  /\b(private|protected)\b/.test(
    ts.canHaveModifiers(member)
      ? (member.modifiers ?? []).map((each) => each.getText()).join()
      : "",
  );

function membersOf(node: ts.ClassDeclaration | ts.InterfaceDeclaration): Record<string, Word> {
  const members: Record<string, Word> = {};
  for (const member of node.members) {
    if (isHidden(member)) continue;
    members[member.name!.getText()] = { declared: declarationOf(member), says: commentOf(member) };
  }
  return members;
}

/** How a class is made, which is what help on its name shows. */
function headOf(node: ts.ClassDeclaration): string {
  const constructor = node.members.find(ts.isConstructorDeclaration);
  const name = node.name?.text ?? "";
  const parent = node.heritageClauses?.map((each) => ` ${each.getText()}`).join("") ?? "";
  const head = `class ${name}${parent}`;
  return constructor
    ? `${head}\nnew ${name}${declarationOf(constructor).replace(/^constructor/, "")}`
    : head;
}

/** What a file declares, by name, exported or not: an export may name it further down. */
function wordsIn(file: ts.SourceFile): Map<string, Word> {
  const words = new Map<string, Word>();
  for (const node of file.statements) {
    if (ts.isFunctionDeclaration(node) && node.name) {
      // Of several declarations the first says what there is; its body's is no way to call it.
      const { text } = node.name;
      if (!words.has(text)) {
        words.set(text, { declared: declarationOf(node), says: commentOf(node) });
      }
    } else if (ts.isClassDeclaration(node) && node.name) {
      const says = commentOf(node);
      words.set(node.name.text, { declared: headOf(node), says, members: membersOf(node) });
    } else if (ts.isInterfaceDeclaration(node)) {
      const says = commentOf(node);
      const members = membersOf(node);
      words.set(node.name.text, { declared: declarationOf(node), says, members });
    } else if (ts.isTypeAliasDeclaration(node)) {
      words.set(node.name.text, { declared: declarationOf(node), says: commentOf(node) });
    } else if (ts.isVariableStatement(node)) {
      for (const each of node.declarationList.declarations) {
        if (!ts.isIdentifier(each.name)) continue;
        words.set(each.name.text, variable(each, node, words));
      }
    }
  }
  return words;
}

/** A constant; tfjs's ops are such, of a function with a `_` at its name's end. */
function variable(
  each: ts.VariableDeclaration,
  statement: ts.VariableStatement,
  words: ReadonlyMap<string, Word>,
): Word {
  const name = each.name.getText();
  const op = words.get(`${name}_`);
  if (op) return { ...op, declared: op.declared.replace(`${name}_`, name) };
  const type = each.type ? `: ${each.type.getText()}` : "";
  const { initializer } = each;
  const value = !type && initializer ? ` = ${declarationOf(initializer)}` : "";
  const declared = `const ${name}${type}${value}`.slice(0, longestDeclaration);
  return { declared, says: commentOf(statement) };
}

/** What a module exports, by what its sources say; what comes from packages is left out. */
export function wordsOfModule(path: string, known = new Set<string>()): Record<string, Word> {
  const file = parsed(path);
  if (!file || known.has(path)) return {};
  known.add(path);
  const own = wordsIn(file);
  const found: Record<string, Word> = {};
  for (const node of file.statements) {
    if (ts.isExportDeclaration(node)) {
      const from = node.moduleSpecifier as ts.StringLiteral | undefined;
      const other = from === undefined
        ? Object.fromEntries(own)
        : /^\./.test(from.text)
        ? wordsOfModule(fileOf(dirname(path), from.text), new Set(known))
        : {};
      if (!node.exportClause) Object.assign(found, other);
      else if (ts.isNamedExports(node.exportClause)) {
        for (const { name, propertyName } of node.exportClause.elements) {
          const word = other[(propertyName ?? name).text];
          if (word) found[name.text] = word;
        }
      }
    } else if (
      ts.canHaveModifiers(node) &&
      node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    ) {
      for (const name of namesOf(node)) {
        const word = own.get(name);
        if (word) found[name] = word;
      }
    }
  }
  return found;
}

function namesOf(node: ts.Node): string[] {
  if (ts.isVariableStatement(node)) {
    return node.declarationList.declarations.map(({ name }) => name.getText());
  }
  const { name } = node as { name?: ts.Identifier };
  return name ? [name.text] : [];
}

/** The file of a module: TypeScript's own, or the declarations of a package's. */
function fileOf(folder: string, name: string): string {
  const path = join(folder, name);
  if (/\.ts$/.test(path)) return path;
  const plain = path.replace(/\.js$/, "");
  const isFile = (file: string) => {
    try {
      return Deno.statSync(file).isFile;
    } catch {
      return false;
    }
  };
  return [`${plain}.d.ts`, join(plain, "index.d.ts")].find(isFile) ?? path;
}

/** The words of all modules. `tfjs` is the folder of tfjs-core. */
export function wordsOfCourse(root: string, tfjs: string): Words {
  const tensor = wordsOfModule(join(tfjs, "dist", "index.d.ts"));
  const ops = wordsOfModule(join(tfjs, "dist", "ops", "ops.d.ts"));
  return {
    "tessera": wordsOfModule(join(root, "lib", "mod.ts")),
    "@tensorflow/tfjs": { ...tensor, ...ops },
  };
}
