import { useEffect, useRef } from "preact/hooks";
import { useWords } from "./texts";

interface Props {
  left: number;
  more: () => void;
  restart: () => void;
}

/** "Are you still there?" – modal, so that focus goes in and comes back by itself. */
export function IdleDialog({ left, more, restart }: Props) {
  const { t } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const onCancel = (event: globalThis.Event) => {
    event.preventDefault();
    more();
  };
  const onClick = (event: MouseEvent) => {
    // A touch beside the dialog is a sign of life too.
    if (event.target === dialog.current) more();
  };
  return (
    <dialog class="dialog idle" aria-labelledby="idle-title" aria-describedby="idle-text" ref={dialog} onCancel={onCancel} onClick={onClick}>
      <div class="idle__inside">
        <h2 class="idle__title" id="idle-title">{t("idle.title")}</h2>
        <p id="idle-text">{t("idle.text")}</p>
        <p class="idle__left tabular" role="timer" aria-live="off">
          {t("idle.left", { count: left })}
        </p>
        <div class="idle__actions">
          <button type="button" class="button button--large idle__more" autoFocus onClick={more}>
            {t("idle.more")}
          </button>
          <button type="button" class="button button--secondary button--large" onClick={restart}>
            {t("restart")}
          </button>
        </div>
      </div>
    </dialog>
  );
}
