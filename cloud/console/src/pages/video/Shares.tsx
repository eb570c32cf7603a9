import type { ReactNode } from 'react';
import { formatNumber } from '../../format/number.js';
import { useLanguage } from '../../i18n/use-language.js';

export interface ShareRow {
  key: string;
  name: ReactNode;
  findings: number;
}

/** How much of all each has: a bar, the count, the share. */
export function Shares({ rows, all }: { rows: readonly ShareRow[]; all: number }) {
  const language = useLanguage();
  return (
    <ul className="shares card-pad">
      {rows.map((row) => (
        <li key={row.key}>
          <span className="clip">{row.name}</span>
          <span className="shares-bar" aria-hidden="true">
            <span style={{ width: `${(row.findings / Math.max(1, all)) * 100}%` }} />
          </span>
          <span className="shares-count">{formatNumber(row.findings, language)}</span>
          <span className="faint small shares-count">{Math.round((row.findings / Math.max(1, all)) * 100)} %</span>
        </li>
      ))}
    </ul>
  );
}
