// A list that comes in pages, one at a time: asked for again whenever the hub has moved on.

import { useEffect, useState } from "preact/hooks";

import type { Query } from "./client";
import { useLoad } from "./load";
import type { Loaded } from "./load";

export interface Listed<T> extends Loaded<T> {
  page: number; // from 1
  next: (() => void) | null;
  back: (() => void) | null;
}

/// `T` has a member `next`: what to say to get the page behind, null at the end.
export function useList<T extends { next: string | null }>(path: string | null, query: Query, beat: unknown = null, limit = 50): Listed<T> {
  const key = JSON.stringify(query);
  const [turned, setTurned] = useState<{ key: string; after: string[] }>({ key, after: [] });
  const after = turned.key === key ? turned.after : [];
  useEffect(() => setTurned({ key, after: [] }), [key]);
  const loaded = useLoad<T>(path, { ...query, limit, after: after[after.length - 1] }, beat);
  const next = loaded.data?.next ?? null;
  return {
    ...loaded,
    page: after.length + 1,
    next: next === null ? null : () => setTurned({ key, after: [...after, next] }),
    back: after.length === 0 ? null : () => setTurned({ key, after: after.slice(0, -1) }),
  };
}
