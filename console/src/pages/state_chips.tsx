// What still waits for somebody, or everything.

import type { JSX } from "preact";

import { Chips } from "../kit/field";
import { t } from "../words";

interface StateChipsProps {
  waiting: string; // the server's name for what waits
  value: string;
  change: (value: string) => void;
}

export function StateChips({ waiting, value, change }: StateChipsProps): JSX.Element {
  const choices = [
    { value: waiting, label: t("conflicts.open") },
    { value: "all", label: t("conflicts.all") },
  ];
  return <Chips label={t("conflicts.state")} value={value} change={change} choices={choices} />;
}
