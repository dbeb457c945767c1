/** Small helpers to fill a page that the server has drawn. */

/** Shows the elements whose data-when names the mode, and hides the others. */
export function showFor(root: HTMLElement, mode: string): void {
  for (const part of root.querySelectorAll<HTMLElement>("[data-when]")) {
    part.hidden = !part.dataset["when"]?.split(" ").includes(mode);
  }
}

export function slots(root: ParentNode, name: string): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>(`[data-slot="${name}"]`)];
}

/** Writes a text where the page has a place for it, and leaves alone what says so already. */
export function write(root: ParentNode, name: string, text: string): void {
  for (const slot of slots(root, name)) if (slot.textContent !== text) slot.textContent = text;
}

export function show(root: ParentNode, name: string, shown: boolean): void {
  for (const slot of slots(root, name)) slot.hidden = !shown;
}

/** Fills the %(name)s of a text that the server has translated. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/%\((\w+)\)s/g, (gap, name: string) => String(values[name] ?? gap));
}
