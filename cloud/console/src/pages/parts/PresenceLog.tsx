import { useTranslation } from 'react-i18next';
import type { DevicePresence, PresenceStep } from '../../api/presence.js';
import { formatDuration } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { StateStrip } from '../../ui/chart/StateStrip.js';
import { type StateSpan, spansOf } from '../../ui/chart/state-spans.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { presenceLooks } from '../looks.js';
import { useCodeWord } from './words.js';
import './presence-log.css';

interface PresenceLogProps {
  steps: PresenceStep[] | undefined;
  error: unknown;
  onRetry: () => void;
  fromMs: number;
  toMs: number;
  zone?: string | undefined;
  look: (state: string) => Pick<StateSpan, 'tone' | 'word'>;
}

/** Presence as a band and as a list, newest first: state, reason, evidence, how long. */
export function PresenceLog({ steps, error, onRetry, fromMs, toMs, zone, look }: PresenceLogProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  const word = useCodeWord();
  if (!steps) return error ? <ErrorState error={error} onRetry={onRetry} /> : <SkeletonLines lines={5} />;
  if (steps.length === 0) return <Empty title={t('presenceLog.none')} hint={t('presenceLog.noneHint')} />;
  const sorted = steps.map((step) => ({ ...step, atMs: Date.parse(step.at) })).sort((a, b) => a.atMs - b.atMs);
  const spans = spansOf(sorted, { fromMs, toMs }, look);
  const newestFirst = sorted.map((step, index) => ({ ...step, untilMs: sorted[index + 1]?.atMs })).reverse();
  return (
    <div className="stack">
      <StateStrip label={t('presenceLog.label')} spans={spans} fromMs={fromMs} toMs={toMs} zone={zone} />
      <ol className="card lines presence-log">
        {newestFirst.map((step) => (
          <li key={`${step.at}${step.state}`} className="line">
            <StatusMark
              {...(presenceLooks[step.state as DevicePresence] ?? presenceLooks.unknown)}
              word={look(step.state).word}
            />
            <div className="grow">
              <div>
                {word('reason', step.reason)}
                {step.detail ? <span className="faint"> · {step.detail}</span> : null}
              </div>
              {step.evidence && step.evidence.length > 0 ? (
                <div className="faint small">
                  {step.evidence
                    .map(
                      (one) => `${word('check', one.check)}${one.ok ? '✓' : '✗'}${one.detail ? ` ${one.detail}` : ''}`,
                    )
                    .join(' · ')}
                </div>
              ) : null}
            </div>
            <span className="faint small presence-lasted">
              {t('presenceLog.lasted', {
                time: formatDuration((step.untilMs ?? Math.max(toMs, step.atMs)) - step.atMs, language),
              })}
            </span>
            <span className="line-end presence-at">
              <RelativeTime time={step.at} zone={zone} />
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
