import type { JSX } from "preact";

import type { Listed } from "../api/list";
import { t } from "../words";

/// The way to the pages before and behind; nothing where there is one only.
export function Pages<T>({ of }: { of: Pick<Listed<T>, "page" | "next" | "back"> }): JSX.Element | null {
  if (!of.next && !of.back) return null;
  return (
    <nav class="pages" aria-label={t("pages.label")}>
      <button type="button" class="button" disabled={!of.back} onClick={of.back ?? undefined}>
        {t("pages.back")}
      </button>
      <span>{t("pages.page", { n: of.page })}</span>
      <button type="button" class="button" disabled={!of.next} onClick={of.next ?? undefined}>
        {t("pages.next")}
      </button>
    </nav>
  );
}
