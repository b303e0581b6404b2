// One record: every value with who wrote it, what points at it, and how each value came about.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { useList } from "../api/list";
import { useLoad } from "../api/load";
import type { CellHistory, RecordCell, RecordView, TimelineEntry } from "../api/types";
import { authorText, dayText, timeText, valueText, wordsText } from "../format";
import { Dialog } from "../kit/dialog";
import { Icon } from "../kit/icon";
import { Pages } from "../kit/pages";
import { Empty, Shown } from "../kit/states";
import { Link } from "../router";
import { useSession, useTable, useUnitName } from "../session";
import { columnName, t, tableName } from "../words";
import type { Word } from "../words";
import { Title } from "./title";

const policies: { [policy: string]: Word } = {
  latest: "policy.latest", first: "policy.first", max: "policy.max", min: "policy.min", counter: "policy.counter",
  set: "policy.set", concat: "policy.concat", ranked: "policy.ranked", review: "policy.review", hub: "policy.hub",
};

function History({ view, column, close }: { view: RecordView; column: string; close: () => void }): JSX.Element {
  const history = useLoad<CellHistory>(`records/${view.table}/${view.row}/history/${column}`);
  const declared = useTable(view.table)?.columns.find((each) => each.name === column) ?? column;
  return (
    <Dialog title={t("history.title", { column: columnName(column), label: view.label })} close={close} wide>
      <Shown of={history} lines={3}>
        {(data) => {
          const rule = policies[data.policy];
          return (
            <>
              <p class="side-value">{valueText(data.shown, declared)}</p>
              {rule && <p class="quiet">{t("history.rule", { rule: t(rule) })}</p>}
              {data.decided_name && <p>{t("conflict.decided_by", { name: authorText(data.decided_name), time: timeText(data.decided_at) })}</p>}
              <ol class="history">
                {data.candidates.map((one, i) => (
                  <li key={`${one.author} ${one.position} ${i}`} class={one.shown ? "now" : ""}>
                    <p class="history-value">{valueText(one.value, declared)}</p>
                    <p class="quiet">
                      <b>{authorText(one.name)}</b> · {timeText(one.at)}
                      {one.shown && <span class="pill good">{t("history.shown")}</span>}
                      {!one.shown && one.standing && <span class="pill">{t("history.standing")}</span>}
                    </p>
                  </li>
                ))}
              </ol>
            </>
          );
        }}
      </Shown>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={close}>
          {t("action.close")}
        </button>
      </div>
    </Dialog>
  );
}

interface CellsProps {
  view: RecordView;
  ask: (column: string) => void;
}

function CellRow({ cell, view, ask }: CellsProps & { cell: RecordCell }): JSX.Element {
  const column = useTable(view.table)?.columns.find((each) => each.name === cell.column);
  const reference = view.references.find((each) => each.column === cell.column);
  const unit = useUnitName();
  const shown = column?.references === "org_unit" && typeof cell.value === "string" ? unit(cell.value) : wordsText(cell.display);
  return (
    <tr class={cell.conflict ? "differs" : ""}>
      <th scope="row">{columnName(cell.column)}</th>
      <td>
        {reference && reference.table !== "org_unit" ? <Link to={`/records/${reference.table}/${reference.row}`}>{reference.label}</Link> : shown}
        {cell.conflict && (
          <Link to={`/decisions/conflicts?table=${view.table}&row=${view.row}`} class="pill warn">
            {t("record.disputed")}
          </Link>
        )}
      </td>
      <td class="quiet">
        {cell.by && authorText(cell.by)}
        {cell.at && (
          <time class="block" dateTime={cell.at} title={timeText(cell.at)}>
            {dayText(cell.at)}
          </time>
        )}
      </td>
      <td class="row-actions">
        <button type="button" class="button small" onClick={() => ask(cell.column)} aria-label={t("history.of", { column: columnName(cell.column) })}>
          {t("history.button")}
        </button>
      </td>
    </tr>
  );
}

