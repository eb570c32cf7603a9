import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import type { ClockStory, HistoryLine, TicketPage } from '../../../api/tickets.js';
import { useMe } from '../../../app/session.js';
import { formatDuration, formatStamp } from '../../../format/time.js';
import { useLabel, useLanguage } from '../../../i18n/use-language.js';
import { useKeptWord } from '../marks.js';
import { useSourceName } from '../use-source-name.js';
import { clockStrip } from '../view/clock-strip.js';
import { FieldValue } from '../view/FieldValue.js';
import { groupLines } from '../view/group-lines.js';
import { ActSentences, ActWords } from '../view/Timeline.js';
import { layoutRows } from '../work/layout-rows.js';
import { markTimes, tookMs } from './mark-times.js';

interface PrintSheetProps {
  page: TicketPage;
  lines: readonly HistoryLine[];
  clocks: readonly ClockStory[];
}

/** The sheet itself: dark on light whatever the theme, in the sections that the kind asks for. */
export function PrintSheet({ page, lines, clocks }: PrintSheetProps) {
  const { t } = useTranslation(['tickets', 'ticketDesk']);
  const label = useLabel();
  const language = useLanguage();
  const source = useSourceName();
  const { tenant } = useMe();
  const print = page.document.print;
  const sections = print?.sections ?? (['fields', 'history'] as const);
  const head: [string, string][] = [
    [t('columns.number'), page.number],
    [t('columns.state'), label(page.state.label)],
    [t('columns.made'), formatStamp(page.madeAt).slice(0, 16)],
    [t('columns.source'), source(page.source)],
    ...(page.level ? [[t('columns.level'), label(page.level.label)] as [string, string]] : []),
    ...(page.hall ? [[t('make.hall'), page.hall.name] as [string, string]] : []),
    ...(page.device ? [[t('print.device'), page.device.name] as [string, string]] : []),
    ...(page.dueAt && page.status !== 'ended'
      ? [[t('columns.due'), formatStamp(page.dueAt).slice(0, 16)] as [string, string]]
      : []),
    ...markTimes(page).map(({ word, at }): [string, string] => [
      t(`ticketDesk:sheet.${word}`),
      formatStamp(at).slice(0, 16),
    ]),
    ...(page.marks.solved
      ? [
          [t('ticketDesk:sheet.took'), formatDuration(Math.max(60_000, tookMs(page, page.marks.solved)), language)] as [
            string,
            string,
          ],
        ]
      : []),
    ...(page.endedAt ? [[t('print.ended'), formatStamp(page.endedAt).slice(0, 16)] as [string, string]] : []),
  ];
  const parts = {
    fields: <Fields page={page} isSignedBelow={sections.includes('signatures')} />,
    history: <History lines={lines} />,
    clocks: <Clocks clocks={clocks} />,
    signatures: <Signatures page={page} />,
  };
  return (
    <article className="ticket-sheet" data-theme="light" aria-label={label(print?.title ?? page.kind.label)}>
      <header className="sheet-head">
        <p>{label(tenant.name)}</p>
        <h2>{label(print?.title ?? page.kind.label)}</h2>
      </header>
      <dl className="sheet-facts">
        {head.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {sections.map((section) => (
        <Fragment key={section}>{parts[section]}</Fragment>
      ))}
      <footer className="sheet-foot">
        {t('print.foot', { number: page.number, seq: page.seq, time: formatStamp(Date.now()).slice(0, 16) })}
      </footer>
    </article>
  );
}

function Fields({ page, isSignedBelow }: { page: TicketPage; isSignedBelow: boolean }) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const keys = page.document.fields.filter(({ type }) => type !== 'signature' || !isSignedBelow).map(({ key }) => key);
  return (
    <>
      {layoutRows(page.document, keys).map((section, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: sections keep their places, and labels may repeat
        <section key={i}>
          <h3>{section.label ? label(section.label) : t('section.fields')}</h3>
          <table className="sheet-table">
            <tbody>
              {section.rows.flat().map((field) => (
                <tr key={field.key}>
                  <th scope="row">{label(field.label)}</th>
                  <td>
                    <FieldValue field={field} value={page.fields[field.key]} page={page} plain />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ))}
    </>
  );
}

function History({ lines }: { lines: readonly HistoryLine[] }) {
  const { t } = useTranslation('tickets');
  return (
    <section>
      <h3>{t('section.history')}</h3>
      <table className="sheet-table">
        <tbody>
          {groupLines(lines)
            .reverse()
            .map((group) => (
              <tr key={group.key}>
                <th scope="row">{formatStamp(group.at).slice(0, 16)}</th>
                <td>
                  <ActSentences group={group} />
                  <ActWords group={group} className="sheet-opinion" />
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}

function Clocks({ clocks }: { clocks: readonly ClockStory[] }) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const language = useLanguage();
  const keptWord = useKeptWord();
  const time = (ms: number) => formatDuration(Math.max(1_000, ms), language);
  if (clocks.length === 0) return null;
  return (
    <section>
      <h3>{t('section.clocks')}</h3>
      <table className="sheet-table sheet-clocks">
        <thead>
          <tr>
            {(['clock', 'promised', 'used', 'stood', 'due', 'kept'] as const).map((column) => (
              <th key={column} scope="col">
                {t(`print.clock.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {clocks.map((story) => {
            const { totals } = clockStrip(story, Date.now());
            const stood = totals.night + totals.holiday + totals.paused;
            return (
              <tr key={`${story.clock}${story.run}`}>
                <th scope="row">{label(story.label)}</th>
                <td>{time(story.promisedMs)}</td>
                <td>{time(story.usedMs)}</td>
                <td>{stood >= 60_000 ? time(stood) : '—'}</td>
                <td>{story.dueAt ? formatStamp(story.dueAt).slice(5, 16) : '—'}</td>
                <td>{story.endedAt === null ? t(`light.${story.light}`) : keptWord(story.light, story.brokenOff)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** Boxes for ink: who handled it, who leads them, who asked for it; what was signed on a screen stands in them already. */
function Signatures({ page }: { page: TicketPage }) {
  const { t } = useTranslation(['tickets', 'ticketDesk']);
  const label = useLabel();
  const solving = new Set(
    page.document.steps
      .filter(({ actions }) => actions.some(({ marks }) => marks.includes('solved')))
      .map(({ id }) => id),
  );
  const handlers = [
    ...new Set(
      page.tasks.flatMap(({ state, step, heldBy }) =>
        state === 'done' && solving.has(step.id) && heldBy ? [heldBy.name] : [],
      ),
    ),
  ];
  const signed = page.document.fields.filter(
    ({ key, type }) => type === 'signature' && page.fields[key] !== undefined && page.fields[key] !== null,
  );
  const boxes = (['handler', 'leader', 'requester'] as const).filter(
    (who) => who !== 'requester' || signed.length === 0,
  );
  return (
    <section className="sheet-signatures">
      {boxes.map((who) => (
        <div key={who}>
          <span>{who === 'requester' && page.device ? t('ticketDesk:sheet.customer') : t(`print.sign.${who}`)}</span>
          <span className="faint">{who === 'handler' ? handlers.slice(0, 3).join(t('and')) : ''}</span>
          <span className="sheet-date">{t('print.date')}</span>
        </div>
      ))}
      {signed.map((field) => (
        <div key={field.key}>
          <span>{label(field.label)}</span>
          <FieldValue field={field} value={page.fields[field.key]} page={page} plain />
        </div>
      ))}
    </section>
  );
}
