/** The kiosk: carries out what the state says, and draws it. */
import { useCallback, useEffect, useMemo, useReducer, useRef } from "preact/hooks";
import { Api, Refused, type Kiosk } from "./api";
import { Frame } from "./frame";
import { IdleDialog } from "./idle-dialog";
import { useIdle } from "./idle";
import { fetchAhead, useLoaded } from "./loading";
import { canGoBack, next, pauseMs, start, stepsOf, type Event, type State, type Step } from "./state";
import { AttemptStep } from "./steps/attempt";
import { DistrictStep } from "./steps/district";
import { LanguageStep } from "./steps/language";
import { LanguagesStep } from "./steps/languages";
import { ServiceStep } from "./steps/service";
import { Stopped } from "./steps/stopped";
import { TicketStep } from "./steps/ticket";
import { WaysStep } from "./steps/ways";
import { catalogued, textLanguage, WordsContext, wordsIn } from "./texts";
import { requestKey } from "./token";

interface Props {
  office: string;
  municipality: string;
  token: string | null;
}

const KIOSK_EVERY_MS = 60_000;
const QUOTES_EVERY_MS = 20_000;
/** Who has got a number needs less time than who is choosing, and the next visitor waits. */
const TICKET_IDLE_S = 30;
/** A kiosk runs for weeks: take in a new version of itself now and then, while nobody is there. */
const RENEW_AFTER_MS = 6 * 60 * 60 * 1000;

const noSteps = stepsOf({ languages: [], districts: [] });

export function App({ office, municipality, token }: Props) {
  const api = useMemo(() => new Api(office, token ?? ""), [office, token]);
  const [state, send, kiosk] = useKiosk(api);
  const { data } = kiosk;
  const words = useMemo(() => wordsIn(state.language), [state.language]);
  const restart = useCallback(() => send({ type: "restart" }), [send]);

  useDocument(state.language, data);
  useAhead(api, data);
  useAttempt(api, state, send);
  useEscape(send);

  const away = state.step === "language";
  const idle = useIdle({
    on: !away,
    idleS: Math.min(data?.idle_s ?? 45, state.step === "ticket" ? TICKET_IDLE_S : Infinity),
    warnS: data?.warn_s ?? 20,
    onOver: restart,
  });

  useEffect(() => {
    if (away && data && !kiosk.unreachable && performance.now() > RENEW_AFTER_MS) location.reload();
  }, [away, data, kiosk.unreachable]);

  const stopped = whyStopped(state, token, kiosk.problem !== null && data === null);
  const steps = data ? stepsOf(data) : noSteps;
  const notices = [
    ...(data?.trial ? [words.t("trial")] : []),
    ...(data?.invented ? [words.t("invented")] : []),
  ];
  return (
    <WordsContext.Provider value={words}>
      <Frame
        municipality={data?.municipality.name ?? municipality}
        office={data?.office.name ?? ""}
        notices={notices}
        view={stopped ?? viewOf(state)}
        progress={stopped ? null : progressOf(state.step, steps)}
        back={!stopped && canGoBack(state) ? () => send({ type: "back" }) : null}
        restart={away || state.step === "ticket" || stopped === "no-token" ? null : restart}
      >
        {stopped ? (
          <Stopped office={office} why={stopped} />
        ) : (
          <CurrentStep api={api} state={state} send={send} kiosk={data} unreachable={kiosk.unreachable} />
        )}
      </Frame>
      {idle.left !== null && <IdleDialog left={idle.left} more={idle.more} restart={restart} />}
    </WordsContext.Provider>
  );
}

/** The state, and what the server says of this office in the visitor's language. */
function useKiosk(api: Api) {
  const [state, send] = useReducer(
    (now: State, event: Event): State => next(now, event, stepsRef.current),
    undefined,
    start,
  );
  const stepsRef = useMemo(() => ({ current: noSteps }), []);
  const lang = textLanguage(state.language);
  const kiosk = useLoaded(`kiosk ${lang}`, () => api.kiosk(lang), { everyMs: KIOSK_EVERY_MS });
  // Until it comes in the language just chosen, what came in another one tells the same facts.
  const last = useRef<Kiosk | null>(null);
  if (kiosk.data) last.current = kiosk.data;
  const data = last.current;
  if (data) stepsRef.current = stepsOf(data);

  // Refused perhaps because the office has just closed: then it is known when it opens.
  const refused = state.attempt?.status === "refused";
  useEffect(() => {
    if (refused) kiosk.again();
  }, [refused]);
  return [state, send, { ...kiosk, data }] as const;
}

/** Fetches every language's texts once, while the network is there. */
function useAhead(api: Api, kiosk: Kiosk | null) {
  const codes = kiosk?.languages.map(({ code }) => code).filter((code) => catalogued.includes(code));
  useEffect(() => {
    for (const code of codes ?? []) {
      fetchAhead(`kiosk ${code}`, () => api.kiosk(code));
      fetchAhead(`services ${code}`, () => api.services(code));
    }
  }, [api, codes?.join(" ")]);
}