function Cells({ view, ask }: CellsProps): JSX.Element {
  return (
    <section class="panel" aria-labelledby="values">
      <h2 id="values">{t("record.values")}</h2>
      <div class="table-frame">
        <table class="cells">
          <thead>
            <tr>
              <th scope="col">{t("duplicate.column")}</th>
              <th scope="col">{t("record.value")}</th>
              <th scope="col">{t("record.by")}</th>
              <th scope="col">
                <span class="visually-hidden">{t("history.button")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {view.cells.map((cell) => (
              <CellRow key={cell.column} cell={cell} view={view} ask={ask} />
            ))}
          </tbody>
        </table>
      </div>
      {view.children.length > 0 && (
        <p class="children">
          {t("record.children")}{" "}
          {view.children.map((child) => (
            <span key={child.table} class="tag">
              {tableName(child.table)} {child.count}
            </span>
          ))}
        </p>
      )}
    </section>
  );
}

/// What has no day of its own, such as the people of a household: named, with the rest on its page.
function Belongings({ entries }: { entries: TimelineEntry[] }): JSX.Element | null {
  if (entries.length === 0) return null;
  return (
    <>
      <h3>{t("record.belongs")}</h3>
      <ul class="belongings">
        {entries.map((entry) => (
          <li key={`${entry.table} ${entry.row}`}>
            <Link to={`/records/${entry.table}/${entry.row}`}>{entry.label !== entry.row ? entry.label : tableName(entry.table)}</Link>{" "}
            <span class="quiet small">
              {tableName(entry.table)} {entry.summary.slice(0, 3).map((each) => valueText(each.value)).join(t("list.comma"))}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Entry({ entry }: { entry: TimelineEntry }): JSX.Element {
  return (
    <li>
      <p class="entry-when">{dayText(entry.date ?? entry.at)}</p>
      <div class="entry-what">
        <p>
          <Link to={`/records/${entry.table}/${entry.row}`}>
            <b>{tableName(entry.table)}</b>
          </Link>{" "}
          {entry.label && entry.label !== entry.row && <span>{entry.label}</span>}
        </p>
        <p class="quiet">
          {entry.summary.map((each) => `${columnName(each.column)}${t("list.colon")}${valueText(each.value)}`).join(t("list.semicolon"))}
        </p>
        {entry.by && <p class="quiet small">{t("record.written_by", { name: authorText(entry.by), time: timeText(entry.at) })}</p>}
      </div>
    </li>
  );
}

function Timeline({ table, row, beat }: { table: string; row: string; beat: unknown }): JSX.Element {
  const list = useList<{ entries: TimelineEntry[]; next: string | null }>(`records/${table}/${row}/timeline`, {}, beat, 50);
  return (
    <section class="panel" aria-labelledby="timeline">
      <h2 id="timeline">{t("record.timeline")}</h2>
      <Shown of={list}>
        {(data) =>
          data.entries.length === 0 ? (
            <Empty title={t("record.no_timeline")} />
          ) : (
            <>
              <Belongings entries={data.entries.filter((entry) => entry.date === null)} />
              <ol class="timeline">
                {data.entries.filter((entry) => entry.date !== null).map((entry) => (
                  <Entry key={`${entry.table} ${entry.row}`} entry={entry} />
                ))}
              </ol>
              <Pages of={list} />
            </>
          )
        }
      </Shown>
    </section>
  );
}

export function RecordPage({ table, row }: { table: string; row: string }): JSX.Element {
  const { live } = useSession();
  const unit = useUnitName();
  const [asked, setAsked] = useState<string | null>(null);
  const view = useLoad<RecordView>(`records/${encodeURIComponent(table)}/${encodeURIComponent(row)}`, {}, live.now?.position);
  const data = view.data;
  return (
    <>
      <Title text={data?.label ?? tableName(table)} about={data && `${tableName(table)} · ${unit(data.scope)}`}>
        <button type="button" class="button" onClick={() => window.history.back()}>
          <Icon name="back" />
          {t("action.back")}
        </button>
      </Title>
      <Shown of={view} lines={6}>
        {(shown) => (
          <>
            {!shown.live && <p class="warn-box">{t("record.gone")}</p>}
            <div class="two">
              <Cells view={shown} ask={setAsked} />
              <Timeline table={table} row={row} beat={live.now?.position} />
            </div>
            {asked && <History view={shown} column={asked} close={() => setAsked(null)} />}
          </>
        )}
      </Shown>
    </>
  );
}
