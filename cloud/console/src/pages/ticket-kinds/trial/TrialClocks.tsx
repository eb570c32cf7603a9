import type { ExplainedRun, TicketKind } from '@hallhub/shared/ticket';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../../i18n/use-language.js';
import { useKeptWord } from '../../tickets/marks.js';
import { useSpan } from './use-span.js';

/** Each promise as it stands in the trial. */
export function TrialClocks({ kind, runs, at }: { kind: TicketKind; runs: readonly ExplainedRun[]; at: number }) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const span = useSpan();
  const keptWord = useKeptWord();
  if (runs.length === 0) return <p className="faint small">{t('trial.noClock')}</p>;
  const stand = (run: ExplainedRun) => {
    if (run.endedAt !== undefined) return keptWord(run.light, run.brokenOff);
    if (run.isPaused) return t('trial.paused');
    return run.dueAt === undefined
      ? ''
      : run.dueAt <= at
        ? t('trial.overdue')
        : t('trial.left', { span: span(run.promisedMs - run.usedMs) });
  };
  return (
    <ul className="tk-clocks">
      {runs.map((run) => (
        <li key={`${run.clock} ${run.beganAt}`}>
          <span className={`tk-light tk-light-${run.light}`} aria-hidden="true" />
          <span className="grow">{label(kind.clocks.find(({ id }) => id === run.clock)?.label)}</span>
          <span className="soft small">{t('trial.used', { used: span(run.usedMs), of: span(run.promisedMs) })}</span>
          <span className={run.light === 'red' ? 'problem-inline small' : 'faint small'}>{stand(run)}</span>
        </li>
      ))}
    </ul>
  );
}
