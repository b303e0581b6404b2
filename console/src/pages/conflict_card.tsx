// One disagreement: two values with who, when and why, and the ways to settle it.

import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";

import type { Conflict, ConflictSide, Decision, ErrorBody, Json } from "../api/types";
import { authorText, timeText, wordsText } from "../format";
import { errorInFull } from "../kit/states";
import { Link } from "../router";
import { useTable, useUnitName } from "../session";
import { columnName, t, tableName } from "../words";
import { ValueInput, readValue } from "./value_input";

interface SideProps {
  side: ConflictSide;
  title: string;
  stands: boolean;
}

function Side({ side, title, stands }: SideProps): JSX.Element {
  return (
    <div class={stands ? "side stands" : "side"}>
      <p class="side-title">{title}</p>
      <p class="side-value">{wordsText(side.display)}</p>
      <p class="side-who">
        <b>{authorText(side.name)}</b>
        <span class="block quiet">{timeText(side.at)}</span>
      </p>
      {side.reason && <p class="side-reason">{t("conflict.reason", { why: side.reason })}</p>}
    </div>
  );
}

interface ThirdProps {
  conflict: Conflict;
  busy: boolean;
  send: (value: Json) => void;
  close: () => void;
  error: ErrorBody | null;
}

function Third({ conflict, busy, send, close, error }: ThirdProps): JSX.Element {
  const column = useTable(conflict.table)?.columns.find((each) => each.name === conflict.column);
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState("");
  const id = useId();
  const submit = (event: Event): void => {
    event.preventDefault();
    const value = readValue(text, column);
    if (value === undefined) {
      setWrong(t("value.wrong"));
      return;
    }
    setWrong("");
    send(value);
  };
  const said = wrong || (error ? errorInFull(error) : "");
  return (
    <form class="third" onSubmit={submit} noValidate>
      <label for={id}>{t("conflict.third", { column: columnName(conflict.column ?? "") })}</label>
      <ValueInput id={id} column={column} text={text} change={setText} invalid={said !== ""} described={`${id}-error`} />
      <button type="submit" class="button primary small" disabled={busy}>
        {t("conflict.use_third")}
      </button>
      <button type="button" class="button small" onClick={close}>
        {t("action.cancel")}
      </button>
      <p class="field-error" id={`${id}-error`} role="alert">
        {said}
      </p>
    </form>
  );
}

interface CardProps {
  conflict: Conflict;
  chosen: boolean;
  toggle: () => void;
  busy: boolean;
  error: ErrorBody | null;
  decide: (decision: Decision) => Promise<void>;
}

function Choices({ conflict, busy, error, decide }: Pick<CardProps, "conflict" | "busy" | "error" | "decide">): JSX.Element {
  const [third, setThird] = useState(false);
  const column = useTable(conflict.table)?.columns.find((each) => each.name === conflict.column);
  // Of a deletion there is no third value, and one of several columns at once is no matter for one input.
  const single = conflict.kind === "cell" && !column?.group;
  if (conflict.state === "decided") {
    return (
      <div class="card-actions">
        <p class="quiet">
          {conflict.decision ? t("conflict.decided_by", { name: authorText(conflict.decision.name), time: timeText(conflict.decision.at) }) : t("conflict.settled")}
        </p>
        <button type="button" class="button small" disabled={busy} onClick={() => void decide({ id: conflict.id, keep: "undo" })}>
          {t("conflict.undo")}
        </button>
        {error && (
          <p class="field-error" role="alert">
            {errorInFull(error)}
          </p>
        )}
      </div>
    );
  }
  return (
    <>
      <div class="card-actions">
        <button type="button" class={conflict.state === "open" ? "button primary small" : "button small"} disabled={busy} onClick={() => void decide({ id: conflict.id, keep: "winner" })}>
          {t("conflict.keep_winner")}
        </button>
        <button type="button" class="button small" disabled={busy} onClick={() => void decide({ id: conflict.id, keep: "loser" })}>
          {t("conflict.keep_loser")}
        </button>
        {single && !third && (
          <button type="button" class="button small" disabled={busy} onClick={() => setThird(true)}>
            {t("conflict.other")}
          </button>
        )}
      </div>
      {third && <Third conflict={conflict} busy={busy} error={error} close={() => setThird(false)} send={(value) => void decide({ id: conflict.id, keep: "value", value })} />}
      {error && !third && (
        <p class="field-error" role="alert">
          {errorInFull(error)}
        </p>
      )}
    </>
  );
}

export function ConflictCard({ conflict, chosen, toggle, busy, error, decide }: CardProps): JSX.Element {
  const unit = useUnitName();
  const open = conflict.state === "open";
  const decided = conflict.state === "decided";
  const what = conflict.kind === "delete" ? t("conflict.deletion") : columnName(conflict.column ?? "");
  return (
    <li class={open ? "conflict" : "conflict settled"}>
      <div class="conflict-head">
        {open && <input type="checkbox" checked={chosen} onChange={toggle} aria-label={t("bulk.choose", { label: `${conflict.label} ${what}` })} />}
        <h2>
          <Link to={`/records/${conflict.table}/${conflict.row}`}>{conflict.label}</Link>
          <span class="quiet">
            {" "}
            {tableName(conflict.table)} · {what} · {unit(conflict.scope)}
          </span>
        </h2>
        {conflict.order_uncertain && <span class="pill">{t("conflict.uncertain")}</span>}
        {!open && <span class="pill good">{t(decided ? "conflict.settled" : "conflict.automatic")}</span>}
      </div>
      <div class="sides">
        {/* What a decision chose may be either, or a third: the record keeps what met. */}
        <Side side={conflict.winner} title={t(decided ? "conflict.winner_then" : "conflict.winner")} stands={!decided} />
        <Side side={conflict.loser} title={t("conflict.loser")} stands={false} />
      </div>
      <Choices conflict={conflict} busy={busy} error={error} decide={decide} />
    </li>
  );
}
