/** The pieces that every step is made of. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Problem } from "./api";
import { moveByArrow } from "./arrows";
import { useWords } from "./texts";

const drawings = import.meta.glob<string>("../../look/icons/*.svg", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** A drawing from look/icons; an unknown name gives the question mark. */
export function Icon({ name, directional = false }: { name: string; directional?: boolean }) {
  const drawing = drawings[`../../look/icons/${name}.svg`] ?? drawings["../../look/icons/question.svg"];
  const inside = (drawing ?? "").replace(/^<svg[^>]*>|<\/svg>\s*$/g, "");
  return (
    <svg
      class={directional ? "icon icon--directional" : "icon"}
      viewBox="0 0 24 24"
      aria-hidden="true"
      dangerouslySetInnerHTML={{ __html: inside }}
    />
  );
}

/** The heading of a step. It takes the focus, so that a screen reader starts reading there. */
export function Heading({ children }: { children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    // On a small screen it is the page that scrolls, otherwise the middle of it.
    document.querySelector(".kiosk__main")?.scrollTo(0, 0);
    scrollTo(0, 0);
  }, []);
  return (
    <h1 class="kiosk__title" tabIndex={-1} ref={heading}>
      {children}
    </h1>
  );
}

interface TilesProps {
  children: ComponentChildren;
  class?: string;
  label?: string;
}

/** A set of choices, walked with Tab or with the arrow keys. */
export function Tiles({ children, class: extra = "", label }: TilesProps) {
  const box = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    // Across the groups of a step, not only within this one.
    const all = box.current?.closest("main")?.querySelectorAll<HTMLElement>(".tile:not([disabled])");
    moveByArrow(event, [...(all ?? [])]);
  };
  return (
    <div class={`tiles ${extra}`} role="group" aria-label={label} ref={box} onKeyDown={onKeyDown}>
      {children}
    </div>
  );
}

/** Nothing to choose from yet: it is on its way, there is no connection, or the server refused. */
export function Pending({ unreachable, problem }: { unreachable: boolean; problem?: Problem | null }) {
  const { t } = useWords();
  if (problem) {
    return (
      <div class="banner banner--warn" role="alert">
        <p class="banner__title">{problem.detail ?? problem.title}</p>
        <p>{t("refused.help")}</p>
      </div>
    );
  }
  if (!unreachable) return <p class="pending" role="status">{t("loading")}</p>;
  return (
    <div class="banner banner--warn" role="alert">
      <p class="banner__title">{t("network.title")}</p>
      <p>{t("network.text")}</p>
      <p>{t("network.help")}</p>
    </div>
  );
}
