/** One program that asks: JupyterLab's, by what jupyter-lsp starts, or a kernel's door at Shift-Tab. */
import type { MessageConnection } from "vscode-jsonrpc";
import { ErrorCodes, ResponseError } from "vscode-jsonrpc";
import type {
  CompletionItem,
  CompletionList,
  Hover,
  Position,
  SignatureHelp,
  WorkspaceEdit,
} from "vscode-languageserver-types";
import { readCode } from "./code.ts";
import { described, edits, hover, locations, markup, shown, signatures } from "./answers.ts";
import {
  beginningWith,
  begunName,
  fitting,
  isInPackageName,
  type Offer,
  type Place,
  triggers,
} from "./completions.ts";
import { isName } from "./names.ts";
import { inspect, type Inspected } from "./inspect.ts";
import type { OpenDocument } from "./documents.ts";
import { sayOnce } from "./unanswered.ts";
import type { Workspace } from "./workspace.ts";

/** How long keys must rest before a name that is being typed is asked about, in milliseconds. */
const restMs = 100;

interface TextDocument {
  uri: string;
  languageId?: string;
  text: string;
}
interface At {
  textDocument: { uri: string };
  position: Position;
}
interface RenameRequest extends At {
  newName: string;
}
interface CompletionRequest extends At {
  context?: { triggerKind: number; triggerCharacter?: string };
}

/** What a program says first. */
export interface Begin {
  /** The address of the folder that it has open. */
  folder: string | null;
  documents: TextDocument[];
}

