// Work that the hub has received but not taken in: looked at, then taken in or thrown away.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { api } from "../api/client";
import { useList } from "../api/list";
import { useLoad } from "../api/load";
import type { Json, Quarantined, QuarantinedRow, QuarantineList } from "../api/types";
import { timeText, valueText } from "../format";
import { Confirm } from "../kit/dialog";
import { Pages } from "../kit/pages";
import { Empty, Notice, Shown } from "../kit/states";
import { useQuery } from "../router";
import { useSession } from "../session";
import { columnName, t, tableName, valueName } from "../words";
import { StateChips } from "./state_chips";

type Action = "admit" | "discard";
type Edit = { value?: Json; adds?: Json; removes?: Json };

/// What a change writes: a value, so much more, or elements that come and go.
function writesText(writes: Json, column: string): string {
  if (writes === null || typeof writes !== "object" || Array.isArray(writes)) return valueText(writes, column);
  const edit = writes as Edit;
  if ("value" in edit) return valueText(edit.value ?? null, column);
  if (typeof edit.adds === "number") return edit.adds < 0 ? String(edit.adds) : `+${edit.adds}`;
  const list = (sign: string, some: Json | undefined): string[] => (Array.isArray(some) ? some.map((each) => sign + valueText(each)) : []);
  return [...list("+", edit.adds), ...list("−", edit.removes)].join(" ");
}

const changes = { insert: "quarantine.insert", update: "quarantine.update", delete: "quarantine.delete" } as const;

function RowOf({ row }: { row: QuarantinedRow }): JSX.Element {
  const word = changes[row.change as keyof typeof changes];
  return (
    <div class="table-frame">
      <table class="compare">
        <caption>
          {tableName(row.table)} · {word ? t(word) : t("quarantine.held")} <span class="quiet mono">{String(row.row).slice(0, 12)}</span>
        </caption>
        <thead>
          <tr>
            <th scope="col">{t("duplicate.column")}</th>
            <th scope="col">{t("quarantine.writes")}</th>
            <th scope="col">{t("quarantine.at_hub")}</th>
          </tr>
        </thead>
        <tbody>
          {row.columns.map((cell) => (
            <tr key={cell.column} class={cell.writes !== null && JSON.stringify(cell.writes) !== JSON.stringify({ value: cell.hub }) ? "differs" : ""}>
              <th scope="row">{columnName(cell.column)}</th>
              <td>{cell.writes === null ? "—" : writesText(cell.writes, cell.column)}</td>
              <td>{valueText(cell.hub, cell.column)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Content({ id }: { id: string }): JSX.Element {
  const one = useLoad<Quarantined>(`quarantine/${id}`);
  return (
    <Shown of={one} lines={2}>
      {(data) => (
        <>
          {data.unreadable && <p class="warn-box">{t("quarantine.unreadable", { why: data.unreadable })}</p>}
          {(data.rows ?? []).map((row, i) => (
            <RowOf key={`${row.table} ${row.row} ${i}`} row={row} />
          ))}
        </>
      )}
    </Shown>
  );
}

interface WorkProps {
  work: Quarantined;
  chosen: boolean;
  toggle: () => void;
}

const outcomes = { admitted: "quarantine.state_admitted", discarded: "quarantine.state_discarded", resent: "quarantine.state_resent" } as const;

function Work({ work, chosen, toggle }: WorkProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const waiting = work.state === "waiting";
  const word = outcomes[work.state as keyof typeof outcomes];
  return (
    <li class={waiting ? "conflict" : "conflict settled"}>
      <div class="conflict-head">
        {waiting && <input type="checkbox" checked={chosen} onChange={toggle} aria-label={t("bulk.choose", { label: `${work.name} ${timeText(work.written_at ?? work.arrived_at)}` })} />}
        <h2>
          {work.name || t("quarantine.unknown_phone")}
          {work.written_at && <span class="quiet"> {t("quarantine.written", { time: timeText(work.written_at) })}</span>}
        </h2>
        <span class={waiting ? "pill warn" : "pill"}>{word ? t(word) : t("quarantine.state_waiting")}</span>
      </div>
      <p class="reasons">
        {t("quarantine.why")} <span class="tag">{valueName(work.reason)}</span> {work.detail && <span class="quiet">{work.detail}</span>}
      </p>
      <p class="quiet">
        {t("quarantine.arrived", { time: timeText(work.arrived_at) })}
        {work.settled_at && ` · ${t("quarantine.settled", { name: work.settled_by ?? "—", time: timeText(work.settled_at) })}`}
      </p>
      <button type="button" class="button plain small" aria-expanded={open} onClick={() => setOpen(!open)}>
        {t(open ? "quarantine.hide" : "quarantine.look")}
      </button>
      {open && <Content id={work.id} />}
    </li>
  );
}

export function Quarantine(): JSX.Element {
  const { live } = useSession();
  const [state, setState] = useQuery("state", "waiting");
  const [picked, setPicked] = useState<Set<string>>(new Set());
  const [asked, setAsked] = useState<Action | null>(null);
  const [said, setSaid] = useState("");
  const list = useList<QuarantineList>("quarantine", { state }, live.now && `${live.now.position} ${live.now.quarantined}`, 20);
  const waiting = (list.data?.transactions ?? []).filter((work) => work.state === "waiting");
  const chosen = waiting.filter((work) => picked.has(work.id)).map((work) => work.id);
  const all = waiting.length > 0 && chosen.length === waiting.length;
  const toggle = (id: string): void => {
    const now = new Set(picked);
    if (!now.delete(id)) now.add(id);
    setPicked(now);
  };
  const settle = async (action: Action): Promise<void> => {
    const { results } = await api.post<{ results: unknown[] }>("quarantine", { ids: chosen, action });
    setSaid(t(`quarantine.done_${action}`, { n: results.length }));
    setPicked(new Set());
    list.reload();
  };
  return (
    <>
      <div class="toolbar">
        <StateChips waiting="waiting" value={state} change={setState} />
      </div>
      <Notice>{said && <p class="done">{said}</p>}</Notice>
      <Shown of={list}>
        {(data) =>
          data.transactions.length === 0 ? (
            <Empty title={t(state === "waiting" ? "quarantine.none_waiting" : "quarantine.none")} />
          ) : (
            <>
              <div class="bulk">
                <label class="tick">
                  <input type="checkbox" checked={all} disabled={waiting.length === 0} onChange={() => setPicked(new Set(all ? [] : waiting.map((work) => work.id)))} />
                  {t("bulk.all", { n: waiting.length })}
                </label>
                <span class="bulk-actions">
                  <button type="button" class="button small" disabled={chosen.length === 0} onClick={() => setAsked("admit")}>
                    {t("quarantine.admit")}
                  </button>
                  <button type="button" class="button small danger-line" disabled={chosen.length === 0} onClick={() => setAsked("discard")}>
                    {t("quarantine.discard")}
                  </button>
                </span>
              </div>
              <ul class="conflicts">
                {data.transactions.map((work) => (
                  <Work key={work.id} work={work} chosen={picked.has(work.id)} toggle={() => toggle(work.id)} />
                ))}
              </ul>
              <Pages of={list} />
            </>
          )
        }
      </Shown>
      {asked && (
        <Confirm title={t(`quarantine.ask_${asked}`, { n: chosen.length })} action={t(`quarantine.${asked}`)} danger={asked === "discard"} run={() => settle(asked)} close={() => setAsked(null)}>
          <p>{t(`quarantine.${asked}_means`)}</p>
        </Confirm>
      )}
    </>
  );
}
