import type { Property } from '@hallhub/shared/thing';
import { useTranslation } from 'react-i18next';
import type { History } from '../../api/devices.js';
import { formatClock, formatDuration } from '../../format/time.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { useValueText } from '../../thing/use-value-text.js';
import { StateStrip } from '../../ui/chart/StateStrip.js';
import { type StateSpan, spansOf } from '../../ui/chart/state-spans.js';

interface PastProps {
  property: Property;
  history: History;
  fromMs: number;
  toMs: number;
  zone: string | undefined;
}

const mostChanges = 50;
const tones = ['accent', 'quiet', 'soft'] as const;

/** Words over time: a band, how long each held in all, and the changes, newest first. */
export function WordHistory({ property, history, fromMs, toMs, zone }: PastProps) {
  const { t } = useTranslation('devices');
  const label = useLabel();
  const language = useLanguage();
  const valueText = useValueText();
  const order = orderOf(property);
  const gaps = history.gaps.map((gap) => ({ atMs: Date.parse(gap.from), state: undefined as unknown }));
  const steps = [...(history.before ? [history.before] : []), ...history.points].map((point) => ({
    atMs: Date.parse(point.at),
    state: point.value as unknown,
  }));
  const spans = spansOf([...steps, ...gaps], { fromMs, toMs }, (value) => {
    if (value === undefined || value === null) return { tone: 'none', word: t('history.gap') };
    const said = valueText(property, value);
    const index = Math.max(0, order.indexOf(value));
    return { tone: said?.trouble ? 'warn' : (tones[index % tones.length] ?? 'quiet'), word: said?.text ?? '' };
  });
  const known = spans.filter(({ tone, word }) => tone !== 'none' && word);
  return (
    <div className="word-history">
      <StateStrip label={t('history.of', { name: label(property.label) })} {...{ spans, fromMs, toMs, zone }} />
      <dl className="history-summary">
        {totalsOf(known).map(({ word, tone, ms }) => (
          <div key={word}>
            <dt>
              <span className={`state-key tone-${tone}`} aria-hidden="true" />
              {word}
            </dt>
            <dd>{formatDuration(ms, language)}</dd>
          </div>
        ))}
      </dl>
      <ol className="changes" aria-label={t('history.changes')}>
        {known
          .slice(-mostChanges)
          .reverse()
          .map((span) => (
            <li key={span.fromMs}>
              <span className="faint small changes-at">{formatClock(span.fromMs, toMs, zone)}</span>
              <span className="grow">{span.word}</span>
              <span className="faint small">{formatDuration(span.toMs - span.fromMs, language)}</span>
            </li>
          ))}
      </ol>
      {known.length > mostChanges ? (
        <p className="faint small">{t('history.changesMore', { count: mostChanges })}</p>
      ) : null}
    </div>
  );
}

/** The same word has the same tone whenever one looks: by its place in the model. */
const orderOf = (property: Property): unknown[] =>
  property.type === 'boolean' ? [true, false] : (property.values ?? []).map(({ id }) => id);

function totalsOf(spans: readonly StateSpan[]): { word: string; tone: string; ms: number }[] {
  const totals = new Map<string, { word: string; tone: string; ms: number }>();
  for (const { word, tone, fromMs, toMs } of spans) {
    const known = totals.get(word);
    if (known) known.ms += toMs - fromMs;
    else totals.set(word, { word, tone, ms: toMs - fromMs });
  }
  return [...totals.values()].sort((a, b) => b.ms - a.ms);
}
