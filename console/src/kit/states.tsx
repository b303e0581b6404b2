// What a page shows when it has nothing to show: it waits, there is nothing, it went wrong.

import type { ComponentChildren, JSX } from "preact";

import type { Loaded } from "../api/load";
import type { ErrorBody } from "../api/types";
import { t } from "../words";
import { Icon } from "./icon";

export function Loading({ lines = 3 }: { lines?: number }): JSX.Element {
  return (
    <div class="loading" role="status">
      <span class="visually-hidden">{t("state.loading")}</span>
      {Array.from({ length: lines }, (_, i) => (
        <div key={i} class="skeleton" aria-hidden="true" />
      ))}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <span class="empty-mark">
        <Icon name="check" />
      </span>
      <p class="empty-title">{title}</p>
      {children && <div class="empty-more">{children}</div>}
    </div>
  );
}

export function errorText(error: ErrorBody): string {
  return error.message || t("error.unreachable");
}

/// The same with its detail and what to do, as one text beside an input.
export function errorInFull(error: ErrorBody): string {
  return [errorText(error), error.detail, error.todo].filter(Boolean).join(t("list.semicolon"));
}

/// The hub's own words, what to do, and the details for whoever keeps the machine.
export function Failure({ error, retry }: { error: ErrorBody; retry?: (() => void) | undefined }): JSX.Element {
  return (
    <div class="failure" role="alert">
      <Icon name="alert" />
      <div>
        <p class="failure-title">{errorText(error)}</p>
        {error.todo && <p>{error.todo}</p>}
        {error.detail && <p class="detail">{error.detail}</p>}
        {!error.message && <p>{t("error.unreachable_todo")}</p>}
      </div>
      {retry && (
        <button type="button" class="button" onClick={retry}>
          {t("action.retry")}
        </button>
      )}
    </div>
  );
}

/// A page's content once it is there; before that the waiting, or the failure. A failure later stands above the content.
export function Shown<T>({ of, lines, children }: { of: Loaded<T>; lines?: number; children: (data: T) => ComponentChildren }): JSX.Element {
  if (of.data === null) return of.error ? <Failure error={of.error} retry={of.reload} /> : <Loading lines={lines ?? 4} />;
  return (
    <>
      {of.error && <Failure error={of.error} retry={of.reload} />}
      {children(of.data)}
    </>
  );
}

/// Says aloud what has happened, for those who cannot see it.
export function Notice({ children }: { children: ComponentChildren }): JSX.Element {
  return (
    <div class="notice" role="status" aria-live="polite">
      {children}
    </div>
  );
}
