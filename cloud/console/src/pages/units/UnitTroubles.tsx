import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { unitTroublesQuery } from '../../api/units.js';
import { Section } from '../../ui/Page.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { useCodeWord } from '../parts/words.js';
import '../parts/parts.css';

interface Trouble {
  key: string;
  at: string;
  kind: 'aside' | 'gap' | 'fault';
  what: string;
  detail: string;
}

const shownMost = 20;

/** Rows put aside, gaps and what the unit says of itself, newest first. Nothing wrong: nothing shown. */
export function UnitTroubles({ unitId }: { unitId: string }) {
  const { t } = useTranslation('units');
  const word = useCodeWord();
  const { data } = useQuery(unitTroublesQuery(unitId));
  if (!data) return null;
  const range = (from: number | null, to: number | null) => (from === null ? '' : `${from} – ${to ?? from}`);
  const troubles: Trouble[] = [
    ...data.aside.map(
      (row): Trouble => ({
        key: `aside${row.lane}${row.epoch}${row.seq}`,
        at: row.receivedAt,
        kind: 'aside',
        what: `${word('lane', row.lane)} ${row.seq}`,
        detail: row.detail || row.reason,
      }),
    ),
    ...data.gaps.map(
      (gap): Trouble => ({
        key: `gap${gap.lane}${gap.epoch}${gap.at}${gap.fromSeq}`,
        at: gap.at,
        kind: 'gap',
        what: `${word('lane', gap.lane)} ${range(gap.fromSeq, gap.toSeq)}`,
        detail: word('reason', gap.reason),
      }),
    ),
    ...data.faults.map(
      (fault): Trouble => ({
        key: fault.id,
        at: fault.at,
        kind: 'fault',
        what: fault.message,
        detail: fault.code,
      }),
    ),
  ].sort((a, b) => b.at.localeCompare(a.at));
  if (troubles.length === 0) return null;
  return (
    <Section title={t('section.troubles')}>
      <ul className="lines">
        {troubles.slice(0, shownMost).map((trouble) => (
          <li key={trouble.key} className="line">
            <StatusMark tone="warn" shape="triangle" word={t(`trouble.${trouble.kind}`)} />
            <span className="grow">
              {trouble.what} <span className="faint small">{trouble.detail}</span>
            </span>
            <span className="line-end">
              <RelativeTime time={trouble.at} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
