// What stands around every page: the hub's name, the ways to the pages, whether the hub is heard.

import type { ComponentChildren, JSX } from "preact";

import { Icon } from "./kit/icon";
import type { IconName } from "./kit/icon";
import { Link, usePlace } from "./router";
import { useSession } from "./session";
import { t } from "./words";
import type { Language, Word } from "./words";

interface Way {
  to: string;
  icon: IconName;
  word: Word;
  names: boolean; // shows names: not for the office
}

const ways: Way[] = [
  { to: "/overview", icon: "overview", word: "nav.overview", names: false },
  { to: "/devices", icon: "devices", word: "nav.devices", names: true },
  { to: "/decisions", icon: "decisions", word: "nav.decisions", names: true },
  { to: "/records", icon: "records", word: "nav.records", names: true },
  { to: "/reports", icon: "reports", word: "nav.reports", names: false },
];

export function LanguageSwitch({ language, speak }: { language: Language; speak: (wanted: Language) => void }): JSX.Element {
  const other: Language = language === "zh" ? "en" : "zh";
  return (
    <button type="button" class="button plain language" lang={other === "zh" ? "zh-CN" : "en"} onClick={() => speak(other)}>
      {other === "zh" ? "中文" : "English"}
    </button>
  );
}

function Navigation({ waiting }: { waiting: number }): JSX.Element {
  const { me } = useSession();
  const place = usePlace();
  const at = `/${place.parts[0] ?? "overview"}`;
  return (
    <nav class="ways" aria-label={t("nav.label")}>
      <ul>
        {ways
          .filter((way) => !way.names || me.role === "secretary")
          .map((way) => (
            <li key={way.to}>
              <Link to={way.to} class="way" aria-current={way.to === at ? "page" : undefined}>
                <Icon name={way.icon} />
                <span>{t(way.word)}</span>
                {way.to === "/decisions" && waiting > 0 && (
                  <span class="count">
                    {waiting > 999 ? "999+" : waiting}
                    <span class="visually-hidden"> {t("nav.waiting")}</span>
                  </span>
                )}
              </Link>
            </li>
          ))}
      </ul>
    </nav>
  );
}

interface ShellProps {
  language: Language;
  speak: (wanted: Language) => void;
  children: ComponentChildren;
}

export function Shell({ language, speak, children }: ShellProps): JSX.Element {
  const { me, live, signOut } = useSession();
  const now = live.now;
  const waiting = now ? now.conflicts + now.duplicates + now.quarantined : 0;
  return (
    <div class="shell">
      <a class="skip" href="#content">
        {t("nav.skip")}
      </a>
      <header class="top">
        <Link to="/overview" class="hub">
          <img src="/icon.svg" alt="" width="28" height="28" />
          <span class="hub-name">{me.hub.name}</span>
        </Link>
        <div class="top-actions">
          <LanguageSwitch language={language} speak={speak} />
          <button type="button" class="button plain" onClick={signOut}>
            <Icon name="leave" />
            <span>{t("action.sign_out")}</span>
          </button>
        </div>
        <p class="who">
          {me.name} · {t(me.role === "secretary" ? "role.secretary" : "role.office")}
        </p>
      </header>
      <Navigation waiting={waiting} />
      <div class="body">
        <div class="line" role="status" aria-live="polite">
          {!live.online && (
            <p class="offline">
              <Icon name="offline" />
              {t("live.broken")}
            </p>
          )}
        </div>
        <main id="content" tabIndex={-1}>
          {children}
        </main>
      </div>
    </div>
  );
}
