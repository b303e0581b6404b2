// Who is signed in and what every page may ask about: the units, the schema, what the hub said last.

import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { Live } from "./api/live";
import type { Me, Schema, SchemaTable, Unit } from "./api/types";

export interface Session {
  me: Me;
  live: Live;
  units: Unit[];
  unitNames: Map<string, Unit>;
  schema: Schema | null; // null for the office, which sees no names
  signOut: () => void;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("a page outside a session");
  return session;
}

/// A unit as people name it: its own name, without the committee's.
export function shortName(name: string): string {
  return name.replace(/村?(村委会|村民委员会)$/, "村").replace(/社区(居委会|居民委员会)$/, "社区");
}

export function useUnitName(): (code: string) => string {
  const { unitNames } = useSession();
  return (code) => shortName(unitNames.get(code)?.name ?? code);
}

export function useTable(name: string): SchemaTable | undefined {
  return useSession().schema?.tables.find((table) => table.name === name);
}
