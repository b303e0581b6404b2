// A new phone: who carries it, what it may see, then the code to scan. The page says when the phone has come.

import type { JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

import { api } from "../api/client";
import { errorBody, useLoad } from "../api/load";
import type { DeviceList, Enrolment, ErrorBody } from "../api/types";
import { inText, timeText } from "../format";
import { Field } from "../kit/field";
import { Icon } from "../kit/icon";
import { Qr } from "../kit/qr";
import { errorInFull, Failure, Notice } from "../kit/states";
import { UnitsField } from "../kit/units";
import { Link } from "../router";
import { useSession, useUnitName } from "../session";
import { t, valueName } from "../words";
import { Title } from "./title";

/// Copies, or selects the text where the browser does not let a page copy (a plain http address of the office network).
async function copy(text: string, element: HTMLElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const range = document.createRange();
    if (element) {
      range.selectNodeContents(element);
      window.getSelection()?.removeAllRanges();
      window.getSelection()?.addRange(range);
    }
    return false;
  }
}

/// Where phones reach the hub. One that listens on every address names none that a phone could call: then it is the host
/// that this browser called, unless that is this machine itself.
function addressWords(url: string): string {
  const at = new URL(url.replace(/^ws/, "http"));
  if (at.hostname !== "0.0.0.0" && at.hostname !== "[::]") return url;
  const own = window.location.hostname;
  const port = at.port || (url.startsWith("wss:") ? "443" : "80");
  if (own === "localhost" || own === "[::1]" || own.startsWith("127.")) return t("enrol.address_own", { port });
  return `${url.split(":")[0]}://${own}:${port}`;
}

function Ticket({ made, again }: { made: Enrolment; again: () => void }): JSX.Element {
  const { live } = useSession();
  const name = useUnitName();
  const code = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const [copied, setCopied] = useState<"" | "yes" | "selected">("");
  const [known, setKnown] = useState<Set<string> | null>(null);
  const list = useLoad<DeviceList>("devices", {}, live.now && `${live.now.position} ${live.now.connected}`, 800);
  useEffect(() => heading.current?.focus(), []);
  useEffect(() => {
    if (list.data && !known) setKnown(new Set(list.data.devices.map((device) => device.device)));
  }, [list.data]);
  const open = list.data?.codes.some((each) => each.name === made.name && each.expires_at === made.expires_at);
  const come = known && list.data?.devices.find((device) => device.name === made.name && !known.has(device.device));
  const arrived = come || (open === false && list.data?.devices.find((device) => device.name === made.name && device.state === "active"));
  return (
    <section class="ticket panel" aria-labelledby="ticket">
      <h2 id="ticket" tabIndex={-1} ref={heading}>
        {t("enrol.scan", { name: made.name })}
      </h2>
      <div class="ticket-body">
        <Qr rows={made.qr} label={t("enrol.qr")} />
        <div class="ticket-words">
          <ol class="steps">
            <li>{t("enrol.step_app")}</li>
            <li>{t("enrol.step_scan")}</li>
            <li>{t("enrol.step_wait")}</li>
          </ol>
          <dl class="facts">
            <dt>{t("enrol.code")}</dt>
            <dd>
              <code class="code" ref={code} data-testid="enrol-code">
                {made.code}
              </code>
            </dd>
            {made.url && (
              <>
                <dt>{t("enrol.address")}</dt>
                <dd class="mono" data-testid="enrol-url">
                  {addressWords(made.url)}
                </dd>
              </>
            )}
            <dt>{t("enrol.may_see")}</dt>
            <dd>
              {valueName(made.role)} · {made.scopes.map(name).join(t("list.comma"))}
            </dd>
            <dt>{t("enrol.valid")}</dt>
            <dd>
              {timeText(made.expires_at)} <span class="quiet">{inText(made.expires_at)}</span>
            </dd>
          </dl>
          <div class="button-row no-print">
            <button type="button" class="button" onClick={() => void copy(made.code, code.current).then((ok) => setCopied(ok ? "yes" : "selected"))}>
              <Icon name="copy" />
              {t("action.copy")}
            </button>
            <button type="button" class="button" onClick={() => window.print()}>
              <Icon name="print" />
              {t("action.print")}
            </button>
            <button type="button" class="button" onClick={again}>
              <Icon name="plus" />
              {t("enrol.another")}
            </button>
          </div>
          <Notice>{copied && t(copied === "yes" ? "enrol.copied" : "enrol.selected")}</Notice>
        </div>
      </div>
      <div class={arrived ? "arrival come no-print" : "arrival no-print"} role="status" aria-live="polite" data-testid="arrival">
        {arrived ? (
          <>
            <Icon name="check" />
            {t("enrol.arrived", { name: made.name })} <Link to="/devices">{t("enrol.see")}</Link>
          </>
        ) : (
          <>
            <Icon name="clock" />
            {t("enrol.waiting", { name: made.name })}
          </>
        )}
      </div>
    </section>
  );
}

