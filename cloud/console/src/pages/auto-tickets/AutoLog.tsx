import { useQuery } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import {
  type IntakeLogLine,
  intakeLogQuery,
  type Outcome,
  type RepairLogLine,
  repairLogQuery,
  type TicketLink,
} from '../../api/auto-tickets.js';
import { AppLink } from '../../app/AppLink.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Section } from '../../ui/Page.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { type StatusLook, StatusMark } from '../../ui/StatusMark.js';
import { Empty, ErrorState } from '../../ui/states.js';

interface Line {
  key: string;
  at: string;
  outcome: Outcome | 'reopened';
  what: string;
  why: string | null;
  where: string;
  device: { id: string; name: string } | null;
  rule: string;
  ticket: TicketLink | null;
}

const looks: Record<Line['outcome'], StatusLook> = {
  opened: { tone: 'accent', shape: 'dot' },
  reopened: { tone: 'note', shape: 'half' },
  joined: { tone: 'quiet', shape: 'ring' },
  counted: { tone: 'quiet', shape: 'dashed' },
  held: { tone: 'warn', shape: 'triangle' },
  failed: { tone: 'bad', shape: 'cross' },
};
const shown = 60;

/** What every rule did lately, newest first; held back and failed ones can be looked at alone. */
export function AutoLog({ onlyHeld, onShow }: { onlyHeld: boolean; onShow: (held: boolean) => void }) {
  const { t } = useTranslation('autoTickets');
  const toLine = useLines();
  const repairs = useQuery(repairLogQuery);
  const sources = useQuery(intakeLogQuery);
  const error = repairs.error ?? sources.error;
  const lines =
    repairs.data && sources.data
      ? [...repairs.data.items.map(toLine.repair), ...sources.data.map(toLine.source)]
          .filter(({ outcome }) => !onlyHeld || outcome === 'held' || outcome === 'failed')
          .sort((a, b) => b.at.localeCompare(a.at))
          .slice(0, shown)
      : undefined;
  return (
    <Section
      title={t('log.title')}
      aside={
        <Segmented
          size="small"
          value={onlyHeld ? 'held' : 'all'}
          options={[
            { value: 'all', label: t('log.all') },
            { value: 'held', label: t('log.notOpened') },
          ]}
          onChange={(next) => onShow(next === 'held')}
        />
      }
    >
      {error ? (
        <ErrorState error={error} onRetry={() => void Promise.all([repairs.refetch(), sources.refetch()])} compact />
      ) : lines === undefined ? (
        <div className="card-pad">
          <SkeletonLines lines={6} />
        </div>
      ) : lines.length === 0 ? (
        <Empty icon="ticket" title={t(onlyHeld ? 'log.noneHeld' : 'log.none')} />
      ) : (
        <ul className="auto-log" aria-label={t('log.title')}>
          {lines.map((line) => (
            <li key={line.key}>
              <span className="auto-log-mark">
                <StatusMark {...looks[line.outcome]} word={t(`outcome.${line.outcome}`)} />
              </span>
              <span className="auto-log-what">
                <span className="clip" title={line.what}>
                  {line.what}
                </span>
                {line.why ? <span className="faint small">{line.why}</span> : null}
              </span>
              <span className="auto-log-where soft small clip">
                {line.where}
                {line.device ? (
                  <>
                    {' · '}
                    <AppLink to={paths.device(line.device.id)}>{line.device.name}</AppLink>
                  </>
                ) : null}
              </span>
              <span className="auto-log-rule faint small clip" title={line.rule}>
                {line.rule}
              </span>
              <span className="auto-log-ticket">
                {line.ticket ? <AppLink to={paths.ticket(line.ticket.id)}>{line.ticket.number}</AppLink> : null}
              </span>
              <span className="auto-log-time faint small">
                <RelativeTime time={line.at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

const useLines = () => {
  const { t } = useTranslation('autoTickets');
  const label = useLabel();
  const whyOf = ({ outcome, reason }: IntakeLogLine): string | null => {
    if (reason === null) return null;
    if (outcome === 'counted') return t('log.counted', { reason });
    if (outcome === 'held') return t('log.held', { reason });
    return reason === 'kind_missing' ? t('log.kindMissing') : reason === 'broken' ? t('log.broken') : reason;
  };
  return {
    repair: (line: RepairLogLine): Line => ({
      ...{ key: line.alarmId, at: line.at, outcome: line.what, what: label(line.message), where: line.hallName },
      ...{ why: line.what === 'held' ? t('log.heldAlarm') : null, device: line.device, rule: t('log.alarmRule') },
      ticket: line.ticket,
    }),
    source: (line: IntakeLogLine): Line => ({
      ...{ key: `${line.ruleId} ${line.notedAt} ${line.text} ${line.at}`, at: line.notedAt, outcome: line.outcome },
      ...{ what: line.text, why: whyOf(line), where: line.hallName, device: line.device, ticket: line.ticket },
      rule: line.ruleName ?? t('log.ruleGone'),
    }),
  };
};
