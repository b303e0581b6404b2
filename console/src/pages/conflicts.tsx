// Values that two people wrote without knowing of each other: side by side, for a person to say which is true.

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";

import { api } from "../api/client";
import { useList } from "../api/list";
import { errorBody } from "../api/load";
import type { Conflict, ConflictList, Decision, DecisionResult, ErrorBody } from "../api/types";
import { Select } from "../kit/field";
import { Pages } from "../kit/pages";
import { Empty, errorText, Failure, Notice, Shown } from "../kit/states";
import { UnitPicker } from "../kit/units";
import { useQuery } from "../router";
import { useSession } from "../session";
import { t, tableName } from "../words";
import { ConflictCard } from "./conflict_card";
import { StateChips } from "./state_chips";

interface Outcome {
  done: number;
  failed: Map<string, ErrorBody>;
}

/// Sends decisions and remembers what came of them, each by itself.
function useDecide(reload: () => void): { busy: boolean; error: ErrorBody | null; outcome: Outcome | null; decide: (decisions: Decision[]) => Promise<void> } {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorBody | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const decide = async (decisions: Decision[]): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const { results } = await api.post<{ results: DecisionResult[] }>("conflicts/decide", { decisions });
      const failed = new Map(results.flatMap((one) => (one.error ? [[one.id, one.error] as const] : [])));
      setOutcome({ done: results.filter((one) => one.ok).length, failed });
    } catch (failed) {
      setError(errorBody(failed));
    }
    setBusy(false);
    reload();
  };
  return { busy, error, outcome, decide };
}

interface BulkProps {
  listed: Conflict[];
  chosen: Set<string>;
  choose: (ids: Set<string>) => void;
  busy: boolean;
  decide: (keep: "winner" | "loser") => void;
}

function Bulk({ listed, chosen, choose, busy, decide }: BulkProps): JSX.Element {
  const open = listed.filter((each) => each.state === "open").map((each) => each.id);
  const all = open.length > 0 && open.every((id) => chosen.has(id));
  return (
    <div class="bulk">
      <label class="tick">
        <input type="checkbox" checked={all} disabled={open.length === 0} onChange={() => choose(new Set(all ? [] : open))} />
        {t("bulk.all", { n: open.length })}
      </label>
      <span class="quiet" role="status">
        {chosen.size > 0 && t("bulk.chosen", { n: chosen.size })}
      </span>
      <span class="bulk-actions">
        <button type="button" class="button small" disabled={chosen.size === 0 || busy} onClick={() => decide("winner")}>
          {t("bulk.winner")}
        </button>
        <button type="button" class="button small" disabled={chosen.size === 0 || busy} onClick={() => decide("loser")}>
          {t("bulk.loser")}
        </button>
      </span>
    </div>
  );
}

export function Conflicts(): JSX.Element {
  const { live, schema } = useSession();
  const [state, setState] = useQuery("state", "open");
  const [table, setTable] = useQuery("table");
  const [scope, setScope] = useQuery("scope");
  const [row] = useQuery("row");
  const list = useList<ConflictList>("conflicts", { state, table, scope, row }, live.now && `${live.now.position} ${live.now.conflicts}`, 20);
  const [picked, setPicked] = useState<Set<string>>(new Set());
  const { busy, error, outcome, decide } = useDecide(list.reload);
  const listed = list.data?.conflicts ?? [];
  // What is no longer in the list cannot be decided with the others.
  const chosen = useMemo(() => new Set(listed.filter((each) => picked.has(each.id) && each.state === "open").map((each) => each.id)), [listed, picked]);
  const toggle = (id: string): void => {
    const now = new Set(chosen);
    if (!now.delete(id)) now.add(id);
    setPicked(now);
  };
  const decideChosen = (keep: "winner" | "loser"): void => {
    void decide([...chosen].map((id) => ({ id, keep }))).then(() => setPicked(new Set()));
  };
  const tables = [{ value: "", label: t("conflicts.every_table") }, ...(schema?.tables ?? []).filter((each) => !each.append_only).map((each) => ({ value: each.name, label: tableName(each.name) }))];
  return (
    <>
      <div class="toolbar">
        <StateChips waiting="open" value={state} change={setState} />
        <UnitPicker label={t("overview.unit")} value={scope} change={setScope} all={t("overview.whole")} />
        <Select label={t("conflicts.table")} value={table} change={setTable} choices={tables} />
      </div>
      <Notice>
        {outcome && outcome.done > 0 && <p class="done">{t("conflicts.decided", { n: outcome.done })}</p>}
        {outcome && outcome.failed.size > 0 && <p class="bad">{t("conflicts.failed", { n: outcome.failed.size, why: [...new Set([...outcome.failed.values()].map(errorText))].join(t("list.comma")) })}</p>}
      </Notice>
      {error && <Failure error={error} />}
      <Shown of={list}>
        {(data) =>
          data.conflicts.length === 0 ? (
            <Empty title={t(state === "open" ? "conflicts.none_open" : "conflicts.none")} />
          ) : (
            <>
              <Bulk listed={data.conflicts} chosen={chosen} choose={setPicked} busy={busy} decide={decideChosen} />
              <ul class="conflicts">
                {data.conflicts.map((each) => (
                  <ConflictCard
                    key={each.id}
                    conflict={each}
                    chosen={chosen.has(each.id)}
                    toggle={() => toggle(each.id)}
                    busy={busy}
                    error={outcome?.failed.get(each.id) ?? null}
                    decide={(decision) => decide([decision])}
                  />
                ))}
              </ul>
              <Pages of={list} />
            </>
          )
        }
      </Shown>
    </>
  );
}
