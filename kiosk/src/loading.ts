/** Data from the server: shown from memory at once where we have it, fetched, and tried again. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Refused, type Problem } from "./api";
import { pauseMs } from "./state";

export interface Loaded<T> {
  data: T | null;
  /** The last try failed for want of an answer; the next one comes by itself. */
  unreachable: boolean;
  problem: Problem | null;
  again: () => void;
}

/** What was fetched last, by key. Every key names the language: texts must not leak into the next visit. */
const memory = new Map<string, unknown>();

/** Fetches ahead what a visitor may ask for next, so that it is there when the network is not. */
export function fetchAhead<T>(key: string, load: () => Promise<T>): void {
  if (memory.has(key)) return;
  load().then(
    (data) => memory.set(key, data),
    () => undefined, // Asked for again when it is needed.
  );
}

interface Options {
  /** Fetch again this often while shown. */
  everyMs?: number;
  remember?: boolean;
}

export function useLoaded<T>(
  key: string | null,
  load: () => Promise<T>,
  { everyMs, remember = true }: Options = {},
): Loaded<T> {
  const [round, setRound] = useState(0);
  const [got, setGot] = useState<{ key: string; data: T } | null>(null);
  const [trouble, setTrouble] = useState<{ key: string; problem: Problem | null } | null>(null);
  const latest = useRef(load);
  latest.current = load;

  useEffect(() => {
    if (key === null) return;
    let gone = false;
    let timer = 0;
    let failures = 0;
    const plan = (ms: number) => {
      timer = window.setTimeout(attempt, ms);
    };
    const attempt = async () => {
      try {
        const data = await latest.current();
        if (gone) return;
        if (remember) memory.set(key, data);
        failures = 0;
        setGot({ key, data });
        setTrouble(null);
        if (everyMs) plan(everyMs);
      } catch (error) {
        if (gone) return;
        failures += 1;
        setTrouble({ key, problem: error instanceof Refused ? error.problem : null });
        plan(pauseMs(error instanceof Refused ? 5 : failures));
      }
    };
    void attempt();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [key, everyMs, remember, round]);

  const known = remember && key !== null ? (memory.get(key) as T | undefined) : undefined;
  return {
    data: got && got.key === key ? got.data : (known ?? null),
    unreachable: trouble?.key === key && trouble.problem === null,
    problem: trouble?.key === key ? trouble.problem : null,
    again: () => setRound((count) => count + 1),
  };
}
