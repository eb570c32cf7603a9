import { useTranslation } from 'react-i18next';
import type { TicketField, TicketPage } from '../../../api/tickets.js';
import { useRights } from '../../../app/session.js';
import { useLabel } from '../../../i18n/use-language.js';
import { Section } from '../../../ui/Page.js';
import { layoutRows } from '../work/layout-rows.js';
import { FieldValue } from './FieldValue.js';
import { Reveal } from './Reveal.js';

interface FieldFactsProps {
  page: TicketPage;
  /** Shown as a form elsewhere. */
  without: readonly string[];
  bare?: boolean;
  /** Where the heading has no room for all of the title. */
  withTitle?: boolean;
}

/** What a ticket says, in its kind's own sections, but for what nobody has filled in and what its heading says already. */
export function FieldFacts({ page, without, bare, withTitle }: FieldFactsProps) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const isThere = (key: string) => {
    const value = page.fields[key];
    if (!withTitle && key === page.document.title && value === page.title) return false;
    return page.masked.includes(key) || !(value === undefined || value === null || value === '');
  };
  const keys = page.document.fields.map(({ key }) => key).filter((key) => isThere(key) && !without.includes(key));
  const sections = layoutRows(page.document, keys);
  if (sections.length === 0) return null;
  const lists = sections.map((section, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: sections keep their places, and labels may repeat
    <div key={i}>
      {bare || sections.length === 1 || !section.label ? null : <h3 className="panel-sub">{label(section.label)}</h3>}
      <FactList page={page} fields={section.rows.flat()} />
    </div>
  ));
  if (bare) return <>{lists}</>;
  const [only] = sections;
  return (
    <Section title={sections.length === 1 && only?.label ? label(only.label) : t('section.fields')}>
      <div className="card-pad stack">{lists}</div>
    </Section>
  );
}

function FactList({ page, fields }: { page: TicketPage; fields: readonly TicketField[] }) {
  const label = useLabel();
  const may = useRights();
  return (
    <dl className="ticket-facts">
      {fields.map((field) => (
        <div key={field.key} className={field.type === 'longText' ? 'is-long' : undefined}>
          <dt>{label(field.label)}</dt>
          <dd>
            <FieldValue field={field} value={page.fields[field.key]} page={page} />
            {page.masked.includes(field.key) && (page.myTask !== null || may('ticket.personal')) ? (
              <Reveal ticketId={page.id} field={field.key} label={label(field.label)} />
            ) : null}
          </dd>
        </div>
      ))}
    </dl>
  );
}
