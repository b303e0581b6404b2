// The phones: who has not been heard of, how far behind, and what is done when one is lost.

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";

import { useLoad } from "../api/load";
import type { Device, DeviceList, OpenCode } from "../api/types";
import { agoText, clockText, inText, numberText, sizeText, timeText } from "../format";
import { Chips } from "../kit/field";
import { Icon } from "../kit/icon";
import { Empty, Shown } from "../kit/states";
import { Link, useQuery } from "../router";
import { useSession, useUnitName } from "../session";
import { t, valueName } from "../words";
import { RevokeDialog, ScopesDialog } from "./device_dialogs";
import { Title } from "./title";

type Show = "active" | "silent" | "behind" | "ended" | "all";

const shows: Record<Show, (device: Device) => boolean> = {
  active: (device) => device.state === "active",
  silent: (device) => device.state === "active" && device.silent,
  behind: (device) => device.state === "active" && (device.lag > 0 || device.pending > 0),
  ended: (device) => device.state !== "active",
  all: () => true,
};

function State({ device }: { device: Device }): JSX.Element {
  if (device.state === "lost") return <span class="pill bad">{t("device.lost")}</span>;
  if (device.state === "revoked") return <span class="pill off">{t("device.revoked")}</span>;
  if (device.connected) return <span class="pill good">{t("device.connected")}</span>;
  if (device.silent) return <span class="pill warn">{t("device.silent")}</span>;
  return <span class="pill">{t("device.away")}</span>;
}

function Health({ device }: { device: Device }): JSX.Element {
  const off = device.clock_offset_ms !== null && Math.abs(device.clock_offset_ms) > 300_000;
  const tight = device.free_bytes !== null && device.free_bytes < 500_000_000;
  return (
    <>
      <td data-label={t("device.clock")} class={off ? "warn" : ""}>
        {clockText(device.clock_offset_ms)}
      </td>
      <td data-label={t("device.free")} class={tight ? "warn" : ""}>
        {sizeText(device.free_bytes)}
        {tight && <span class="visually-hidden"> {t("device.tight")}</span>}
      </td>
      <td data-label={t("device.version")} class="quiet">
        <div>
          {device.software || "—"}
          {device.schema && <span class="block">{t("device.schema", { n: device.schema })}</span>}
          {device.healed > 0 && (
            <span class="block" title={device.healed_at ? timeText(device.healed_at) : ""}>
              {t("device.healed", { n: device.healed })}
            </span>
          )}
        </div>
      </td>
    </>
  );
}

interface RowProps {
  device: Device;
  ask: (what: "revoke" | "scopes", device: Device) => void;
}

function DeviceRow({ device, ask }: RowProps): JSX.Element {
  const name = useUnitName();
  const units = device.scopes.map(name);
  return (
    <tr>
      <th scope="row">
        <span class="device-name">{device.name}</span>
        <span class="quiet block">
          {valueName(device.role)} · <span class="mono">{device.device.slice(-6)}</span>
        </span>
      </th>
      <td data-label={t("device.units")} title={units.join(t("list.comma"))}>
        {units.slice(0, 3).join(t("list.comma"))}
        {units.length > 3 && <span class="quiet"> {t("device.and_more", { n: units.length - 3 })}</span>}
      </td>
      <td data-label={t("device.state")}>
        <State device={device} />
      </td>
      <td data-label={t("device.contact")} title={timeText(device.last_contact_at)}>
        {agoText(device.last_contact_at)}
      </td>
      <td data-label={t("device.lag")} class="number">
        {numberText(device.lag)}
      </td>
      <td data-label={t("device.pending")} class="number">
        {numberText(device.pending)}
      </td>
      <Health device={device} />
      <td class="row-actions">
        {device.state === "active" && (
          <>
            <button type="button" class="button small" onClick={() => ask("scopes", device)} aria-label={t("device.scopes_of", { name: device.name })}>
              {t("device.scopes")}
            </button>
            <button type="button" class="button small danger-line" onClick={() => ask("revoke", device)} aria-label={t("device.revoke_of", { name: device.name })}>
              {t("device.revoke")}
            </button>
          </>
        )}
      </td>
    </tr>
  );
}

