// Small line drawings, 20 x 20; always beside words, so hidden from screen readers.

import type { JSX } from "preact";

const paths = {
  overview: "M3 11h5V3H3zM12 17h5V9h-5zM3 17h5v-3H3zM12 6h5V3h-5z",
  devices: "M6 2.5h8a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1zM9 15h2",
  decisions: "M10 3v14M5 6h10M5 6l-2.5 6h5zM15 6l-2.5 6h5zM7 17h6",
  records: "M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM13 13l4 4",
  reports: "M4 17V9M8.5 17V4M13 17v-6M17 17H3",
  plus: "M10 4v12M4 10h12",
  copy: "M7 7h9v9H7zM13 7V4H4v9h3",
  print: "M6 8V3h8v5M6 14H3V8h14v6h-3M6 12h8v5H6z",
  check: "M4 10.5l4 4 8-9",
  close: "M5 5l10 10M15 5L5 15",
  alert: "M10 3l7.5 13.5h-15zM10 8.5v3.5M10 14.2v.3",
  offline: "M3 8a10 10 0 0 1 14 0M6 11.5a6 6 0 0 1 8 0M10 15v.2M3 3l14 14",
  leave: "M8 4H4v12h4M8 10h9M14 7l3 3-3 3",
  down: "M10 4v9M6 9.5l4 4 4-4M4 17h12",
  back: "M12 4l-6 6 6 6",
  clock: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 6.5V10l2.5 2",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
