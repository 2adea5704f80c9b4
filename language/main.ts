/**
 * The language service of one Jupyter server: `main.ts SOCKET SERVER [IDLE_SECONDS]`. It listens on a socket of
 * its user alone, and keeps one `deno lsp` for all notebooks. It ends with that, with the server (a process's
 * number), and when nobody has asked for a while; whoever asks then starts another.
 */
import { createServer } from "node:net";
import { dirname } from "node:path";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc";
import { Life } from "./life.ts";
import { serve } from "./session.ts";
import { Workspace } from "./workspace.ts";

const [socket, server, idleSeconds = "900"] = Deno.args;
const connections = new Set<MessageConnection>();
let workspace: Workspace | undefined;

const life = new Life(Number(server), Number(idleSeconds) * 1000, () => {
  workspace?.end();
  try {
    Deno.removeSync(socket);
    Deno.removeSync(dirname(socket));
  } catch {
    // somebody has tidied up
  }
  Deno.exit();
});

function workspaceOf(folder: string | null): Workspace {
  if (workspace?.folder === folder) return workspace;
  workspace?.end();
  const fresh = new Workspace(folder, (uri, diagnostics) => {
    for (const each of connections) {
      each.sendNotification("textDocument/publishDiagnostics", { uri, diagnostics }).catch(
        () => {},
      );
    }
  });
  // Whoever asks starts all anew.
  fresh.ended.then(() => workspace === fresh && life.end());
  return workspace = fresh;
}

const listener = createServer((stream) => {
  const connection = createMessageConnection(
    new StreamMessageReader(stream),
    new StreamMessageWriter(stream),
  );
  connections.add(connection);
  stream.on("data", () => life.isUsed());
  stream.on("error", () => {});
  connection.onError(() => {});
  connection.onClose(() => connections.delete(connection));
  serve(connection, workspaceOf, () => workspace);
  connection.listen();
});
Deno.umask(0o177);
listener.on("error", () => life.end());
listener.listen(socket, () => Deno.umask(0o077));
