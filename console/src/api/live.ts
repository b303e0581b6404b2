// What the hub says by itself: its position and what waits for a person. Goes on by itself when the line breaks.

import { useEffect, useState } from "preact/hooks";

import { api, ApiError } from "./client";
import type { HubNow, Me } from "./types";

export interface Live {
  now: HubNow | null;
  /// False while the connection is broken.
  online: boolean;
}

/// Sent to the window when the hub is heard again after a break: what pages show may be old.
export const heardAgain = "doorstep-heard-again";

const retryMs = [1000, 2000, 4000, 8000, 15000];

/// Listens while `active`; `ended` is called when the hub no longer knows the session.
export function useLive(active: boolean, ended: () => void): Live {
  const [live, setLive] = useState<Live>({ now: null, online: true });
  useEffect(() => {
    if (!active) return undefined;
    let source: EventSource | null = null;
    let timer = 0;
    let attempts = 0;
    let closed = false;
    let broken = false;

    const listen = (): void => {
      source = new EventSource("/api/v1/events");
      source.addEventListener("hub", (event) => {
        attempts = 0;
        setLive({ now: JSON.parse((event as MessageEvent<string>).data) as HubNow, online: true });
        if (broken) window.dispatchEvent(new Event(heardAgain));
        broken = false;
      });
      source.onerror = () => {
        source?.close();
        broken = true;
        setLive((before) => ({ ...before, online: false }));
        timer = window.setTimeout(again, retryMs[Math.min(attempts++, retryMs.length - 1)]);
      };
    };
    // An EventSource does not tell an ended session from a broken line: the session is asked first.
    const again = async (): Promise<void> => {
      try {
        await api.get<Me>("session");
      } catch (failed) {
        if (closed) return;
        if (failed instanceof ApiError && failed.status === 401) return ended();
        timer = window.setTimeout(again, retryMs[Math.min(attempts++, retryMs.length - 1)]);
        return;
      }
      if (!closed) listen();
    };
    const woken = (): void => {
      if (document.visibilityState === "visible" && attempts > 0 && source?.readyState === EventSource.CLOSED) {
        window.clearTimeout(timer);
        void again();
      }
    };

    listen();
    document.addEventListener("visibilitychange", woken);
    return () => {
      closed = true;
      document.removeEventListener("visibilitychange", woken);
      window.clearTimeout(timer);
      source?.close();
    };
  }, [active]);
  return live;
}
