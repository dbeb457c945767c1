/** Arrow keys move between the tiles as they lie on the screen, in any direction of writing. */

const directions: Record<string, [number, number]> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

const centre = (element: Element) => {
  const box = element.getBoundingClientRect();
  return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
};

/** The nearest tile in the direction of the key; sideways distance counts double. */
export function moveByArrow(event: KeyboardEvent, tiles: HTMLElement[]): void {
  const direction = directions[event.key];
  const from = tiles.find((tile) => tile === document.activeElement);
  if (!direction || event.altKey || event.ctrlKey || event.metaKey || tiles.length === 0) return;
  event.preventDefault();
  if (!from) {
    tiles[0]?.focus();
    return;
  }
  const [dx, dy] = direction;
  const here = centre(from);
  let best: { tile: HTMLElement; far: number } | null = null;
  for (const tile of tiles) {
    const there = centre(tile);
    const along = (there.x - here.x) * dx + (there.y - here.y) * dy;
    const aside = Math.abs((there.x - here.x) * dy) + Math.abs((there.y - here.y) * dx);
    const far = along + 2 * aside;
    if (along > 1 && (!best || far < best.far)) best = { tile, far };
  }
  best?.tile.focus();
}
