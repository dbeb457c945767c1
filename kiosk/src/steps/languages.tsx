import { useState } from "preact/hooks";
import { languageName } from "../../../look/locale";
import type { Language } from "../api";
import { Heading, Icon, Tiles } from "../parts";
import { useWords } from "../texts";

interface Props {
  languages: Language[];
  chosen: string[];
  choose: (codes: string[]) => void;
}

/** Only what the visitor marks counts: the chosen language is preset, nothing else is assumed. */
export function LanguagesStep({ languages, chosen, choose }: Props) {
  const { t } = useWords();
  const [codes, setCodes] = useState(chosen);
  const [missing, setMissing] = useState(false);
  const toggle = (code: string) => {
    setMissing(false);
    // New ones go last: the first one is the language the visitor prefers.
    setCodes((now) => (now.includes(code) ? now.filter((one) => one !== code) : [...now, code]));
  };
  return (
    <>
      <Heading>{t("languages.title")}</Heading>
      <p class="kiosk__lead">{t("languages.lead")}</p>
      <Tiles class="tiles--choices">
        {languages.map((language) => (
          <Toggle
            language={language}
            on={codes.includes(language.code)}
            toggle={toggle}
            key={language.code}
          />
        ))}
      </Tiles>
      <p class="kiosk__error" role="alert">
        {missing && t("languages.none")}
      </p>
      <button
        type="button"
        class="button button--large kiosk__continue"
        onClick={() => (codes.length > 0 ? choose(codes) : setMissing(true))}
      >
        {t("continue")}
        <Icon name="arrow" directional />
      </button>
    </>
  );
}

interface ToggleProps {
  language: Language;
  on: boolean;
  toggle: (code: string) => void;
}

function Toggle({ language: { code, name, direction }, on, toggle }: ToggleProps) {
  const { lang, t } = useWords();
  const here = languageName(lang, code);
  return (
    <button type="button" class="tile tile--choice" aria-pressed={on} onClick={() => toggle(code)}>
      <span class="tile__mark">{on && <Icon name="check" />}</span>
      <span class="tile__body">
        <bdi class="tile__name" lang={code} dir={direction}>
          {name}
        </bdi>
        {code !== lang && here && <span class="tile__text">{here}</span>}
        {on && <span class="visually-hidden">{t("languages.chosen")}</span>}
      </span>
    </button>
  );
}
