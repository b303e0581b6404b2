// What waits for a person, in three lists.

import type { JSX } from "preact";

import { Link } from "../router";
import { useSession } from "../session";
import { t } from "../words";
import { Conflicts } from "./conflicts";
import { Duplicates } from "./duplicates";
import { Quarantine } from "./quarantine";
import { Title } from "./title";

const kinds = ["conflicts", "duplicates", "quarantine"] as const;
type Kind = (typeof kinds)[number];

export function Decisions({ kind }: { kind: string }): JSX.Element {
  const { live } = useSession();
  const shown: Kind = kinds.find((each) => each === kind) ?? "conflicts";
  const now = live.now;
  const open: Record<Kind, number> = { conflicts: now?.conflicts ?? 0, duplicates: now?.duplicates ?? 0, quarantine: now?.quarantined ?? 0 };
  return (
    <>
      <Title text={t("nav.decisions")} about={t(`decisions.about_${shown}`)} />
      <nav class="tabs" aria-label={t("nav.decisions")}>
        <ul>
          {kinds.map((each) => (
            <li key={each}>
              <Link to={`/decisions/${each}`} class="tab" aria-current={each === shown ? "page" : undefined}>
                {t(`decisions.${each}`)} <span class={open[each] ? "count" : "count none"}>{open[each]}</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {shown === "conflicts" && <Conflicts />}
      {shown === "duplicates" && <Duplicates />}
      {shown === "quarantine" && <Quarantine />}
    </>
  );
}
