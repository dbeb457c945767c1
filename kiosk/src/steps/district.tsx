import type { District } from "../api";
import { Heading, Icon, Tiles } from "../parts";
import { useWords } from "../texts";

interface Props {
  districts: District[];
  choose: (code: string | null) => void;
}

/** Optional, and says why it is asked. Not answering is an answer too. */
export function DistrictStep({ districts, choose }: Props) {
  const { t } = useWords();
  return (
    <>
      <Heading>{t("district.title")}</Heading>
      <p class="kiosk__lead">{t("district.lead")}</p>
      <Tiles class="tiles--choices">
        {districts.map(({ code, name }) => (
          <button type="button" class="tile" key={code} onClick={() => choose(code)}>
            <bdi class="tile__name">{name}</bdi>
          </button>
        ))}
        <button type="button" class="tile" onClick={() => choose("other")}>
          <span class="tile__name">{t("district.other")}</span>
        </button>
        <button type="button" class="tile" onClick={() => choose("undisclosed")}>
          <span class="tile__name">{t("district.undisclosed")}</span>
        </button>
      </Tiles>
      <button
        type="button"
        class="button button--secondary button--large kiosk__continue"
        onClick={() => choose(null)}
      >
        {t("skip")}
        <Icon name="arrow" directional />
      </button>
    </>
  );
}