export function Enrol(): JSX.Element {
  const { schema } = useSession();
  const [name, setName] = useState("");
  const [role, setRole] = useState(schema?.roles[0] ?? "");
  const [scopes, setScopes] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorBody | null>(null);
  const [empty, setEmpty] = useState({ name: false, scopes: false });
  const [made, setMade] = useState<Enrolment | null>(null);
  const label = useId();
  const form = useRef<HTMLFormElement>(null);

  const focusMistake = (): void => void window.setTimeout(() => form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus());
  const submit = (event: Event): void => {
    event.preventDefault();
    setError(null);
    const lacking = { name: name.trim() === "", scopes: scopes.length === 0 };
    setEmpty(lacking);
    if (lacking.name || lacking.scopes) {
      focusMistake();
      return;
    }
    setBusy(true);
    api
      .post<Enrolment>("enrolments", { name: name.trim(), role, scopes })
      .then(setMade, (failed: unknown) => {
        setError(errorBody(failed));
        focusMistake();
      })
      .finally(() => setBusy(false));
  };
  const again = (): void => {
    setMade(null);
    setName("");
  };
  const beside = (field: string): string | null => {
    if (field === "name" && empty.name && name.trim() === "") return t("enrol.name_wanted");
    if (field === "scopes" && empty.scopes && scopes.length === 0) return t("enrol.units_wanted");
    return error?.field?.split(/[.[]/)[0] === field ? errorInFull(error) : null;
  };
  const placed = ["name", "role", "scopes"].some((field) => beside(field));
  return (
    <>
      <Title text={t("enrol.title")} about={t("enrol.about")}>
        <Link to="/devices" class="button">
          <Icon name="back" />
          {t("nav.devices")}
        </Link>
      </Title>
      {made ? (
        <Ticket key={made.code} made={made} again={again} />
      ) : (
        <form class="panel form" ref={form} onSubmit={submit} noValidate>
          <Field label={t("enrol.name")} hint={t("enrol.name_hint")} error={beside("name")}>
            {({ id, described, invalid }) => (
              <input id={id} name="name" value={name} autocomplete="off" aria-describedby={described} aria-invalid={invalid || undefined} onInput={(event) => setName(event.currentTarget.value)} />
            )}
          </Field>
          <Field label={t("enrol.role")} error={beside("role")}>
            {({ id, described, invalid }) => (
              <select id={id} name="role" value={role} aria-describedby={described} aria-invalid={invalid || undefined} onChange={(event) => setRole(event.currentTarget.value)}>
                {schema?.roles.map((each) => (
                  <option key={each} value={each}>
                    {valueName(each)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <div class={beside("scopes") ? "field invalid" : "field"}>
            <p class="label" id={label}>
              {t("enrol.units")}
            </p>
            <p class="hint" id={`${label}-hint`}>
              {t("enrol.units_hint")}
            </p>
            <UnitsField chosen={scopes} change={setScopes} labelledBy={label} described={`${label}-hint ${label}-error`} invalid={beside("scopes") !== null} />
            <p class="field-error" id={`${label}-error`} role="alert">
              {beside("scopes")}
            </p>
          </div>
          {error && !placed && <Failure error={error} />}
          <button type="submit" class="button primary" disabled={busy}>
            {t("enrol.make")}
          </button>
        </form>
      )}
    </>
  );
}