function whyStopped(state: State, token: string | null, unknown: boolean) {
  if (!token) return "no-token" as const;
  if (unknown) return "no-office" as const;
  const status = state.attempt?.problem?.status;
  return status === 401 || status === 403 ? ("bad-token" as const) : null;
}

/** Views that differ get a new heading, and so the focus. */
function viewOf({ step, language, attempt }: State): string {
  const phase = attempt && (attempt.status === "refused" ? "refused" : attempt.failures > 0 ? "waiting" : "sending");
  return [step, language, phase ?? ""].join(" ");
}

function progressOf(step: Step, steps: Step[]) {
  const counted: Step[] = steps.filter((one) => one !== "language" && one !== "ticket");
  const at = counted.indexOf(step);
  return at === -1 ? null : { step: at + 1, steps: counted.length };
}

function useDocument(language: string, kiosk: Kiosk | null) {
  useEffect(() => {
    const lang = textLanguage(language);
    const direction = kiosk?.languages.find(({ code }) => code === lang)?.direction ?? "ltr";
    document.documentElement.lang = lang;
    document.documentElement.dir = direction;
    document.title = [wordsIn(lang).t("start.tile"), kiosk?.office.name].filter(Boolean).join(" – ");
  }, [language, kiosk]);
}

/** Sends what is to be sent, always under the attempt's own key, until there is an answer. */
function useAttempt(api: Api, state: State, send: (event: Event) => void) {
  const { attempt } = state;
  useEffect(() => {
    if (attempt?.status !== "sending") return;
    const { key, way } = attempt;
    const order = {
      request_key: key,
      service: state.service ?? "",
      languages: state.languages,
      way,
      ...(state.district === null ? {} : { district: state.district }),
    };
    api.issue(textLanguage(state.language), order).then(
      (ticket) => send({ type: "issued", key, ticket }),
      (error: unknown) =>
        send(
          error instanceof Refused
            ? { type: "refused", key, problem: error.problem }
            : { type: "unreachable", key },
        ),
    );
  }, [attempt?.key, attempt?.status]);

  useEffect(() => {
    if (attempt?.status !== "waiting") return;
    const { key } = attempt;
    const timer = setTimeout(() => send({ type: "retry", key }), pauseMs(attempt.failures));
    return () => clearTimeout(timer);
  }, [attempt?.key, attempt?.status]);
}

function useEscape(send: (event: Event) => void) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // In the idle dialog, Escape belongs to the dialog.
      if (event.key === "Escape" && !document.querySelector("dialog[open]")) send({ type: "back" });
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [send]);
}

interface StepProps {
  api: Api;
  state: State;
  send: (event: Event) => void;
  kiosk: Kiosk | null;
  unreachable: boolean;
}

function CurrentStep({ api, state, send, kiosk, unreachable }: StepProps) {
  if (state.attempt) {
    const { key } = state.attempt;
    const retry = () => send({ type: "retry", key });
    return <AttemptStep attempt={state.attempt} opensAt={kiosk?.opens_at ?? null} retry={retry} />;
  }
  switch (state.step) {
    case "language":
      return (
        <LanguageStep kiosk={kiosk} unreachable={unreachable} choose={(code) => send({ type: "language", code })} />
      );
    case "service":
      return <Services api={api} state={state} send={send} />;
    case "languages":
      return (
        <LanguagesStep
          languages={kiosk?.languages ?? []}
          chosen={state.languages}
          choose={(codes) => send({ type: "languages", codes })}
        />
      );
    case "district":
      return (
        <DistrictStep districts={kiosk?.districts ?? []} choose={(code) => send({ type: "district", code })} />
      );
    case "ways":
      return <Ways api={api} state={state} send={send} kiosk={kiosk} />;
    case "ticket":
      return state.ticket && <TicketStep ticket={state.ticket} done={() => send({ type: "restart" })} />;
  }
}

type DataProps = Pick<StepProps, "api" | "state" | "send">;

function Services({ api, state, send }: DataProps) {
  const lang = textLanguage(state.language);
  const services = useLoaded(`services ${lang}`, () => api.services(lang));
  return (
    <ServiceStep
      services={services.data}
      unreachable={services.unreachable}
      problem={services.problem}
      choose={(code) => send({ type: "service", code })}
    />
  );
}

function Ways({ api, state, send, kiosk }: DataProps & { kiosk: Kiosk | null }) {
  const lang = textLanguage(state.language);
  const { service, languages } = state;
  const key = `quotes ${lang} ${service} ${languages.join(" ")}`;
  const quotes = useLoaded(key, () => api.quotes(lang, service ?? "", languages), {
    everyMs: QUOTES_EVERY_MS,
    remember: false,
  });
  return (
    <WaysStep
      quotes={quotes.data}
      unreachable={quotes.unreachable}
      problem={quotes.problem}
      languages={kiosk?.languages ?? []}
      moreLanguages={(kiosk?.languages.length ?? 0) > languages.length}
      take={(way) => send({ type: "take", way, key: requestKey() })}
      changeLanguages={() => send({ type: "change-languages" })}
    />
  );
}
