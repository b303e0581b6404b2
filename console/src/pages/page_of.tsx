// Which page an address names. After a change of page the focus goes to its heading, and the window's title follows.

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { Link, usePlace } from "../router";
import { useSession } from "../session";
import { t } from "../words";
import { Decisions } from "./decisions";
import { Devices } from "./devices";
import { Enrol } from "./enrol";
import { Overview } from "./overview";
import { RecordPage } from "./record";
import { Records } from "./records";
import { Reports } from "./reports";
import { Title } from "./title";

function NotHere(): JSX.Element {
  return (
    <>
      <Title text={t("page.none")} />
      <p>
        <Link to="/overview">{t("page.none_back")}</Link>
      </p>
    </>
  );
}

export function Page(): JSX.Element {
  const { parts, path } = usePlace();
  const { me } = useSession();
  const main = useRef<HTMLDivElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    window.scrollTo(0, 0);
    main.current?.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }, [path]);

  const secretary = me.role === "secretary";
  let page: ComponentChildren = <NotHere />;
  if (parts.length === 0 || (parts[0] === "overview" && parts.length === 1)) page = <Overview />;
  else if (parts[0] === "reports" && parts.length === 1) page = <Reports />;
  else if (secretary && parts[0] === "devices" && parts.length === 1) page = <Devices />;
  else if (secretary && parts[0] === "devices" && parts[1] === "enrol") page = <Enrol />;
  else if (secretary && parts[0] === "decisions" && parts.length <= 2) page = <Decisions kind={parts[1] ?? "conflicts"} />;
  else if (secretary && parts[0] === "records" && parts.length === 1) page = <Records />;
  else if (secretary && parts[0] === "records" && parts.length === 3)
    page = <RecordPage key={path} table={parts[1] ?? ""} row={parts[2] ?? ""} />;
  return (
    <div class="page" ref={main}>
      {page}
    </div>
  );
}
