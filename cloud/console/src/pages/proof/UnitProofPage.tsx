import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type UnitDayProof, unitProofQuery } from '../../api/proof.js';
import { AppLink } from '../../app/AppLink.js';
import { PageLoading } from '../../app/PageStates.js';
import { anyText, useSearchState } from '../../app/search-state.js';
import { formatNumber } from '../../format/number.js';
import { formatDuration, formatStamp } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Page, Section } from '../../ui/Page.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { ErrorState } from '../../ui/states.js';
import { Facts } from '../parts/Facts.js';
import { useCodeWord } from '../parts/words.js';
import { HourStrips } from './HourStrips.js';
import { ProofSum } from './ProofSum.js';
import { verdictLooks } from './proof-looks.js';
import { RecountCard } from './RecountCard.js';
import '../units/units.css';
import './proof.css';

const searchSchema = z.object({ day: anyText });

/** One unit's day: the verdict first, then every hour it stands on. */
export default function UnitProofPage() {
  const { t } = useTranslation('proof');
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const [search, setSearch] = useSearchState(searchSchema);
  const query = useQuery(unitProofQuery(id, search.day));
  const proof = query.data;
  if (!proof) {
    return query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <PageLoading />;
  }
  return (
    <Page
      title={t('ofUnit', { name: proof.unitName })}
      trail={
        <>
          <AppLink to={paths.proof()}>{t('title')}</AppLink>
          <span>/</span>
          <AppLink to={paths.unit(proof.unitId)}>{proof.unitName}</AppLink>
        </>
      }
      mark={<StatusMark {...verdictLooks[proof.verdict]} word={t(`verdict.${proof.verdict}`)} />}
      lead={t('lead')}
      actions={
        <>
          <Button onClick={() => window.print()}>{t('print')}</Button>
          <Button onClick={() => download(proof)}>{t('export')}</Button>
        </>
      }
    >
      <Days proof={proof} onDay={(day) => setSearch({ day }, { push: true })} />
      <Section title={`${proof.day} · ${proof.timeZone}`}>
        <div className="card-pad stack">
          <ProofSum figures={proof.figures} />
          <p className="soft">{t(`say.${proof.verdict}`)}</p>
          {proof.hours.length > 0 ? <HourStrips proof={proof} /> : null}
          <Differences proof={proof} />
          <DayFacts proof={proof} />
        </div>
      </Section>
      {proof.notes.length > 0 ? <Notes proof={proof} /> : null}
      <Section title={t('recount.title')}>
        <RecountCard proof={proof} />
      </Section>
      <Section title={t('limits.title')}>
        <ul className="card-pad proof-limits">
          {(['chain', 'recount', 'not'] as const).map((key) => (
            <li key={key}>{t(`limits.${key}`)}</li>
          ))}
        </ul>
      </Section>
    </Page>
  );
}

/** Two weeks up to the day shown; each is a way there. */
function Days({ proof, onDay }: { proof: UnitDayProof; onDay: (day: string) => void }) {
  const { t } = useTranslation('proof');
  return (
    <div className="proof-days">
      <fieldset aria-label={t('days')}>
        {proof.days.map(({ day, verdict }) => (
          <button
            key={day}
            type="button"
            className={`proof-day proof-day-${verdict}${day === proof.day ? ' is-active' : ''}`}
            title={`${day} · ${t(`verdict.${verdict}`)}`}
            aria-pressed={day === proof.day}
            onClick={() => onDay(day)}
          >
            <span>{day.slice(5)}</span>
            <StatusMark {...verdictLooks[verdict]} word={t(`verdict.${verdict}`)} bare />
          </button>
        ))}
      </fieldset>
      <input
        type="date"
        value={proof.day}
        aria-label={t('day')}
        onChange={(e) => e.target.value && onDay(e.target.value)}
      />
    </div>
  );
}

/** Where the ends differ, and how: counts, or the same number of rows with another content. */
function Differences({ proof }: { proof: UnitDayProof }) {
  const { t } = useTranslation('proof');
  const word = useCodeWord();
  const found = proof.hours.filter(({ state }) => state === 'different');
  if (found.length === 0) return null;
  return (
    <ul className="proof-limits">
      {found.map(({ lane, epoch, hour, unit, cloud }) => (
        <li key={`${lane}${epoch}${hour}`}>
          <span className="proof-bad">{formatStamp(hour, proof.timeZone).slice(11, 16)}</span> {word('lane', lane)} ·{' '}
          {t(unit?.count === cloud?.count ? 'differs.content' : 'differs.count', {
            unit: unit?.count ?? 0,
            cloud: cloud?.count ?? 0,
          })}
        </li>
      ))}
    </ul>
  );
}

function DayFacts({ proof }: { proof: UnitDayProof }) {
  const { t } = useTranslation('proof');
  const language = useLanguage();
  const { figures } = proof;
  const rows = (count: number) => t('rows', { count, shown: formatNumber(count, language, 0) });
  return (
    <Facts
      facts={[
        figures.delayMaxMs !== null && {
          label: t('fact.delay'),
          value: formatDuration(figures.delayMaxMs, language),
        },
        figures.unsealed > 0 && { label: t('fact.unsealed'), value: rows(figures.unsealed) },
        figures.waiting > 0 && { label: t('fact.waiting'), value: rows(figures.waiting) },
        figures.repeated > 0 && { label: t('fact.repeated'), value: rows(figures.repeated) },
        figures.quarantined > 0 && {
          label: t('fact.quarantined'),
          value: formatNumber(figures.quarantined, language, 0),
        },
        { label: t('fact.digest'), value: <code className="proof-digest">{proof.hoursSha256}</code> },
      ]}
    />
  );
}

function Notes({ proof }: { proof: UnitDayProof }) {
  const { t } = useTranslation('proof');
  const word = useCodeWord();
  return (
    <Section title={t('notes')}>
      <ul className="card-pad proof-limits">
        {proof.notes.map((note) => (
          <li key={`${note.kind}${note.lane}${note.at}`}>
            <span className="faint">{formatStamp(note.at, proof.timeZone).slice(0, 16)}</span> {word('lane', note.lane)}{' '}
            · {t(`note.${note.kind}`, { count: note.rows ?? 0 })}
          </li>
        ))}
      </ul>
    </Section>
  );
}

const download = (proof: UnitDayProof): void => {
  const url = URL.createObjectURL(new Blob([JSON.stringify(proof, null, 2)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `proof-${proof.unitName}-${proof.day}.json`;
  link.click();
  URL.revokeObjectURL(url);
};
