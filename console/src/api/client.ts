// Calls to the hub. One place knows the session's CSRF token and what an error looks like.

import { currentLanguage } from "../words";
import type { ErrorBody, Me } from "./types";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly body: ErrorBody,
  ) {
    super(body.message);
  }
  get field(): string | null {
    return this.body.field ?? null;
  }
}

export type Query = { [name: string]: string | number | null | undefined };

let csrf = "";
let signedOut: () => void = () => {};

/// What happens when the hub says that nobody is signed in (any more).
export function onSignedOut(then: () => void): void {
  signedOut = then;
}

export function remember(me: Me): Me {
  csrf = me.csrf;
  return me;
}

function withQuery(path: string, query: Query): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") parts.set(name, String(value));
  }
  const text = parts.toString();
  return text ? `${path}?${text}` : path;
}

async function errorOf(answer: Response): Promise<ApiError> {
  try {
    const body = (await answer.json()) as { error?: ErrorBody };
    if (body.error) return new ApiError(answer.status, body.error);
  } catch {
    // Not the hub's own words, then.
  }
  const body = { name: "http", code: answer.status, message: `HTTP ${answer.status}`, detail: null, todo: null, field: null };
  return new ApiError(answer.status, body);
}

async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { "Accept-Language": currentLanguage(), Accept: "application/json" };
  const request: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store" };
  if (signal) request.signal = signal;
  if (method !== "GET") {
    headers["Content-Type"] = "application/json";
    if (csrf) headers["X-Doorstep-Csrf"] = csrf;
    request.body = JSON.stringify(body ?? {});
  }
  const answer = await fetch(`/api/v1/${path}`, request);
  if (answer.ok) return (await answer.json()) as T;
  const failed = await errorOf(answer);
  if (failed.status === 401 && path !== "session") signedOut();
  throw failed;
}

export const api = {
  get: <T>(path: string, query: Query = {}, signal?: AbortSignal) => call<T>("GET", withQuery(path, query), undefined, signal),
  post: <T>(path: string, body: unknown) => call<T>("POST", path, body),
  put: <T>(path: string, body: unknown) => call<T>("PUT", path, body),
  remove: <T>(path: string) => call<T>("DELETE", path, {}),
  url: (path: string, query: Query = {}) => `/api/v1/${withQuery(path, query)}`,
};