/** Answers a program until its connection ends; `workspaceOf` gives, or starts, what knows the answers. */
export function serve(
  connection: MessageConnection,
  workspaceOf: (folder: string | null) => Workspace,
  workspaceNow: () => Workspace | undefined,
): void {
  let workspace: Workspace | undefined;
  /** Ends the wait of an earlier request for names, by the document that it asked about. */
  const supersede = new Map<string, () => void>();

  connection.onNotification("tessera/begin", ({ folder, documents }: Begin) => {
    workspace = workspaceOf(folder);
    for (const { uri, text, languageId } of documents) workspace.set(uri, text, languageId);
  });
  onRequest("tessera/inspect", async (asked: Inspected) => {
    const now = workspaceNow();
    return now ? await inspect(now, asked) : null;
  });
  connection.onNotification(
    "textDocument/didOpen",
    ({ textDocument: { uri, text, languageId } }: { textDocument: TextDocument }) =>
      workspace?.set(uri, text, languageId),
  );
  connection.onNotification(
    "textDocument/didChange",
    ({ textDocument: { uri }, contentChanges }: At & { contentChanges: { text: string }[] }) => {
      const last = contentChanges.at(-1);
      if (last) workspace?.set(uri, last.text);
    },
  );
  connection.onNotification(
    "textDocument/didClose",
    ({ textDocument: { uri } }: At) => {
      supersede.delete(uri);
      workspace?.close(uri);
    },
  );

  /** Answers a request in any case: an error is only what is meant to be read by the one who asks. */
  function onRequest<Asked>(method: string, give: (asked: Asked) => Promise<unknown>): void {
    connection.onRequest(method, async (asked: Asked) => {
      try {
        return await give(asked);
      } catch (error) {
        if (error instanceof ResponseError) throw error;
        sayOnce(method, error);
        return null;
      }
    });
  }

  /** Answers a request about a place in an open document; nothing where there is none. */
  function answer<Asked extends At>(
    method: string,
    give: (document: OpenDocument, asked: Asked, workspace: Workspace) => Promise<unknown>,
  ): void {
    onRequest(method, async (asked: Asked) => {
      const document = workspace?.get(asked.textDocument.uri);
      return workspace && document ? await give(document, asked, workspace) ?? null : null;
    });
  }

  answer("textDocument/hover", async (document, { position }, workspace) => {
    const at = { position: document.toServer(position) };
    const found = await workspace.ask(document, "textDocument/hover", at) as Hover | null;
    const range = found?.range && document.fromServer(found.range);
    const owner = range && /([\w$]+)\.$/.exec(document.before(range.start))?.[1];
    const isOperation = owner !== undefined && document.namespaces.has(owner);
    return hover(found, range, isOperation);
  });

  answer("textDocument/signatureHelp", async (document, { position }, workspace) => {
    const at = { position: document.toServer(position) };
    const before = closedBehind(document, position);
    const found = await workspace.ask(document, "textDocument/signatureHelp", at);
    // Whoever types fast has closed the call meanwhile, and would keep the box.
    if (closedBehind(document, position) > before) return null;
    return signatures(found as SignatureHelp | null);
  });

  answer("textDocument/completion", async (document, asked: CompletionRequest, workspace) => {
    const { position, context } = asked;
    supersede.get(document.uri)?.();
    const character = context?.triggerKind === 2 ? context.triggerCharacter : undefined;
    // The character itself may come a moment later, and others after it.
    if (character !== undefined && !await rests(document.uri)) return null;
    const before = document.before(position);
    // JupyterLab calls every character that is typed a trigger.
    const isTyping = character !== undefined && !triggers.includes(character);
    const typed = isTyping ? begunName(before) : undefined;
    if (typed === "" || isInPackageName(before)) return null;
    const found = await workspace.ask(document, "textDocument/completion", {
      position: document.toServer(position),
      context: { triggerKind: 1 },
    }) as CompletionList | CompletionItem[] | null;
    if (!found) return null;
    const place: Place = {
      before,
      namespaces: document.namespaces,
      inImport: document.notebook?.importAt(document.toServer(position)) !== undefined,
    };
    const items = fitting(found, place);
    return {
      isIncomplete: false,
      items: typed === undefined ? items : beginningWith(typed, items),
    };
  });

  /** Whether nobody asks for names at another place of a document for a moment. */
  function rests(uri: string): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), restMs);
      supersede.set(uri, () => {
        clearTimeout(timer);
        resolve(false);
      });
    });
  }

  onRequest("completionItem/resolve", async (item: Offer) => {
    const found = item.data && await workspace?.resolve(item) as CompletionItem | null | undefined;
    if (!found) return item;
    const { detail, documentation } = found;
    const text = described(detail, documentation, item.isOperation);
    return { ...item, detail: detail && shown(detail), documentation: text && markup(text) };
  });

  answer("textDocument/definition", async (document, { position }, workspace) => {
    const at = { position: document.toServer(position) };
    const found = await workspace.ask(document, "textDocument/definition", at);
    return locations(found as Parameters<typeof locations>[0]).flatMap(({ uri, range }) => {
      const other = workspace.byServerUri(uri);
      const place = other ? other.fromServer(range) : range;
      const file = other?.uri ?? workspace.copies.openable(uri);
      return place && file ? [{ uri: file, range: place }] : [];
    });
  });

  answer("textDocument/rename", async (document, asked: RenameRequest, workspace) => {
    const { position, ...rest } = asked;
    if (!isName(rest.newName)) {
      throw new ResponseError(
        ErrorCodes.InvalidRequest,
        `"${rest.newName}" is no name: it takes letters, digits and _, begins with no digit, and is no word of TypeScript's.`,
      );
    }
    const found = await workspace.ask(document, "textDocument/rename", {
      ...rest,
      position: document.toServer(position),
    }) as WorkspaceEdit | null;
    const all = edits(found ?? {});
    const others = [...all.keys()].filter((uri) => workspace.byServerUri(uri) !== document);
    if (others.length > 0 || all.size === 0) {
      throw new ResponseError(
        ErrorCodes.InvalidRequest,
        all.size === 0
          ? "there is no name here that can be renamed."
          : "this name is declared elsewhere, and is renamed there.",
      );
    }
    const own = [...all.values()].flat().flatMap(({ range, newText }) => {
      const place = document.fromServer(range);
      return place ? [{ range: place, newText }] : [];
    });
    return { changes: { [document.uri]: own } };
  });
}

/** How many brackets the rest of a line closes that it does not open. */
function closedBehind(document: OpenDocument, position: Position): number {
  return readCode(document.behind(position)).stray.length;
}
