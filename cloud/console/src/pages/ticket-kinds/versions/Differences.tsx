import type { Label } from '@hallhub/shared';
import { diffKinds, type KindChange, type TicketKind } from '@hallhub/shared/ticket';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDuration } from '../../../format/time.js';
import { useLabel, useLanguage } from '../../../i18n/use-language.js';
import { type Option, useOptions } from '../parts/use-options.js';
import { sayValue, type ValueWords } from './say-value.js';

const marks = { added: '+', removed: '−', changed: '~' } as const;

/** What is another in `b`, in sentences. */
export function Differences({ a, b }: { a: TicketKind; b: TicketKind }) {
  const { t } = useTranslation('ticketKinds');
  const changes = useMemo(() => diffKinds(a, b), [a, b]);
  if (changes.length === 0) return <p className="soft tk-same">{t('diff.same')}</p>;
  return (
    <ul className="tk-diff" aria-label={t('diff.title')}>
      {changes.map((change) => (
        <li key={`${change.path} ${change.property} ${change.change}`} className={`is-${change.change}`}>
          <span className="tk-diff-mark" aria-hidden="true">
            {marks[change.change]}
          </span>
          <Sentence change={change} a={a} b={b} />
        </li>
      ))}
    </ul>
  );
}

function Sentence({ change, a, b }: { change: KindChange; a: TicketKind; b: TicketKind }) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const name = label(change.name);
  const within = change.within ? `${label(change.within)} · ` : '';
  const what = change.part === 'kind' ? '' : t(`diff.part.${change.part}`);
  const subject =
    change.part === 'right' ? `${within}${t(`diff.right.${change.property as 'edit'}`)}` : `${within}${what}`;
  const property =
    change.property && change.part !== 'right'
      ? t(`property.${change.property}`, { defaultValue: change.property })
      : '';
  return (
    <div className="grow">
      <span className="soft">{subject}</span>{' '}
      {change.part === 'layout' || change.property === 'order' ? null : <span>{name}</span>}{' '}
      <span className="faint">{property || t(`diff.change.${change.change}`)}</span>
      {change.from !== undefined || change.to !== undefined ? (
        <Values from={without(change.from, change.to)} to={without(change.to, change.from)} a={a} b={b} />
      ) : null}
    </div>
  );
}

/** What it was above what it is now. Where both are called the same, the codes tell them apart. */
function Values({ from, to, a, b }: { from: unknown; to: unknown; a: TicketKind; b: TicketKind }) {
  const words = useValueWords();
  const was = sayValue(from, a, words);
  const isAlike = was !== undefined && was === sayValue(to, b, words);
  return (
    <span className="tk-diff-values">
      <span className="tk-diff-was">
        {isAlike ? <code>{JSON.stringify(from)}</code> : <Value value={from} of={a} />}
      </span>
      <span>→ {isAlike ? <code>{JSON.stringify(to)}</code> : <Value value={to} of={b} />}</span>
    </span>
  );
}

const areLabels = (value: unknown): value is Label[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one?.zh === 'string');

/** Of a list of texts, those that the other one has not. */
const without = (value: unknown, other: unknown): unknown => {
  if (!areLabels(value) || !areLabels(other)) return value;
  const there = new Set(other.map(({ zh, en }) => JSON.stringify([zh, en])));
  return value.filter(({ zh, en }) => !there.has(JSON.stringify([zh, en])));
};

function Value({ value, of }: { value: unknown; of: TicketKind }) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const words = useValueWords();
  if (value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0))
    return <span className="faint">{t('diff.nothing')}</span>;
  if (typeof value === 'boolean') return t(value ? 'diff.yes' : 'diff.no');
  if (typeof value === 'number') return <code>{value}</code>;
  if (areLabels(value)) return <span>{value.map((one) => label(one)).join(' / ')}</span>;
  const said = sayValue(value, of, words);
  if (said !== undefined) return said;
  return <code>{JSON.stringify(value)}</code>;
}

function useValueWords(): ValueWords {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const language = useLanguage();
  const { offices, calendars } = useOptions();
  const nameIn = (all: readonly Option[], code: string) => all.find(({ value }) => value === code)?.label ?? code;
  return {
    label,
    word: (group, code) => t(`${group}.${code as 'office'}`, { defaultValue: code }),
    span: (minutes) => formatDuration(minutes * 60_000, language),
    office: (code) => nameIn(offices, code),
    calendar: (code) => nameIn(calendars, code),
    list: (all) => all.join('\n'),
    when: (condition) => t('diff.when', { condition }),
  };
}
