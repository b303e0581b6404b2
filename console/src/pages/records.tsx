// Looking for a person, a household or anything else that was recorded.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { useList } from "../api/list";
import type { RecordHit } from "../api/types";
import { Select } from "../kit/field";
import { Pages } from "../kit/pages";
import { Empty, Shown } from "../kit/states";
import { UnitPicker } from "../kit/units";
import { Link, useQuery } from "../router";
import { shortName, useSession } from "../session";
import { t, tableName } from "../words";
import { Title } from "./title";

const pauseMs = 250; // while someone still types, nothing is asked

/// One Han character says as much as a syllable: it is enough to look for.
export function longEnough(text: string): boolean {
  return [...text].length >= 2 || /\p{Script=Han}/u.test(text);
}

function Hit({ hit }: { hit: RecordHit }): JSX.Element {
  return (
    <li>
      <Link to={`/records/${hit.table}/${hit.row}`} class={hit.live ? "hit" : "hit gone"}>
        <span class="hit-kind">{tableName(hit.table)}</span>
        <span class="hit-words">
          <b>{hit.label}</b>
          {hit.hint && <span class="quiet block">{hit.hint}</span>}
        </span>
        <span class="hit-unit quiet">
          {shortName(hit.unit)}
          {!hit.live && <span class="pill">{t("record.deleted")}</span>}
        </span>
      </Link>
    </li>
  );
}

export function Records(): JSX.Element {
  const { schema, live } = useSession();
  const [q, setQ] = useQuery("q");
  const [table, setTable] = useQuery("table");
  const [scope, setScope] = useQuery("scope");
  const [typed, setTyped] = useState(q);
  useEffect(() => {
    const timer = window.setTimeout(() => setQ(typed.trim()), pauseMs);
    return () => window.clearTimeout(timer);
  }, [typed]);
  const asks = longEnough(q);
  const list = useList<{ records: RecordHit[]; next: string | null }>(asks ? "records" : null, { q, table, scope }, live.now?.position, 50);
  const tables = [{ value: "", label: t("conflicts.every_table") }, ...(schema?.tables ?? []).map((each) => ({ value: each.name, label: tableName(each.name) }))];
  return (
    <>
      <Title text={t("nav.records")} about={t("records.about")} />
      <form class="toolbar" role="search" onSubmit={(event) => event.preventDefault()}>
        <div class="search wide">
          <label for="record-search">{t("records.search")}</label>
          <input id="record-search" type="search" value={typed} placeholder={t("records.example")} autocomplete="off" onInput={(event) => setTyped(event.currentTarget.value)} />
        </div>
        <Select label={t("conflicts.table")} value={table} change={setTable} choices={tables} />
        <UnitPicker label={t("overview.unit")} value={scope} change={setScope} all={t("overview.whole")} />
      </form>
      {!asks ? (
        <p class="quiet prompt">{t(q ? "records.longer" : "records.begin")}</p>
      ) : (
        <Shown of={list}>
          {(data) =>
            data.records.length === 0 ? (
              <Empty title={t("records.none", { q })} />
            ) : (
              <>
                <p class="visually-hidden" role="status">
                  {t("records.found", { n: data.records.length })}
                </p>
                <ul class="hits">
                  {data.records.map((hit) => (
                    <Hit key={`${hit.table} ${hit.row}`} hit={hit} />
                  ))}
                </ul>
                <Pages of={list} />
              </>
            )
          }
        </Shown>
      )}
    </>
  );
}
