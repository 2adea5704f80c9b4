/** Finds the TensorFlow library that the Python wheel brought, and sets what it reads at loading. */
import { fileURLToPath } from "node:url";
import { loadForGood } from "./dynamic_loader.ts";
import type { DeviceChoice } from "./requests.ts";

/** Where TensorFlow's two libraries lie, and which build they are. */
export interface Runtime {
  /** `libtensorflow_cc`: the C API, graph and eager. */
  mainLibrary: string;
  /** `libtensorflow_framework`: the symbols that both share. */
  frameworkLibrary: string;
  /** The directory of Python packages that holds the wheel. */
  sitePackages: string;
  /** Whether it may use a GPU: not the CPU wheel, and NVIDIA's wheels lie beside it. */
  cuda: boolean;
}

const projectRoot = new URL("../../", import.meta.url);

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** The directories of Python packages that may hold TensorFlow, most specific first. */
function candidateSitePackages(): string[] {
  const environments = [
    fileURLToPath(new URL(".venv", projectRoot)),
    Deno.env.get("VIRTUAL_ENV"),
  ].filter((path): path is string => path !== undefined && isDirectory(`${path}/lib`));
  const candidates: string[] = [];
  for (const environment of environments) {
    for (const entry of Deno.readDirSync(`${environment}/lib`)) {
      if (entry.name.startsWith("python")) {
        candidates.push(`${environment}/lib/${entry.name}/site-packages`);
      }
    }
  }
  return candidates;
}

/** Whether the TensorFlow of these packages is the wheel without CUDA. */
function isCpuWheel(sitePackages: string): boolean {
  return isDirectory(sitePackages) &&
    [...Deno.readDirSync(sitePackages)].some(({ name }) => name.startsWith("tensorflow_cpu-"));
}

/** The first of `names` that exists in `directory`. */
function firstExisting(directory: string, names: string[]): string | undefined {
  return names.map((name) => `${directory}/${name}`).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/**
 * Finds TensorFlow in the project's `.venv`, in the active virtual environment, or in
 * `TESSERA_TENSORFLOW` (the `tensorflow` package's directory). Throws an Error that says what to do
 * where there is none.
 */
export function findRuntime(): Runtime {
  if (Deno.build.os === "windows") {
    throw new Error("TensorFlow's wheel for Windows holds no C library; use WSL 2");
  }
  const extension = Deno.build.os === "darwin" ? "2.dylib" : "so.2";
  const given = Deno.env.get("TESSERA_TENSORFLOW");
  const packages = given
    ? [given]
    : candidateSitePackages().map((directory) => `${directory}/tensorflow`);
  for (const directory of packages) {
    const mainLibrary = firstExisting(directory, [`libtensorflow_cc.${extension}`]);
    const frameworkLibrary = firstExisting(directory, [`libtensorflow_framework.${extension}`]);
    if (mainLibrary === undefined || frameworkLibrary === undefined) continue;
    const sitePackages = directory.replace(/\/tensorflow\/?$/, "");
    const cuda = !isCpuWheel(sitePackages) && cudaLibraries(sitePackages).length > 0;
    return { mainLibrary, frameworkLibrary, sitePackages, cuda };
  }
  throw new Error(
    given
      ? `no TensorFlow library in TESSERA_TENSORFLOW (${given})`
      : "no TensorFlow library in .venv; run ./tessera once, which installs it",
  );
}

/** Sets the environment that TensorFlow reads when it is loaded; a value already set is kept. */
export function prepareEnvironment(device: DeviceChoice | undefined): void {
  const settings: Record<string, string> = {
    // The wheel leaves oneDNN off; convolutions train four to nine times slower without it.
    TF_ENABLE_ONEDNN_OPTS: "1",
    TF_CPP_MIN_LOG_LEVEL: "2",
    // Grow with need: by default TensorFlow takes the whole GPU, and other notebooks find none.
    TF_FORCE_GPU_ALLOW_GROWTH: "true",
  };
  if (device === "cpu") settings.CUDA_VISIBLE_DEVICES = "-1";
  for (const [name, value] of Object.entries(settings)) {
    if (Deno.env.get(name) === undefined || (name === "CUDA_VISIBLE_DEVICES")) {
      Deno.env.set(name, value);
    }
  }
}

/**
 * What a CUDA build of TensorFlow asks the loader for, by name. The wheels hold more: parts that
 * these find by themselves, and libnvblas, which would take over other libraries' BLAS.
 */
const CUDA_LIBRARY =
  /^lib(cudart|cublasLt|cublas|cudnn|cufft|cupti|curand|cusolver|cusparse|nccl|nvJitLink|nvrtc)\.so\.\d+$/;

/**
 * Those libraries in the NVIDIA wheels of a directory of Python packages: each wheel has its own
 * folder for CUDA 12 (`nvidia/cublas/lib`), most share one for CUDA 13 (`nvidia/cu13/lib`).
 */
export function cudaLibraries(sitePackages: string): string[] {
  const nvidia = `${sitePackages}/nvidia`;
  if (!isDirectory(nvidia)) return [];
  return [...Deno.readDirSync(nvidia)]
    .map(({ name }) => `${nvidia}/${name}/lib`)
    .filter(isDirectory)
    .flatMap((directory) =>
      [...Deno.readDirSync(directory)]
        .filter(({ name }) => CUDA_LIBRARY.test(name))
        .map(({ name }) => `${directory}/${name}`)
    );
}

/**
 * Loads the CUDA libraries, so that TensorFlow finds them by name; gives those that did not load.
 * They depend on one another in no stated order: those that fail are tried again after the rest.
 */
export function preloadCuda(sitePackages: string): string[] {
  let waiting = cudaLibraries(sitePackages);
  for (let before = Infinity; waiting.length > 0 && waiting.length < before;) {
    before = waiting.length;
    waiting = waiting.filter((path) => !loadForGood(path));
  }
  return waiting;
}
