// A question in front of the page. The browser's own dialog keeps the focus inside and gives it back afterwards.

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

import { errorBody } from "../api/load";
import type { ErrorBody } from "../api/types";
import { t } from "../words";
import { Failure } from "./states";

interface DialogProps {
  title: string;
  close: () => void;
  children: ComponentChildren;
  wide?: boolean;
}

export function Dialog({ title, close, children, wide }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close(); // the focus goes back to where it was
  }, []);
  const cancelled = (event: Event): void => {
    event.preventDefault();
    close();
  };
  return (
    <dialog ref={dialog} class={wide ? "dialog wide" : "dialog"} aria-labelledby={heading} onCancel={cancelled}>
      <h2 id={heading}>{title}</h2>
      {children}
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  children?: ComponentChildren;
  /// What the button does, in one verb.
  action: string;
  danger?: boolean;
  run: () => Promise<unknown>;
  close: () => void;
}

export function Confirm({ title, children, action, danger, run, close }: ConfirmProps): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorBody | null>(null);
  const confirmed = (): void => {
    setBusy(true);
    setError(null);
    run().then(close, (failed: unknown) => {
      setError(errorBody(failed));
      setBusy(false);
    });
  };
  return (
    <Dialog title={title} close={close}>
      {children}
      {error && <Failure error={error} />}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={close}>
          {t("action.cancel")}
        </button>
        <button type="button" class={danger ? "button danger" : "button primary"} disabled={busy} onClick={confirmed}>
          {action}
        </button>
      </div>
    </Dialog>
  );
}
