/** Escape closes the box with a call's parameters alone. */

/**
 * JupyterLab would leave the cell as well, and take the next letters for commands: x cuts the cell. It leaves alone
 * what somebody else has taken care of.
 */
export function stayInCell(): void {
  const takeCare = (event: KeyboardEvent) => {
    if (event.key === "Escape" && document.querySelector(".lsp-signature-help")) {
      event.preventDefault();
    }
  };
  addEventListener("keydown", takeCare, true);
}
