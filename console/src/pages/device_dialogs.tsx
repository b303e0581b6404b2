// What is asked before a phone's rights end or change.

import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";

import { api } from "../api/client";
import { errorBody } from "../api/load";
import type { Device, ErrorBody } from "../api/types";
import { Confirm, Dialog } from "../kit/dialog";
import { errorText, Failure } from "../kit/states";
import { UnitsField } from "../kit/units";
import { t } from "../words";

interface DeviceDialogProps {
  device: Device;
  close: () => void;
  done: () => void;
}

export function RevokeDialog({ device, close, done }: DeviceDialogProps): JSX.Element {
  const [lost, setLost] = useState(true);
  const name = useId();
  const run = async (): Promise<void> => {
    await api.post<Device>(`devices/${device.device}/revoke`, { lost });
    done();
  };
  return (
    <Confirm title={t("revoke.title", { name: device.name })} action={t("device.revoke")} danger run={run} close={close}>
      <fieldset class="choices">
        <legend>{t("revoke.why")}</legend>
        <label class="choice">
          <input type="radio" name={name} checked={lost} onChange={() => setLost(true)} />
          <span>
            <b>{t("revoke.lost")}</b>
            <span class="block quiet">{t("revoke.lost_means")}</span>
          </span>
        </label>
        <label class="choice">
          <input type="radio" name={name} checked={!lost} onChange={() => setLost(false)} />
          <span>
            <b>{t("revoke.ended")}</b>
            <span class="block quiet">{t("revoke.ended_means")}</span>
          </span>
        </label>
      </fieldset>
      <p class="warn-box">{t("revoke.warning")}</p>
    </Confirm>
  );
}

export function ScopesDialog({ device, close, done }: DeviceDialogProps): JSX.Element {
  const [scopes, setScopes] = useState(device.scopes);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorBody | null>(null);
  const label = useId();
  const save = (event: Event): void => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    api.put<Device>(`devices/${device.device}/scopes`, { scopes }).then(
      () => {
        done();
        close();
      },
      (failed: unknown) => {
        setError(errorBody(failed));
        setBusy(false);
      },
    );
  };
  const beside = error?.field?.startsWith("scopes") ? error : null;
  return (
    <Dialog title={t("scopes.title", { name: device.name })} close={close}>
      <p class="quiet">{t("scopes.about")}</p>
      <form onSubmit={save}>
        <h3 id={label}>{t("device.units")}</h3>
        <UnitsField chosen={scopes} change={setScopes} labelledBy={label} invalid={beside !== null} described={beside ? `${label}-error` : undefined} />
        {beside && (
          <p class="field-error" id={`${label}-error`} role="alert">
            {errorText(beside)}
          </p>
        )}
        {error && !beside && <Failure error={error} />}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {t("action.cancel")}
          </button>
          <button type="submit" class="button primary" disabled={busy}>
            {t("action.save")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
