// Something that a page shows from the hub: asked for when the page opens and whenever the hub has moved on.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { api, ApiError } from "./client";
import type { Query } from "./client";
import { heardAgain } from "./live";
import type { ErrorBody } from "./types";

export interface Loaded<T> {
  data: T | null;
  error: ErrorBody | null;
  /// True while asking; `data` is then what was there before, if it was asked for the same thing.
  loading: boolean;
  reload: () => void;
}

interface State<T> {
  key: string;
  data: T | null;
  error: ErrorBody | null;
  loading: boolean;
}

const unreachable: ErrorBody = { name: "unreachable", code: 0, message: "", detail: null, todo: null, field: null };

export function errorBody(failed: unknown): ErrorBody {
  return failed instanceof ApiError ? failed.body : unreachable;
}

/// `path` null: nothing to ask for. `beat`: asks again, quietly, when it changes, at most once in `pauseMs`.
export function useLoad<T>(path: string | null, query: Query = {}, beat: unknown = null, pauseMs = 1500): Loaded<T> {
  const key = path === null ? "" : `${path} ${JSON.stringify(query)}`;
  const [state, setState] = useState<State<T>>({ key: "", data: null, error: null, loading: path !== null });
  const [round, setRound] = useState(0);
  const lastAsked = useRef(0);
  const asked = useRef(0); // an answer that a later one has overtaken is not shown

  const ask = (): void => {
    if (path === null) return;
    lastAsked.current = Date.now();
    const mine = ++asked.current;
    setState((old) => (old.key === key ? { ...old, loading: true } : { key, data: null, error: null, loading: true }));
    api.get<T>(path, query).then(
      (data) => mine === asked.current && setState({ key, data, error: null, loading: false }),
      (failed: unknown) => {
        if (mine !== asked.current) return;
        setState((old) => ({ key, data: old.key === key ? old.data : null, error: errorBody(failed), loading: false }));
      },
    );
  };
  const latest = useRef(ask);
  latest.current = ask;

  useEffect(() => latest.current(), [key, round]);
  useEffect(() => {
    const again = (): void => latest.current();
    window.addEventListener(heardAgain, again);
    return () => window.removeEventListener(heardAgain, again);
  }, []);
  useEffect(
    () => () => {
      asked.current = -1;
    },
    [],
  );

  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return undefined;
    }
    const wait = Math.max(0, lastAsked.current + pauseMs - Date.now());
    const timer = window.setTimeout(() => latest.current(), wait);
    return () => window.clearTimeout(timer);
  }, [beat]);

  const reload = useCallback(() => setRound((n) => n + 1), []);
  return {
    data: state.key === key ? state.data : null,
    error: state.key === key ? state.error : null,
    loading: state.loading || state.key !== key,
    reload,
  };
}
