/** Help → Library: the pages of `tessera`, which the server has made when they are first asked for. */
import type { Application, MainMenu } from "./lab.ts";

const command = "tessera:docs";

/** Adds the command and its entry in the Help menu. */
export function addDocs(application: Application, menu: MainMenu): void {
  const { serverSettings } = application.serviceManager;
  const address = serverSettings.baseUrl.replace(/\/*$/, "/") + "tessera/docs";
  application.commands.addCommand(command, {
    label: "Library",
    caption: "What the course's library has, with a search, in a tab of its own.",
    isEnabled: () => true,
    execute() {
      open(address, "_blank", "noopener");
      return Promise.resolve();
    },
  });
  menu.helpMenu.addGroup([{ command }], 1);
}
