// What the hub answers; docs/console-api.md says what each member means.

export type Role = "secretary" | "office";

export interface Me {
  name: string;
  role: Role;
  csrf: string;
  expires_at: string;
  hub: { id: string; name: string; epoch: number };
  schema: { name: string; version: number };
  software: string;
  api: number;
}

export interface Unit {
  code: string;
  name: string;
  level: string;
  parent: string | null;
  depth: number;
}

export interface SchemaColumn {
  name: string;
  type: string;
  policy: string;
  required: boolean;
  references: string | null;
  group: string | null;
  states: string[];
}

export interface SchemaTable {
  name: string;
  append_only: boolean;
  scope: string | null;
  columns: SchemaColumn[];
}

export interface Schema {
  name: string;
  version: number;
  roles: string[];
  tables: SchemaTable[];
}

export interface WeekVisits {
  week: string;
  visits: number;
}

export interface UnitNow {
  code: string;
  name: string;
  level: string;
  parent: string | null;
  devices: number;
  silent: number;
  connected: number;
  last_contact_at: string | null;
  lag: number;
  pending: number;
  conflicts: number;
  duplicates: number;
  quarantined: number;
  visits: number;
  must_due: number;
  must_done: number;
  weeks: WeekVisits[];
}

export interface Overview {
  position: number;
  at: string;
  week: string;
  totals: UnitNow;
  units: UnitNow[];
}

export interface Device {
  device: string;
  name: string;
  role: string;
  scopes: string[];
  state: "active" | "revoked" | "lost";
  connected: boolean;
  silent: boolean;
  last_contact_at: string | null;
  lag: number;
  pending: number;
  merged: number;
  clock_offset_ms: number | null;
  free_bytes: number | null;
  healed: number;
  healed_at: string | null;
  software: string | null;
  schema: string | null; // its version, or what the hub knows of one that it never had
  predecessor: string | null;
  revoked_at: string | null;
  enrolled_position: number;
}

export interface OpenCode {
  name: string;
  role: string;
  scopes: string[];
  expires_at: string;
}

export interface DeviceList {
  devices: Device[];
  codes: OpenCode[];
}

export interface Enrolment extends OpenCode {
  code: string;
  url: string | null;
  qr: string[];
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface ConflictSide {
  value: Json;
  display: string;
  author: string;
  name: string;
  at: string | null;
  reason: string | null;
}

export interface Conflict {
  id: string;
  table: string;
  row: string;
  label: string;
  column: string | null;
  policy: string | null;
  state: string;
  kind: "cell" | "delete";
  scope: string;
  order_uncertain: boolean;
  winner: ConflictSide;
  loser: ConflictSide;
  decision: { author: string; name: string; at: string | null } | null;
}

export interface ConflictList {
  conflicts: Conflict[];
  open: number;
  next: string | null;
}

export type Keep = "winner" | "loser" | "value" | "undo";

export interface Decision {
  id: string;
  keep: Keep;
  value?: Json;
}

export interface ErrorBody {
  name: string;
  code: number;
  message: string;
  detail: string | null;
  todo: string | null;
  field: string | null;
}

export interface DecisionResult {
  id: string;
  ok: boolean;
  position?: number;
  error?: ErrorBody;
}

export interface DuplicateRow {
  row: string;
  label: string;
  created_by?: string | null;
}

export interface Duplicate {
  id: string;
  table: string;
  score: number;
  state: string;
  first: DuplicateRow;
  second: DuplicateRow;
  survivor: string | null;
  reasons: { key: string; similarity: number; columns: string[] }[];
  fields: { column: string; first: Json; second: Json; differs: boolean }[];
  decided_at: string | null;
  decided_by: string | null;
}

export interface DuplicateList {
  duplicates: Duplicate[];
  open: number;
  next: string | null;
}

export interface QuarantinedRow {
  change: string | null;
  table: string;
  row: string;
  at_hub: string;
  columns: { column: string; held: Json; writes: Json; hub: Json }[];
}

export interface Quarantined {
  id: string;
  device: string;
  name: string;
  sequence: number;
  reason: string;
  detail: string;
  bytes: number;
  state: string;
  written_at: string | null;
  arrived_at: string | null;
  held_rows: number;
  held_left_out: number;
  settled_at: string | null;
  settled_by: string | null;
  unreadable?: string | null;
  rows?: QuarantinedRow[];
}

export interface QuarantineList {
  transactions: Quarantined[];
  waiting: number;
  next: string | null;
}

export interface RecordHit {
  table: string;
  row: string;
  label: string;
  scope: string;
  unit: string;
  live: boolean;
  hint: string | null;
}

export interface RecordCell {
  column: string;
  value: Json;
  display: string;
  by: string | null;
  at: string | null;
  conflict: string | null;
}

export interface RecordView {
  table: string;
  row: string;
  label: string;
  scope: string;
  live: boolean;
  cells: RecordCell[];
  references: { column: string; table: string; row: string; label: string }[];
  children: { table: string; count: number }[];
}

export interface TimelineEntry {
  table: string;
  row: string;
  label: string;
  date: string | null;
  at: string | null;
  by: string | null;
  summary: { column: string; value: Json }[];
}

export interface Candidate {
  value: Json;
  author: string;
  name: string;
  shown: boolean;
  standing: boolean;
  at: string | null;
  claimed_at?: string | null;
  position: number;
}

export interface CellHistory {
  table: string;
  row: string;
  column: string;
  policy: string;
  live: boolean;
  scope: string;
  shown: Json;
  decided_name: string | null;
  decided_at: string | null;
  candidates: Candidate[];
}

export type Amounts = { [figure: string]: number | null };

export interface ReportLine {
  code: string;
  name: string;
  level: string;
  now: Amounts;
  before: Amounts;
}

export interface Report {
  period: string;
  from: string;
  until: string;
  previous: string;
  position: number;
  digest: string;
  figures: { name: string; unit: "count" | "fen" | "mean" | "percent"; title: string }[];
  units: ReportLine[];
}

export interface HubNow {
  position: number;
  connected: number;
  conflicts: number;
  duplicates: number;
  quarantined: number;
}
