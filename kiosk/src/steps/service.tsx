import type { Problem, Service } from "../api";
import { Heading, Icon, Pending, Tiles } from "../parts";
import { useWords } from "../texts";

interface Props {
  services: Service[] | null;
  unreachable: boolean;
  problem: Problem | null;
  choose: (code: string) => void;
}

/** Services that follow each other in the same group stand under one heading. */
function grouped(services: Service[]): { name: string | null; services: Service[] }[] {
  const groups: { code: string | null; name: string | null; services: Service[] }[] = [];
  for (const service of services) {
    const open = groups.at(-1);
    if (open && open.code === service.group) open.services.push(service);
    else groups.push({ code: service.group, name: service.group_name ?? null, services: [service] });
  }
  return groups;
}

export function ServiceStep({ services, unreachable, problem, choose }: Props) {
  const { t } = useWords();
  return (
    <>
      <Heading>{t("service.title")}</Heading>
      {!services && <Pending unreachable={unreachable} problem={problem} />}
      {grouped(services ?? []).map((group, index) => (
        <section class="group" key={index}>
          {group.name && <h2 class="group__name">{group.name}</h2>}
          <Tiles class="tiles--services" label={group.name ?? undefined}>
            {group.services.map((service) => (
              <ServiceTile service={service} choose={choose} key={service.code} />
            ))}
          </Tiles>
        </section>
      ))}
    </>
  );
}

function ServiceTile({ service, choose }: { service: Service; choose: (code: string) => void }) {
  const { t } = useWords();
  return (
    <button type="button" class="tile tile--service" onClick={() => choose(service.code)}>
      <span class="tile__icon">
        <Icon name={service.icon ?? "question"} />
      </span>
      <span class="tile__body">
        <span class="tile__name" lang={service.lang} dir="auto">
          {service.name}
        </span>
        {service.description && (
          <span class="tile__text" lang={service.lang} dir="auto">
            {service.description}
          </span>
        )}
        {service.fallback && <span class="tag tag--note">{t("service.fallback")}</span>}
      </span>
    </button>
  );
}
