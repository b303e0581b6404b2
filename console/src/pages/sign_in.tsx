// The first page: a code that the hub printed, or that a secretary made, opens the console.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { api } from "../api/client";
import { errorBody } from "../api/load";
import type { ErrorBody, Me } from "../api/types";
import { Field } from "../kit/field";
import { errorInFull } from "../kit/states";
import { LanguageSwitch } from "../shell";
import { t } from "../words";
import type { Language } from "../words";

interface SignInProps {
  language: Language;
  speak: (wanted: Language) => void;
  entered: (me: Me) => Promise<void>;
  ended: boolean;
}

export function SignIn({ language, speak, entered, ended }: SignInProps): JSX.Element {
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorBody | null>(null);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = t("sign_in.title");
    input.current?.focus();
  }, [language]);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await entered(await api.post<Me>("session", { code: code.trim() }));
    } catch (failed) {
      setError(errorBody(failed));
      setBusy(false);
      input.current?.focus();
    }
  };

  return (
    <div class="entrance">
      <main class="entrance-card">
        <img src="/icon.svg" alt="" width="48" height="48" />
        <h1>{t("sign_in.title")}</h1>
        <p class="about">{t(ended ? "sign_in.ended" : "sign_in.about")}</p>
        <form onSubmit={submit} noValidate>
          <Field label={t("sign_in.code")} hint={t("sign_in.hint")} error={error && errorInFull(error)}>
            {({ id, described, invalid }) => (
              <input
                id={id}
                ref={input}
                class="code-input"
                name="code"
                value={code}
                autocomplete="one-time-code"
                autocapitalize="characters"
                spellcheck={false}
                aria-describedby={described}
                aria-invalid={invalid || undefined}
                onInput={(change) => setCode(change.currentTarget.value)}
              />
            )}
          </Field>
          <button type="submit" class="button primary big" disabled={busy || code.trim() === ""}>
            {t(busy ? "sign_in.busy" : "sign_in.enter")}
          </button>
        </form>
        <details class="sign-in-help">
          <summary>{t("sign_in.no_code")}</summary>
          <p>{t("sign_in.no_code_help")}</p>
          <pre>doorstepd console-code --data DIR --name NAME</pre>
        </details>
        <LanguageSwitch language={language} speak={speak} />
      </main>
    </div>
  );
}
