/** What stands around every step: who we are, how far one has come, and the way back. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import mark from "../../look/mark.svg?raw";
import { Icon } from "./parts";
import { useWords } from "./texts";

interface FrameProps {
  municipality: string;
  office: string;
  notices: string[];
  /** Changes with every new view: for a moment, touches meant for the one before go nowhere. */
  view: string;
  progress: { step: number; steps: number } | null;
  back: (() => void) | null;
  restart: (() => void) | null;
  children: ComponentChildren;
}

const SETTLING_MS = 350;

export function Frame(props: FrameProps) {
  const { municipality, office, notices, view, progress, back, restart, children } = props;
  const { t } = useWords();
  const main = useRef<HTMLElement>(null);

  useLayoutEffect(() => {
    const element = main.current;
    element?.classList.add("kiosk__main--settling");
    const settled = () => element?.classList.remove("kiosk__main--settling");
    const timer = setTimeout(settled, SETTLING_MS);
    return () => clearTimeout(timer);
  }, [view]);

  return (
    <div class="kiosk">
      <header>
        {notices.length > 0 && (
          <p class="notice-bar">
            {notices.map((notice) => (
              <span key={notice}>{notice}</span>
            ))}
          </p>
        )}
        <div class="kiosk__header">
          <span class="kiosk__mark" aria-hidden="true" dangerouslySetInnerHTML={{ __html: mark }} />
          <span class="kiosk__place">
            <span class="kiosk__office">
              <bdi>{office}</bdi>
            </span>
            <span class="kiosk__municipality">
              <bdi>{municipality}</bdi>
            </span>
          </span>
          {progress && <Progress {...progress} />}
        </div>
      </header>
      <main class="kiosk__main" ref={main}>
        <div class="kiosk__content" key={view}>
          {children}
        </div>
      </main>
      {(back || restart) && (
        <footer class="kiosk__footer">
          {back && (
            <button type="button" class="button button--secondary button--large" onClick={back}>
              <Icon name="back" directional />
              {t("back")}
            </button>
          )}
          <ScrollOn main={main} view={view} />
          {restart && (
            <button type="button" class="button button--quiet button--large kiosk__restart" onClick={restart}>
              {t("restart")}
            </button>
          )}
        </footer>
      )}
    </div>
  );
}

function Progress({ step, steps }: { step: number; steps: number }) {
  const { t } = useWords();
  return (
    <div class="kiosk__progress">
      <span>{t("progress", { step, steps })}</span>
      <span class="progress" aria-hidden="true">
        {Array.from({ length: steps }, (_, index) => (
          <span
            class={index < step ? "progress__step progress__step--done" : "progress__step"}
            key={index}
          />
        ))}
      </span>
    </div>
  );
}

/** Says that there is more below, and goes there: not everybody knows that a screen scrolls. */
function ScrollOn({ main, view }: { main: { current: HTMLElement | null }; view: string }) {
  const { t } = useWords();
  const [more, setMore] = useState(false);
  useEffect(() => {
    const element = main.current;
    if (!element) return;
    const look = () =>
      setMore(element.scrollHeight - element.clientHeight - element.scrollTop > 40);
    const watcher = new ResizeObserver(look);
    watcher.observe(element);
    if (element.firstElementChild) watcher.observe(element.firstElementChild);
    element.addEventListener("scroll", look, { passive: true });
    look();
    return () => {
      watcher.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [main, view]);
  if (!more) return null;
  const scroll = () =>
    main.current?.scrollBy({ top: main.current.clientHeight * 0.8, behavior: "smooth" });
  return (
    <button type="button" class="button button--secondary button--large kiosk__more" onClick={scroll}>
      <span class="kiosk__down">
        <Icon name="arrow" />
      </span>
      {t("more")}
    </button>
  );
}
