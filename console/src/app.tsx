// The whole console: who is signed in, in which language, and which page is shown.

import type { JSX } from "preact";
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";

import { api, ApiError, onSignedOut, remember } from "./api/client";
import { useLive } from "./api/live";
import { errorBody } from "./api/load";
import type { ErrorBody, Me, Schema, Unit } from "./api/types";
import { Failure, Loading } from "./kit/states";
import { Page } from "./pages/page_of";
import { SignIn } from "./pages/sign_in";
import { Router } from "./router";
import { SessionContext } from "./session";
import type { Session } from "./session";
import { Shell } from "./shell";
import { setLanguage, startLanguage } from "./words";
import type { Language } from "./words";

type Known = { me: Me; units: Unit[]; schema: Schema | null };
type State = { at: "asking" } | { at: "failed"; error: ErrorBody } | { at: "out"; ended: boolean } | { at: "in"; known: Known };

/// Units and schema hardly change while someone is signed in: they are asked for once.
async function known(me: Me): Promise<Known> {
  const [scopes, schema] = await Promise.all([
    api.get<{ units: Unit[] }>("scopes"),
    me.role === "secretary" ? api.get<Schema>("schema") : Promise.resolve(null),
  ]);
  return { me, units: scopes.units, schema };
}

export function App(): JSX.Element {
  const [language, choose] = useState<Language>(startLanguage);
  const [state, setState] = useState<State>({ at: "asking" });

  const enter = useCallback(async (me: Me) => {
    setState({ at: "in", known: await known(remember(me)) });
  }, []);
  const ask = useCallback(() => {
    setState({ at: "asking" });
    api.get<Me>("session").then(enter).catch((failed: unknown) => {
      const nobody = failed instanceof ApiError && failed.status === 401;
      setState(nobody ? { at: "out", ended: false } : { at: "failed", error: errorBody(failed) });
    });
  }, []);
  useEffect(ask, []);

  const end = useCallback(() => setState({ at: "out", ended: true }), []);
  useEffect(() => onSignedOut(end), []);
  const signOut = useCallback(() => {
    const out = (): void => setState({ at: "out", ended: false });
    api.remove("session").then(out, out);
  }, []);
  const live = useLive(state.at === "in", end);

  const speak = (wanted: Language): void => {
    setLanguage(wanted);
    choose(wanted);
  };
  const session = useMemo<Session | null>(() => {
    if (state.at !== "in") return null;
    const { me, units, schema } = state.known;
    return { me, units, schema, live, unitNames: new Map(units.map((unit) => [unit.code, unit])), signOut };
  }, [state, live]);

  if (session) {
    return (
      <SessionContext.Provider value={session}>
        <Router>
          <Shell language={language} speak={speak}>
            <Page key={language} />
          </Shell>
        </Router>
      </SessionContext.Provider>
    );
  }
  if (state.at === "out") return <SignIn language={language} speak={speak} entered={enter} ended={state.ended} />;
  return (
    <main class="alone">{state.at === "failed" ? <Failure error={state.error} retry={ask} /> : <Loading lines={2} />}</main>
  );
}
