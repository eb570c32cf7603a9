import { useTranslation } from 'react-i18next';
import type { Phase, TicketRow } from '../../api/tickets.js';
import { formatDuration, formatExact } from '../../format/time.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { type StatusLook, StatusMark } from '../../ui/StatusMark.js';
import { useNow } from '../../ui/use-now.js';
import { dueState, lightNow, shownMs } from './due-state.js';

type Light = 'green' | 'yellow' | 'red';

const lightLooks: Record<Light, StatusLook> = {
  green: { tone: 'quiet', shape: 'dot' },
  yellow: { tone: 'warn', shape: 'triangle' },
  red: { tone: 'bad', shape: 'diamond' },
};
const offLook: StatusLook = { tone: 'quiet', shape: 'cross' };
export const phaseLooks: Record<Phase, StatusLook> = {
  new: { tone: 'accent', shape: 'ring' },
  open: { tone: 'accent', shape: 'half' },
  suspended: { tone: 'quiet', shape: 'dashed' },
  solved: { tone: 'quiet', shape: 'dot' },
  closed: { tone: 'quiet', shape: 'check' },
  cancelled: { tone: 'quiet', shape: 'cross' },
};

/** The state in its kind's own word, with the shape of its phase. */
export function StateMark({ state }: { state: TicketRow['state'] }) {
  const label = useLabel();
  return <StatusMark {...phaseLooks[state.phase]} word={label(state.label)} />;
}

export function LightMark({ light, bare }: { light: Light; bare?: boolean }) {
  const { t } = useTranslation('tickets');
  return <StatusMark {...lightLooks[light]} word={t(`light.${light}`)} {...(bare ? { bare } : {})} />;
}

interface DueMarkProps {
  light: Light | null;
  dueAt: string | null;
  /** What is over has no time left. */
  isOver?: boolean;
  /** How it ended although what was promised had not come. */
  off?: keyof typeof offWords | null;
  /** The largest unit alone, where there is little room. */
  short?: boolean | undefined;
}

const offWords = {
  returned: 'kept.returned',
  intervened: 'kept.intervened',
  cancelled: 'kept.cancelled',
  merged: 'kept.merged',
} as const;

/** How a promise ended: kept, late, or thrown away with its round. */
export function useKeptWord() {
  const { t } = useTranslation('tickets');
  return (light: Light, off: DueMarkProps['off']): string => {
    const isLate = light === 'red';
    if (!off) return t(isLate ? 'kept.late' : 'kept.good');
    return isLate ? t('kept.offLate', { how: t(offWords[off]) }) : t(offWords[off]);
  };
}

/** The light and what is left of the time, ticking; it turns red by itself. */
export function DueMark({ light, dueAt, isOver, off, short }: DueMarkProps) {
  const { t } = useTranslation('tickets');
  const keptWord = useKeptWord();
  const language = useLanguage();
  const now = useNow(dueAt && !isOver ? dueState(dueAt, Date.now()).tickMs : 600_000);
  const shown = isOver ? light : lightNow(light, dueAt, now);
  if (shown === null) return <span className="faint">{t('due.none')}</span>;
  if (dueAt === null || isOver) {
    const look = isOver && off && shown !== 'red' ? offLook : lightLooks[shown];
    return <StatusMark {...look} word={isOver ? keptWord(shown, off) : t('due.still')} />;
  }
  const { late, ms } = dueState(dueAt, now);
  const time = formatDuration(shownMs(ms), language, short ? 1 : 2);
  return (
    <StatusMark
      {...lightLooks[shown]}
      word={t(late ? 'due.late' : 'due.left', { time })}
      title={t('due.at', { time: formatExact(dueAt) })}
    />
  );
}

type Timed = Pick<TicketRow, 'light' | 'dueAt' | 'status' | 'outcome'>;

/** Of what was cancelled or merged there is nothing to say of its time, unless it was late. */
export const ownLight = ({ light, outcome }: Timed): Light | null =>
  light === 'red' || outcome === null || outcome === 'closed' ? light : null;

/** A ticket's own time. */
export function RowDue({ row, short }: { row: Timed; short?: boolean }) {
  const off = row.outcome === 'closed' ? null : row.outcome;
  if (off && ownLight(row) === null) return null;
  return <DueMark light={ownLight(row)} dueAt={row.dueAt} isOver={row.status === 'ended'} off={off} short={short} />;
}

/** What happened to it besides its way: reminded, returned, reopened, supervised. Nothing where nothing did. */
export function TroubleMarks({ row }: { row: Pick<TicketRow, 'reminded' | 'returned' | 'reopened' | 'supervised'> }) {
  const { t } = useTranslation('tickets');
  const troubles = [
    row.supervised && t('trouble.supervised'),
    row.reopened > 0 && t('trouble.reopened', { count: row.reopened }),
    row.returned > 0 && t('trouble.returned', { count: row.returned }),
    row.reminded > 0 && t('trouble.reminded', { count: row.reminded }),
  ].filter((one): one is string => Boolean(one));
  if (troubles.length === 0) return null;
  return (
    <span className="trouble-marks" title={troubles.join(' · ')}>
      {troubles.map((one) => (
        <span key={one} className="trouble-mark">
          {one}
        </span>
      ))}
    </span>
  );
}
