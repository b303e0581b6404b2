// A QR code from its rows of modules, drawn in one path with the quiet zone that readers need.

import type { JSX } from "preact";

const quiet = 4;

export function Qr({ rows, label }: { rows: string[]; label: string }): JSX.Element {
  const side = rows.length + 2 * quiet;
  let path = "";
  rows.forEach((row, y) => {
    for (const run of row.matchAll(/1+/g)) path += `M${(run.index ?? 0) + quiet} ${y + quiet}h${run[0].length}v1h-${run[0].length}z`;
  });
  return (
    <svg class="qr" viewBox={`0 0 ${side} ${side}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect class="qr-light" width={side} height={side} />
      <path class="qr-dark" d={path} />
    </svg>
  );
}
