// A label, an input, and what is wrong with it beside it.

import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

interface FieldProps {
  label: string;
  hint?: string | undefined;
  error?: string | null | undefined;
  children: (ids: { id: string; described: string | undefined; invalid: boolean }) => ComponentChildren;
}

export function Field({ label, hint, error, children }: FieldProps): JSX.Element {
  const id = useId();
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ") || undefined;
  return (
    <div class={error ? "field invalid" : "field"}>
      <label for={id}>{label}</label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {children({ id, described, invalid: Boolean(error) })}
      {error && (
        <p class="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

interface Choice {
  value: string;
  label: string;
}

interface SelectProps {
  label: string;
  value: string;
  choices: Choice[];
  change: (value: string) => void;
  /// Only a screen reader hears the label; the first choice says what it is about.
  quiet?: boolean;
}

export function Select({ label, value, choices, change, quiet }: SelectProps): JSX.Element {
  const id = useId();
  return (
    <div class="select">
      <label for={id} class={quiet ? "visually-hidden" : ""}>
        {label}
      </label>
      <select id={id} value={value} onChange={(event) => change(event.currentTarget.value)}>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </div>
  );
}

/// One of a few, as buttons beside each other.
export function Chips({ label, value, choices, change }: Omit<SelectProps, "quiet">): JSX.Element {
  return (
    <div class="chips" role="group" aria-label={label}>
      {choices.map((choice) => (
        <button key={choice.value} type="button" class="chip" aria-pressed={choice.value === value} onClick={() => change(choice.value)}>
          {choice.label}
        </button>
      ))}
    </div>
  );
}
