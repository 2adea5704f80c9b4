/** Runs cells in a real Deno kernel, as nbconvert does, and gives each cell's outputs. */

export interface Output {
  output_type: "stream" | "display_data" | "execute_result" | "error";
  text?: string | string[];
  data?: Record<string, unknown>;
}

const runner = `
import json, sys, nbformat
from nbclient import NotebookClient
cells = [nbformat.v4.new_code_cell(source) for source in json.load(sys.stdin)]
notebook = nbformat.v4.new_notebook(cells=cells)
NotebookClient(notebook, kernel_name="deno", timeout=120).execute()
print(json.dumps([cell.outputs for cell in notebook.cells]))
`;

/** The outputs of every cell; `environment` is added to the kernel's. Throws when a cell fails. */
export async function runCells(
  cells: string[],
  environment: Record<string, string> = {},
): Promise<Output[][]> {
  const root = new URL("../../", import.meta.url).pathname;
  const inherited = { ...Deno.env.toObject(), JUPYTER_PATH: `${root}.venv/share/jupyter` };
  for (const name of ["JPY_SESSION_NAME", "VSCODE_PID", "TESSERA_HEADLESS"]) {
    delete (inherited as Record<string, string>)[name];
  }
  const child = new Deno.Command(`${root}.venv/bin/python`, {
    args: ["-c", runner],
    cwd: root,
    clearEnv: true,
    env: { ...inherited, ...environment },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(cells)));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`The cells failed:\n${decoder.decode(stderr)}`);
  return JSON.parse(decoder.decode(stdout));
}

/** What was displayed, without what was printed. */
export function displayed(outputs: Output[]): Record<string, unknown>[] {
  return outputs.filter((output) => output.data).map((output) => output.data!);
}

/** What was printed. */
export function printed(outputs: Output[]): string {
  return outputs.map((output) => [output.text ?? ""].flat().join("")).join("");
}
