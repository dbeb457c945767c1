import type { Kiosk, Language } from "../api";
import { Heading, Pending, Tiles } from "../parts";
import { catalogued, textLanguage, whenText, wordsIn } from "../texts";

interface Props {
  kiosk: Kiosk | null;
  unreachable: boolean;
  choose: (code: string) => void;
}

/** The start: every language in its own name and script, none before the others. */
export function LanguageStep({ kiosk, unreachable, choose }: Props) {
  if (!kiosk) return <Pending unreachable={unreachable} />;
  const own = kiosk.languages.filter(({ code }) => catalogued.includes(code));
  if (!kiosk.open) return <Closed languages={own} opensAt={kiosk.opens_at} />;
  const others = kiosk.languages.filter(({ code }) => !catalogued.includes(code));
  return (
    <div class="start">
      <Heading>
        {own.map(({ code, direction }) => (
          <span class="start__line" lang={code} dir={direction} key={code}>
            {wordsIn(code).t("start.title")}
          </span>
        ))}
      </Heading>
      <Tiles class="tiles--languages">
        {own.map((language) => (
          <LanguageTile language={language} choose={choose} key={language.code} />
        ))}
      </Tiles>
      {others.length > 0 && (
        <Tiles class="tiles--small">
          {others.map((language) => (
            <LanguageTile language={language} choose={choose} key={language.code} />
          ))}
        </Tiles>
      )}
    </div>
  );
}

interface TileProps {
  language: Language;
  choose: (code: string) => void;
}

function LanguageTile({ language: { code, name, direction }, choose }: TileProps) {
  const translated = catalogued.includes(code);
  const below = wordsIn(code).t(translated ? "start.tile" : "start.in_swedish");
  return (
    <button type="button" class="tile tile--language" lang={code} dir={direction} onClick={() => choose(code)}>
      <span class="tile__name">{name}</span>
      <span class="tile__text" lang={textLanguage(code)} dir={translated ? direction : "ltr"}>
        {below}
      </span>
    </button>
  );
}

/** Closed, said in every language at once: nobody has chosen one yet. */
function Closed({ languages, opensAt }: { languages: Language[]; opensAt: string | null }) {
  return (
    <div class="start">
      <Heading>
        {languages.map(({ code, direction }) => (
          <span class="closed__line" lang={code} dir={direction} key={code}>
            <span>{wordsIn(code).t("closed.title")}</span>
            {opensAt && (
              <span class="closed__when">
                {wordsIn(code).t("closed.opens", { when: whenText(code, opensAt) })}
              </span>
            )}
          </span>
        ))}
      </Heading>
    </div>
  );
}
