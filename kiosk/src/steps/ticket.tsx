import type { Ticket } from "../api";
import { promised } from "../offers";
import { Heading, Icon } from "../parts";
import { QrCode } from "../qr";
import { useWords, waitText } from "../texts";

interface Props {
  ticket: Ticket;
  done: () => void;
}

/** The number, very large, and what happens now. */
export function TicketStep({ ticket, done }: Props) {
  const words = useWords();
  const { t } = words;
  return (
    <div class="ticket">
      <div class="ticket__slip">
        <Heading>
          <span class="ticket__label">{t("ticket.title")}</span>
          <bdi class="number ticket__number">{ticket.number}</bdi>
        </Heading>
        <p class="ticket__way">{t(`ticket.way_${ticket.way}`)}</p>
        {!promised(ticket) ? (
          <p class="ticket__wait">{t(ticket.staffed ? "ways.too_late" : "ways.unstaffed")}</p>
        ) : (
          <p class="ticket__wait">
            <strong>
              {t("wait.label")}: {waitText(words, ticket.wait)}
            </strong>
            <span>{t("ahead", { count: ticket.ahead })}</span>
          </p>
        )}
      </div>
      <div class="ticket__after">
        <section class="ticket__next">
          <h2>{t("ticket.next")}</h2>
          <ol class="next">
            <li class="next__item">
              <Icon name="ticket" />
              <span>{t("ticket.remember")}</span>
            </li>
            <li class="next__item">
              <Icon name="screen" />
              <span>{t("ticket.watch")}</span>
            </li>
            <li class="next__item">
              <Icon name="people" />
              <span>{t(ticket.way === "here" ? "ticket.called" : "ticket.called_video")}</span>
            </li>
          </ol>
        </section>
        <figure class="ticket__code">
          <QrCode text={ticket.url} label={t("ticket.qr")} />
          <figcaption>{t("ticket.phone")}</figcaption>
        </figure>
      </div>
      <button type="button" class="button button--large kiosk__continue" onClick={done}>
        {t("ticket.done")}
        <Icon name="check" />
      </button>
    </div>
  );
}
