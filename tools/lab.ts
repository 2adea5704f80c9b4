/**
 * `./tessera lab`: JupyterLab on this machine only (127.0.0.1), opened at the exercises. Options go
 * to `jupyter lab`, for example `--no-browser` or `--port 8899`.
 */
import { foreground, root, runCommand } from "./command.ts";

function main(args: string[]): Promise<number> {
  return foreground("jupyter", [
    "lab",
    "--ip=127.0.0.1",
    `--ServerApp.root_dir=${root}`,
    "--LabApp.default_url=/lab/tree/notebooks/exercises",
    // The course's kernel alone; Jupyter brings a Python one of its own.
    "--MappingKernelManager.default_kernel_name=deno",
    "--KernelSpecManager.allowed_kernelspecs=deno",
    "--KernelSpecManager.ensure_native_kernel=False",
    // No questions about news, and no call to other machines at start.
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    // Exporters that need LaTeX or a browser of their own; the menu has TesseraPDF.
    ...["PDF", "WebPDF", "QtPDF", "QtPNG"].map((name) => `--${name}Exporter.enabled=False`),
    // Jupyter refuses to run as root, which is what one often is in a container.
    ...(Deno.uid() === 0 ? ["--allow-root"] : []),
    ...args,
  ]);
}

if (import.meta.main) await runCommand(main);