function Codes({ codes }: { codes: OpenCode[] }): JSX.Element | null {
  const name = useUnitName();
  if (codes.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="codes">
      <h2 id="codes">{t("device.codes")}</h2>
      <ul class="plain-list">
        {codes.map((code) => (
          <li key={`${code.name} ${code.expires_at}`}>
            <Icon name="clock" /> <b>{code.name}</b> · {valueName(code.role)} · {code.scopes.map(name).join(t("list.comma"))} · <span class="quiet">{inText(code.expires_at)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function DeviceTable({ devices, ask }: { devices: Device[]; ask: RowProps["ask"] }): JSX.Element {
  return (
    <div class="table-frame">
      <table class="stack">
        <caption class="visually-hidden">{t("nav.devices")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("device.name")}</th>
            <th scope="col">{t("device.units")}</th>
            <th scope="col">{t("device.state")}</th>
            <th scope="col">{t("device.contact")}</th>
            <th scope="col" class="number">
              {t("device.lag")}
            </th>
            <th scope="col" class="number">
              {t("device.pending")}
            </th>
            <th scope="col">{t("device.clock")}</th>
            <th scope="col">{t("device.free")}</th>
            <th scope="col">{t("device.version")}</th>
            <th scope="col">
              <span class="visually-hidden">{t("device.actions")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {devices.map((device) => (
            <DeviceRow key={device.device} device={device} ask={ask} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Devices(): JSX.Element {
  const { live } = useSession();
  const name = useUnitName();
  const [show, setShow] = useQuery("show", "active");
  const [search, setSearch] = useQuery("q");
  const [asked, setAsked] = useState<{ what: "revoke" | "scopes"; device: Device } | null>(null);
  const list = useLoad<DeviceList>("devices", {}, live.now && `${live.now.position} ${live.now.connected}`);
  const devices = list.data?.devices ?? [];
  const count = (kind: Show): number => devices.filter(shows[kind]).length;
  const listed = useMemo(() => {
    const wanted = search.trim();
    const kind = show in shows ? (show as Show) : "active";
    const fits = devices.filter((device) => shows[kind](device) && (!wanted || device.name.includes(wanted) || device.device.includes(wanted) || device.scopes.some((code) => name(code).includes(wanted))));
    return fits.sort((a, b) => Number(b.silent) - Number(a.silent) || (a.last_contact_at ?? "").localeCompare(b.last_contact_at ?? ""));
  }, [devices, show, search]);
  const choice = (kind: Show): { value: string; label: string } => ({ value: kind, label: `${t(`device.show_${kind}`)} ${count(kind)}` });
  return (
    <>
      <Title text={t("nav.devices")} about={t("device.about")}>
        <Link to="/devices/enrol" class="button primary">
          <Icon name="plus" />
          {t("device.enrol")}
        </Link>
      </Title>
      <Shown of={list} lines={6}>
        {(data) => (
          <>
            <Codes codes={data.codes} />
            {data.devices.length === 0 ? (
              <Empty title={t("device.none")}>
                <Link to="/devices/enrol" class="button primary">
                  {t("device.enrol_first")}
                </Link>
              </Empty>
            ) : (
              <>
                <div class="toolbar">
                  <div class="search">
                    <label for="device-search">{t("device.search")}</label>
                    <input id="device-search" type="search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
                  </div>
                  <Chips label={t("overview.show")} value={show} change={setShow} choices={[choice("active"), choice("silent"), choice("behind"), choice("ended"), choice("all")]} />
                </div>
                {listed.length > 0 ? <DeviceTable devices={listed} ask={(what, device) => setAsked({ what, device })} /> : <Empty title={t("device.none_fit")} />}
              </>
            )}
          </>
        )}
      </Shown>
      {asked?.what === "revoke" && <RevokeDialog device={asked.device} close={() => setAsked(null)} done={list.reload} />}
      {asked?.what === "scopes" && <ScopesDialog device={asked.device} close={() => setAsked(null)} done={list.reload} />}
    </>
  );
}
