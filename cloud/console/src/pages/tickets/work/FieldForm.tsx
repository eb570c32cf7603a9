import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { TicketFile, TicketKind } from '../../../api/tickets.js';
import { useLabel } from '../../../i18n/use-language.js';
import { FieldControl } from './FieldControl.js';
import { layoutRows } from './layout-rows.js';
import { useProblemWord } from './use-problem-word.js';
import './work.css';

export interface FieldFormProps {
  document: Pick<TicketKind, 'fields' | 'layout'>;
  /** Of these fields. */
  keys: readonly string[];
  required: readonly string[];
  value: (key: string) => unknown;
  onChange: (key: string, value: unknown) => void;
  /** Code of each field's problem. */
  problems: Readonly<Record<string, string>>;
  /** Fields whose value is there, but not for this person to read. */
  masked?: readonly string[];
  /** Undefined while the ticket is being made. */
  ticketId?: string | undefined;
  files?: readonly TicketFile[] | undefined;
  disabled?: boolean;
}

/** Fields of a kind as a form, in the kind's own order and rows; what is wrong is told at the field. */
export function FieldForm(props: FieldFormProps) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const word = useProblemWord();
  const formId = useId();
  const sections = layoutRows(props.document, props.keys);
  return (
    <div className="field-form">
      {sections.map((section, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: sections keep their places, and labels may repeat
        <div key={i} className="field-section">
          {section.label && sections.length > 1 ? <p className="field-section-title">{label(section.label)}</p> : null}
          {section.rows.map((row) => (
            <div key={row.map(({ key }) => key).join()} className="field-row">
              {row.map((field) => {
                const id = `${formId}${field.key}`;
                const problem = props.problems[field.key];
                const isRequired = props.required.includes(field.key);
                const said = problem ? `${id}-problem` : field.hint ? `${id}-hint` : undefined;
                return (
                  <div key={field.key} className={problem ? 'field has-problem' : 'field'} data-field={field.key}>
                    <label htmlFor={id} id={`${id}-label`}>
                      {label(field.label)}
                      {isRequired ? (
                        <span className="field-required" title={t('field.required')}>
                          <span aria-hidden="true">*</span>
                          <span className="sr-only">{t('field.required')}</span>
                        </span>
                      ) : null}
                    </label>
                    <FieldControl
                      field={field}
                      id={id}
                      value={props.value(field.key)}
                      isMasked={props.masked?.includes(field.key) ?? false}
                      isInvalid={Boolean(problem)}
                      describedBy={said}
                      disabled={props.disabled ?? false}
                      ticketId={props.ticketId}
                      files={props.files ?? []}
                      onChange={(value) => props.onChange(field.key, value)}
                    />
                    {problem ? (
                      <p id={`${id}-problem`} role="alert" className="field-problem">
                        {word(problem)}
                      </p>
                    ) : field.hint ? (
                      <p id={`${id}-hint`} className="field-hint">
                        {label(field.hint)}
                      </p>
                    ) : null}
                  </div>
                );
              })}
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
