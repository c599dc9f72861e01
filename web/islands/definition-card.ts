/** Shows a metric's definition where the reader is, instead of jumping to the end of the page. Without a script the link jumps. */
export function attachDefinitionCards(root: Document): void {
  const dialog = root.createElement("dialog");
  dialog.className = "definition-card";
  dialog.setAttribute("aria-label", "Definition");
  const text = root.createElement("div");
  const close = root.createElement("button");
  close.type = "button";
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  dialog.append(text, close);
  dialog.addEventListener("click", (event) => {
    // Outside of the card is the dialog itself.
    if (event.target === dialog) dialog.close();
  });
  root.body.append(dialog);
  root.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a.card-link") : null;
    const id = link?.getAttribute("href")?.slice(1);
    const entry = id === undefined ? null : root.getElementById(id);
    if (entry === null || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const copy = root.createElement("dl");
    copy.append(...[...entry.children].map((child) => child.cloneNode(true)));
    text.replaceChildren(copy);
    dialog.showModal();
  });
}
