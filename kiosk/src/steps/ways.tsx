import type { Problem, Quote } from "../api";
import { offersOf, type Offer } from "../offers";
import { Heading, Icon, Pending, Tiles } from "../parts";
import { anyOf, isolate, languageName, useWords, waitText } from "../texts";

interface Props {
  quotes: Quote[] | null;
  unreachable: boolean;
  problem: Problem | null;
  moreLanguages: boolean;
  take: (way: string) => void;
  changeLanguages: () => void;
}

const icons: Record<string, string> = {
  here: "people",
  interpreter: "language",
  video: "screen",
  office: "pin",
  booking: "clock",
};

/** The ways to be served, with waits as they are: where nobody is on duty, that is what it says. */
export function WaysStep(props: Props) {
  const { quotes, unreachable, problem, moreLanguages, take, changeLanguages } = props;
  const { t } = useWords();
  const offers = offersOf(quotes ?? []);
  const unstaffed = offers.some((offer) => offer.takeable && !offer.staffed);
  return (
    <>
      <Heading>{t("ways.title")}</Heading>
      <p class="kiosk__lead">{t("ways.lead")}</p>
      {!quotes && <Pending unreachable={unreachable} problem={problem} />}
      {quotes && offers.length === 0 && <p class="banner banner--warn">{t("ways.none")}</p>}
      <Tiles class="tiles--ways">
        {offers.map((offer) => (
          <Way offer={offer} take={take} key={`${offer.way} ${offer.office}`} />
        ))}
      </Tiles>
      {moreLanguages && unstaffed && (
        <button type="button" class="button button--secondary button--large" onClick={changeLanguages}>
          <Icon name="language" />
          {t("ways.change_languages")}
        </button>
      )}
    </>
  );
}

function Way({ offer, take }: { offer: Offer; take: (way: string) => void }) {
  const { t } = useWords();
  const inside = <Details offer={offer} />;
  if (!offer.takeable) return <div class="way way--told">{inside}</div>;
  return (
    <button type="button" class="tile way" onClick={() => take(offer.way)}>
      {inside}
      <span class="button button--large way__take" aria-hidden="true">
        {t("ways.take")}
      </span>
      <span class="visually-hidden">{t("ways.take")}</span>
    </button>
  );
}

function Details({ offer }: { offer: Offer }) {
  const words = useWords();
  const { t, lang } = words;
  const names = offer.languages.map((code) => languageName(lang, code) ?? code);
  return (
    <span class="way__details">
      <span class="way__title">
        <Icon name={icons[offer.way] ?? "people"} />
        {t(`ways.${offer.way}`, { office: isolate(offer.office_name) })}
      </span>
      {names.length > 0 && (
        <span class="way__languages">
          {t("ways.languages", { count: names.length, list: anyOf(lang, names) })}
        </span>
      )}
      {offer.staffed ? (
        <span class="way__wait">
          <span class="way__label">{t("wait.label")}</span>
          <span class="way__time">{waitText(words, offer.wait)}</span>
          <span class="way__ahead">{t("ahead", { count: offer.ahead })}</span>
        </span>
      ) : (
        <span class="way__unstaffed">
          <span class="way__nobody">{t("ways.unstaffed")}</span>
          {offer.takeable && <span>{t("ways.unstaffed_note")}</span>}
          {offer.ahead > 0 && <span>{t("ahead", { count: offer.ahead })}</span>}
        </span>
      )}
      {offer.way === "office" && <span class="way__note">{t("ways.office_note")}</span>}
    </span>
  );
}
