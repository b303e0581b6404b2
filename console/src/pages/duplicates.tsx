// Rows that may be one thing, registered twice: compared column by column, joined or kept apart, and parted again.

import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";

import { api } from "../api/client";
import { useList } from "../api/list";
import { errorBody } from "../api/load";
import type { Duplicate, DuplicateList, ErrorBody } from "../api/types";
import { authorText, timeText, valueText } from "../format";
import { Confirm } from "../kit/dialog";
import { Pages } from "../kit/pages";
import { Empty, errorInFull, Notice, Shown } from "../kit/states";
import { Link, useQuery } from "../router";
import { useSession } from "../session";
import { columnName, t, tableName } from "../words";
import { StateChips } from "./state_chips";

type Action = "accept" | "reject" | "unmerge";

function Compared({ pair, every }: { pair: Duplicate; every: boolean }): JSX.Element {
  const shown = pair.fields.filter((field) => every || field.differs);
  return (
    <div class="table-frame">
      <table class="compare">
        <caption class="visually-hidden">{t("duplicate.compared")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("duplicate.column")}</th>
            <th scope="col">
              <Link to={`/records/${pair.table}/${pair.first.row}`}>{pair.first.label}</Link>
              {pair.first.created_by && <span class="quiet block">{authorText(pair.first.created_by)}</span>}
            </th>
            <th scope="col">
              <Link to={`/records/${pair.table}/${pair.second.row}`}>{pair.second.label}</Link>
              {pair.second.created_by && <span class="quiet block">{authorText(pair.second.created_by)}</span>}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((field) => (
            <tr key={field.column} class={field.differs ? "differs" : ""}>
              <th scope="row">
                {columnName(field.column)}
                {field.differs && <span class="visually-hidden"> {t("duplicate.differs")}</span>}
              </th>
              <td>{valueText(field.first, field.column)}</td>
              <td>{valueText(field.second, field.column)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface PairProps {
  pair: Duplicate;
  done: (text: string) => void;
}

function Actions({ pair, done }: PairProps): JSX.Element {
  const [survivor, setSurvivor] = useState(pair.first.row);
  const [asked, setAsked] = useState<Action | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorBody | null>(null);
  const group = useId();
  const send = async (action: Action): Promise<void> => {
    const body = action === "accept" ? { action, survivor } : { action };
    await api.post<Duplicate>(`duplicates/${pair.id}`, body);
    done(t(`duplicate.done_${action}`, { label: pair.first.label }));
  };
  const reject = (): void => {
    setBusy(true);
    setError(null);
    send("reject").catch((failed: unknown) => setError(errorBody(failed))).finally(() => setBusy(false));
  };
  return (
    <>
      {pair.state === "open" && (
        <>
          <fieldset class="survivor">
            <legend>{t("duplicate.survivor")}</legend>
            {[pair.first, pair.second].map((each, i) => (
              <label key={each.row} class="tick">
                <input type="radio" name={group} checked={survivor === each.row} onChange={() => setSurvivor(each.row)} />
                {t(i === 0 ? "duplicate.first" : "duplicate.second", { label: each.label })}
              </label>
            ))}
          </fieldset>
          <div class="card-actions">
            <button type="button" class="button primary small" disabled={busy} onClick={() => setAsked("accept")}>
              {t("duplicate.accept")}
            </button>
            <button type="button" class="button small" disabled={busy} onClick={reject}>
              {t("duplicate.reject")}
            </button>
          </div>
        </>
      )}
      {pair.state !== "open" && (
        <div class="card-actions">
          <p class="quiet">{t("duplicate.decided", { name: pair.decided_by ?? "—", time: timeText(pair.decided_at) })}</p>
          {pair.survivor !== null && pair.state === "accepted" && (
            <button type="button" class="button small" onClick={() => setAsked("unmerge")}>
              {t("duplicate.unmerge")}
            </button>
          )}
        </div>
      )}
      {error && (
        <p class="field-error" role="alert">
          {errorInFull(error)}
        </p>
      )}
      {asked && (
        <Confirm title={t(`duplicate.ask_${asked}`)} action={t(`duplicate.${asked}`)} run={() => send(asked)} close={() => setAsked(null)}>
          <p>{t(asked === "accept" ? "duplicate.accept_means" : "duplicate.unmerge_means", { label: pair.first.label })}</p>
        </Confirm>
      )}
    </>
  );
}

const stateWords = { open: "duplicate.state_open", accepted: "duplicate.state_accepted", rejected: "duplicate.state_rejected", unmerged: "duplicate.state_unmerged" } as const;

function Pair({ pair, done }: PairProps): JSX.Element {
  const [every, setEvery] = useState(false);
  const word = stateWords[pair.state as keyof typeof stateWords];
  return (
    <li class={pair.state === "open" ? "conflict" : "conflict settled"}>
      <div class="conflict-head">
        <h2>
          {pair.first.label}
          <span class="quiet">
            {" "}
            {tableName(pair.table)} · {t("duplicate.score", { n: pair.score })}
          </span>
        </h2>
        <span class={pair.state === "open" ? "pill warn" : "pill"}>{word ? t(word) : pair.state}</span>
      </div>
      {pair.reasons.length > 0 && (
        <p class="reasons">
          {t("duplicate.why")}
          {pair.reasons.map((reason) => (
            <span key={reason.key} class="tag">
              {t("duplicate.reason", { columns: reason.columns.map(columnName).join(t("list.comma")), n: reason.similarity })}
            </span>
          ))}
        </p>
      )}
      <Compared pair={pair} every={every} />
      <button type="button" class="button plain small" aria-expanded={every} onClick={() => setEvery(!every)}>
        {t(every ? "duplicate.fewer" : "duplicate.every", { n: pair.fields.filter((field) => !field.differs).length })}
      </button>
      <Actions key={pair.state} pair={pair} done={done} />
    </li>
  );
}

export function Duplicates(): JSX.Element {
  const { live } = useSession();
  const [state, setState] = useQuery("state", "open");
  const [said, setSaid] = useState("");
  const list = useList<DuplicateList>("duplicates", { state }, live.now && `${live.now.position} ${live.now.duplicates}`, 20);
  const done = (text: string): void => {
    setSaid(text);
    list.reload();
  };
  return (
    <>
      <div class="toolbar">
        <StateChips waiting="open" value={state} change={setState} />
      </div>
      <Notice>{said && <p class="done">{said}</p>}</Notice>
      <Shown of={list}>
        {(data) =>
          data.duplicates.length === 0 ? (
            <Empty title={t(state === "open" ? "duplicates.none_open" : "duplicates.none")} />
          ) : (
            <>
              <ul class="conflicts">
                {data.duplicates.map((pair) => (
                  <Pair key={pair.id} pair={pair} done={done} />
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
