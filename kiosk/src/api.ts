/** The server as the kiosk sees it: typed calls, and two kinds of failure told apart. */
import type { Wait as WaitRange } from "../../look/waits";

export interface Language {
  code: string;
  name: string;
  direction: "ltr" | "rtl";
}

export interface District {
  code: string;
  name: string;
}

export interface Kiosk {
  office: { code: string; name: string };
  municipality: { code: string; name: string };
  open: boolean;
  opens_at: string | null;
  trial: boolean;
  invented: boolean;
  languages: Language[];
  districts: District[];
  idle_s: number;
  warn_s: number;
}

export interface Service {
  code: string;
  name: string;
  description: string | null;
  icon: string | null;
  /** The language that the texts are in; another than the one asked for where `fallback`. */
  lang: string;
  fallback: boolean;
  /** The group's code, and its name in the language asked for. */
  group: string | null;
  group_name?: string | null;
}

export interface Wait extends WaitRange {
  likely_s: number;
}

export interface Quote {
  way: string;
  office: string;
  office_name: string;
  address: string;
  language: string | null;
  staffed: boolean;
  in_time: boolean;
  ahead: number;
  wait: Wait | null;
  /** For a booking: when somebody with the competence is on duty next. */
  available_at: string | null;
}

export interface Ticket {
  number: string;
  token: string;
  url: string;
  way: string;
  ahead: number;
  wait: Wait | null;
  staffed: boolean;
  in_time: boolean;
}

export interface Order {
  request_key: string;
  service: string;
  languages: string[];
  way: string;
  district?: string;
}

/** RFC 9457: what the server says when it will not. */
export interface Problem {
  type: string;
  title: string;
  detail?: string;
  status: number;
}

/** The server answered, and the answer is no. */
export class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}

/** No answer to build on: the network, a proxy or the server is away, or it is overloaded. */
export class Unreachable extends Error {}

const PATIENCE_MS = 10_000;

async function problemOf(response: Response): Promise<Problem> {
  const blank = { type: "about:blank", title: response.statusText, status: response.status };
  try {
    return { ...blank, ...((await response.json()) as Partial<Problem>) };
  } catch {
    return blank;
  }
}

async function call<T>(address: string, lang: string, options: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`${address}?lang=${encodeURIComponent(lang)}`, {
      ...options,
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (response.ok) return (await response.json()) as T;
  } catch (error) {
    throw new Unreachable(String(error));
  }
  if (response.status >= 500 || response.status === 429) {
    throw new Unreachable(`status ${response.status}`);
  }
  throw new Refused(await problemOf(response));
}

function post<T>(address: string, lang: string, body: unknown, token?: string): Promise<T> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (token) headers["Authorization"] = `Bearer ${token}`;
  return call<T>(address, lang, { method: "POST", headers, body: JSON.stringify(body) });
}

export class Api {
  private readonly base: string;
  private readonly token: string;

  constructor(office: string, token: string) {
    this.base = `/api/v1/offices/${encodeURIComponent(office)}`;
    this.token = token;
  }

  kiosk(lang: string): Promise<Kiosk> {
    return call<Kiosk>(`${this.base}/kiosk`, lang);
  }

  async services(lang: string): Promise<Service[]> {
    return (await call<{ services: Service[] }>(`${this.base}/services`, lang)).services;
  }

  async quotes(lang: string, service: string, languages: string[]): Promise<Quote[]> {
    const body = { service, languages };
    return (await post<{ quotes: Quote[] }>(`${this.base}/quotes`, lang, body)).quotes;
  }

  issue(lang: string, order: Order): Promise<Ticket> {
    return post<Ticket>(`${this.base}/tickets`, lang, { ...order, channel: "kiosk" }, this.token);
  }
}
