/** Left alone, the kiosk asks, counts down, and goes back to the start. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

/** WCAG 2.2.1: at least 20 seconds to say that one needs more time. */
const LEAST_WARNING_S = 20;

export type Idleness = { kind: "active" } | { kind: "warning"; left: number } | { kind: "over" };

export function idleness(quietMs: number, idleS: number, warnS: number): Idleness {
  const quiet = quietMs / 1000;
  const warning = Math.max(LEAST_WARNING_S, warnS);
  if (quiet < idleS) return { kind: "active" };
  const left = Math.ceil(idleS + warning - quiet);
  return left > 0 ? { kind: "warning", left } : { kind: "over" };
}

interface Settings {
  on: boolean;
  idleS: number;
  warnS: number;
  onOver: () => void;
}

/** Seconds left to answer, or null while the visitor is active; and what "more time" does. */
export function useIdle({ on, idleS, warnS, onOver }: Settings) {
  const last = useRef(performance.now());
  const [left, setLeft] = useState<number | null>(null);
  const asking = useRef(false);

  const more = useCallback(() => {
    last.current = performance.now();
    asking.current = false;
    setLeft(null);
  }, []);

  useEffect(() => {
    more();
    if (!on) return;
    // While the question stands, only its own buttons answer it: a touch must not close the
    // dialog under the finger that is about to press "start over".
    const active = () => {
      if (!asking.current) last.current = performance.now();
    };
    const look = () => {
      const now = idleness(performance.now() - last.current, idleS, warnS);
      asking.current = now.kind === "warning";
      setLeft(now.kind === "warning" ? now.left : null);
      if (now.kind === "over") {
        more();
        onOver();
      }
    };
    const events = ["pointerdown", "keydown", "wheel", "touchmove"] as const;
    for (const name of events) addEventListener(name, active, { passive: true });
    const timer = setInterval(look, 250);
    return () => {
      for (const name of events) removeEventListener(name, active);
      clearInterval(timer);
    };
  }, [on, idleS, warnS, onOver, more]);

  return { left, more };
}
