import { Heading, Icon } from "../parts";
import { wordsIn } from "../texts";

interface Props {
  office: string;
  why: "no-token" | "bad-token" | "no-office";
}

/** The kiosk cannot work until somebody who looks after it does something. Swedish and English. */
export function Stopped({ office, why }: Props) {
  return (
    <div class="message">
      <span class="message__icon message__icon--warn">
        <Icon name="warning" />
      </span>
      {["sv", "en"].map((lang, index) => (
        <section class="stack" lang={lang} dir="ltr" key={lang}>
          {index === 0 ? <Heading>{title(lang, why)}</Heading> : <h2>{title(lang, why)}</h2>}
          <Remedy lang={lang} office={office} why={why} />
        </section>
      ))}
      <button type="button" class="button button--large" onClick={() => location.reload()}>
        <span lang="sv">{wordsIn("sv").t("unpaired.again")}</span> ·{" "}
        <span lang="en">{wordsIn("en").t("unpaired.again")}</span>
      </button>
    </div>
  );
}

function title(lang: string, why: Props["why"]): string {
  return wordsIn(lang).t(why === "no-office" ? "missing.title" : "unpaired.title");
}

function Remedy({ lang, office, why }: Props & { lang: string }) {
  const { t } = wordsIn(lang);
  if (why === "no-office") return <p>{t("missing.text")}</p>;
  return (
    <p>
      {why === "bad-token" && `${t("unpaired.invalid")} `}
      {t("unpaired.text")} <code class="command">queueapp device add kiosk {office}</code>{" "}
      {t("unpaired.after")}
    </p>
  );
}
