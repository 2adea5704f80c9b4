/** Lets the site open without a network, and a new version come where it disturbs nobody. */
import type { Apputils } from "../../jupyterlab/lab.ts";
import type { Kept, ToServiceWorker } from "../offline/site_files.ts";
import type { App } from "./jupyterlite.ts";
import { keptKey, room } from "./room.ts";
import { ofSite, site } from "./site.ts";

/** Every page of the site holds this lock together with the others. */
const pageLock = ofSite("tessera:page");
/** Storage that stays for the learner's own. */
const leastRoom = 200e6;
/** So that what the first cells need comes first. */
const waitSeconds = 15;

/** Whether the course opens without a network. */
export function isKept(): boolean {
  return localStorage.getItem(keptKey) !== null;
}

/** Registers the service worker. */
export async function startOffline(app: App, apputils: Apputils): Promise<void> {
  if (!navigator.serviceWorker) return;
  await new Promise<void>((granted) => {
    navigator.locks.request(pageLock, { mode: "shared" }, () => {
      granted();
      return new Promise(() => {}); // as long as the page is there
    });
  });
  const registration = await navigator.serviceWorker.register(`${site}service-worker.js`, {
    updateViaCache: "none",
  });
  // Nothing was written in this page yet.
  if (registration.waiting && await isOnlyPage()) return await takeOver(registration);
  watchForNew(app, registration, apputils);
  await app.restored;
  setTimeout(() => keep(registration), 1000 * waitSeconds);
}

/** Whether no other page of the site is open; one that was just left or closed gets three seconds to be gone. */
async function isOnlyPage(): Promise<boolean> {
  for (let tries = 30;; tries--) {
    const { held = [] } = await navigator.locks.query();
    if (held.filter(({ name }) => name === pageLock).length <= 1) return true;
    if (tries === 0) return false;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function takeOver({ waiting }: ServiceWorkerRegistration): Promise<void> {
  const changed = new Promise((resolve) =>
    navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true })
  );
  waiting!.postMessage("take over" satisfies ToServiceWorker);
  await changed;
  location.reload();
}

/** Says that a new version is there; the page goes on with the one that it has. */
function watchForNew(app: App, registration: ServiceWorkerRegistration, apputils: Apputils): void {
  const say = () =>
    apputils.Notification.emit(
      "A new version of the course is ready. It comes when you next open the course, once all its tabs " +
        "are closed. Your work stays.",
      "info",
      { autoClose: false, actions: [{ label: "Load it now", callback: () => void load() }] },
    );
  const load = async () => {
    await app.commands.execute("docmanager:save-all");
    if (await isOnlyPage()) return await takeOver(registration);
    apputils.Notification.emit("Close the other tabs of the course first.", "warning", {
      autoClose: 8000,
    });
  };
  if (registration.waiting) say();
  registration.addEventListener("updatefound", () => {
    const { installing, active } = registration;
    if (!active) return; // the first one
    installing?.addEventListener("statechange", () => {
      if (installing.state === "installed") say();
    });
  });
}

/** Has all kept that the course needs without a network, unless that would take a learner's room. */
async function keep({ active }: ServiceWorkerRegistration): Promise<void> {
  if (!active || await room() < leastRoom) return;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }: MessageEvent<Kept>) => {
    if ("version" in data) localStorage.setItem(keptKey, data.version);
    else console.warn(`Not all of the course is kept for use without a network: ${data.problem}`);
  };
  active.postMessage("keep" satisfies ToServiceWorker, [port2]);
}
