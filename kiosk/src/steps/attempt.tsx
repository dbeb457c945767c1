import { useEffect, useState } from "preact/hooks";
import { Heading, Icon } from "../parts";
import { pauseMs, type Attempt } from "../state";
import { useWords, whenText } from "../texts";

interface Props {
  attempt: Attempt;
  opensAt: string | null;
  retry: () => void;
}

/** Between the touch and the number: on its way, waiting for the network, or refused. */
export function AttemptStep({ attempt, opensAt, retry }: Props) {
  const { t } = useWords();
  if (attempt.status === "refused") return <RefusedView attempt={attempt} opensAt={opensAt} />;
  if (attempt.failures === 0) {
    return (
      <div class="message">
        <Heading>{t("issuing")}</Heading>
      </div>
    );
  }
  return <Waiting attempt={attempt} retry={retry} />;
}

function Waiting({ attempt, retry }: { attempt: Attempt; retry: () => void }) {
  const { t } = useWords();
  const [left, setLeft] = useState(0);
  const waiting = attempt.status === "waiting";
  useEffect(() => {
    if (!waiting) return;
    const until = performance.now() + pauseMs(attempt.failures);
    const look = () => setLeft(Math.max(1, Math.ceil((until - performance.now()) / 1000)));
    look();
    const timer = setInterval(look, 250);
    return () => clearInterval(timer);
  }, [waiting, attempt.failures]);
  return (
    <div class="message">
      <span class="message__icon message__icon--warn">
        <Icon name="warning" />
      </span>
      <Heading>{t("network.title")}</Heading>
      <p class="kiosk__lead">{t("network.text")}</p>
      <p>{t("network.help")}</p>
      <p class="message__count tabular" role="timer" aria-live="off">
        {waiting ? t("network.next", { count: left }) : t("network.trying")}
      </p>
      <button type="button" class="button button--large" aria-disabled={!waiting} onClick={retry}>
        {t("network.now")}
      </button>
    </div>
  );
}

function RefusedView({ attempt: { problem }, opensAt }: { attempt: Attempt; opensAt: string | null }) {
  const { t, lang } = useWords();
  if (problem?.type.endsWith("/office-closed")) {
    return (
      <div class="message">
        <span class="message__icon">
          <Icon name="clock" />
        </span>
        <Heading>{t("closed.title")}</Heading>
        {opensAt && <p class="kiosk__lead">{t("closed.opens", { when: whenText(lang, opensAt) })}</p>}
      </div>
    );
  }
  return (
    <div class="message">
      <span class="message__icon message__icon--warn">
        <Icon name="warning" />
      </span>
      <Heading>{t("refused.title")}</Heading>
      <p class="kiosk__lead">{problem?.detail ?? problem?.title}</p>
      <p>{t("refused.help")}</p>
    </div>
  );
}
