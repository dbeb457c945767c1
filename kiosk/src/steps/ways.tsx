import { isolate, languageInSentence } from "../../../look/locale";
import type { Language, Problem, Quote } from "../api";
import { offersOf, promised, type Offer } from "../offers";
import { Heading, Icon, Pending, Tiles } from "../parts";
import { anyOf, useWords, waitText, whenText } from "../texts";

interface Props {
  quotes: Quote[] | null;
  unreachable: boolean;
  problem: Problem | null;
  /** All that the office knows: their own names, for those that have no other. */
  languages: Language[];
  moreLanguages: boolean;
  take: (way: string) => void;
  changeLanguages: () => void;
}

const icons: Record<string, string> = {
  here: "people",
  interpreter: "language",
  video: "video",
  office: "pin",
  booking: "clock",
};

/** The ways to be served, with waits as they are: where nobody is on duty, that is what it says. */
export function WaysStep(props: Props) {
  const { quotes, unreachable, problem, languages, moreLanguages, take, changeLanguages } = props;
  const { t } = useWords();
  const offers = offersOf(quotes ?? []);
  const takeable = offers.filter((offer) => offer.takeable);
  const uncertain = takeable.some((offer) => !promised(offer));
  const nobody = takeable.length > 0 && takeable.every((offer) => !offer.staffed);
  return (
    <>
      <Heading>{t("ways.title")}</Heading>
      <p class="kiosk__lead">{t("ways.lead")}</p>
      {!quotes && <Pending unreachable={unreachable} problem={problem} />}
      {quotes && offers.length === 0 && <p class="banner banner--warn">{t("ways.none")}</p>}
      {nobody && <Nobody offers={takeable} languages={languages} />}
      <Tiles class="tiles--ways">
        {offers.map((offer) => (
          <Way offer={offer} languages={languages} take={take} key={`${offer.way} ${offer.office}`} />
        ))}
      </Tiles>
      {moreLanguages && uncertain && (
        <button type="button" class="button button--secondary button--large" onClick={changeLanguages}>
          <Icon name="language" />
          {t("ways.change_languages")}
        </button>
      )}
    </>
  );
}

/** Told before a number is taken: nobody on duty, at any office, can help as things are. */
function Nobody({ offers, languages }: { offers: Offer[]; languages: Language[] }) {
  const { t, lang } = useWords();
  const names = useNames(offers.flatMap((offer) => offer.languages), languages);
  return (
    <p class="banner banner--warn ways__nobody" role="status">
      {t("ways.nobody", { language: anyOf(lang, names) })}
    </p>
  );
}

/** The languages' names, each once, in the language of the texts. */
function useNames(codes: string[], languages: Language[]): string[] {
  const { lang } = useWords();
  const own = (code: string) => languages.find((language) => language.code === code)?.name ?? code;
  return [...new Set(codes)].map((code) => languageInSentence(lang, code, own(code)));
}

interface WayProps {
  offer: Offer;
  languages: Language[];
  take: (way: string) => void;
}

function Way({ offer, languages, take }: WayProps) {
  const { t } = useWords();
  const inside = <Details offer={offer} languages={languages} />;
  if (!offer.takeable) return <div class="way way--told">{inside}</div>;
  // A number for what nobody is there to do can be taken, but is not what we point at.
  const look = promised(offer) ? "button button--large way__take" : "button button--secondary button--large way__take";
  return (
    <button type="button" class="tile way" data-way={offer.way} onClick={() => take(offer.way)}>
      {inside}
      <span class={look} aria-hidden="true">
        {t("ways.take")}
      </span>
      <span class="visually-hidden">{t("ways.take")}</span>
    </button>
  );
}

function Details({ offer, languages }: Omit<WayProps, "take">) {
  const { t } = useWords();
  return (
    <span class="way__details">
      <span class="way__title">
        <Icon name={icons[offer.way] ?? "people"} />
        {t(`ways.${offer.way}`, { office: isolate(offer.office_name) })}
      </span>
      <About offer={offer} names={useNames(offer.languages, languages)} />
      {offer.way !== "booking" && <Waiting offer={offer} />}
      {offer.way === "office" && <span class="way__note">{t("ways.office_note")}</span>}
      {offer.way === "booking" && <span class="way__note">{t("ways.booking_note")}</span>}
    </span>
  );
}

/** What the way means: who helps, where, and what else the visitor agrees to by choosing it. */
function About({ offer, names }: { offer: Offer; names: string[] }) {
  const { t, lang } = useWords();
  const list = anyOf(lang, names);
  switch (offer.way) {
    case "video":
    case "interpreter":
      return (
        <>
          <span class="way__text">{t(`ways.${offer.way}_text`, { language: list })}</span>
          <span class="way__note">{t(`ways.${offer.way}_also`)}</span>
        </>
      );
    case "office":
      return (
        <>
          <bdi class="way__address" lang="sv">
            {offer.address}
          </bdi>
          <span class="way__text">{t("ways.office_text", { language: list })}</span>
        </>
      );
    case "booking":
      return (
        <span class="way__text">
          {t("ways.booking_text", { language: list, when: whenText(lang, offer.available_at ?? "") })}
        </span>
      );
    default:
      return <span class="way__languages">{t("ways.languages", { count: names.length, list })}</span>;
  }
}

function Waiting({ offer }: { offer: Offer }) {
  const words = useWords();
  const { t } = words;
  if (promised(offer)) {
    return (
      <span class="way__wait">
        <span class="way__label">{t("wait.label")}</span>
        <span class="way__time">{waitText(words, offer.wait)}</span>
        <span class="way__ahead">{t("ahead", { count: offer.ahead })}</span>
      </span>
    );
  }
  return (
    <span class="way__unstaffed">
      <span class="way__nobody">{t(offer.staffed ? "ways.too_late" : "ways.unstaffed")}</span>
      {offer.takeable && <span>{t("ways.unstaffed_note")}</span>}
      {offer.ahead > 0 && <span>{t("ahead", { count: offer.ahead })}</span>}
    </span>
  );
}
