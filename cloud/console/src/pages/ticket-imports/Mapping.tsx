import { useMutation } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { mapImport, type TicketImportPage } from '../../api/ticket-imports.js';
import { useLabel } from '../../i18n/use-language.js';
import { Section } from '../../ui/Page.js';
import { useProblemText } from '../../ui/problem-text.js';
import { HallSelect } from '../parts/HallSelect.js';

/** What each column means, beside what stands in it; changed, all rows are checked anew. */
export function Mapping({ one, onSaved }: { one: TicketImportPage; onSaved: () => void }) {
  const { t } = useTranslation('ticketImports');
  const label = useLabel();
  const [mapping, setMapping] = useState(one.mapping);
  const [hallId, setHallId] = useState(one.hall?.id);
  const save = useMutation({
    mutationFn: () => mapImport(one, { mapping, hallId: hallId ?? null }),
    onSettled: onSaved,
  });
  const problem = useProblemText(save.error);
  const isChanged = JSON.stringify(mapping) !== JSON.stringify(one.mapping) || hallId !== one.hall?.id;
  const missing = one.targets.filter(({ key, required }) => required && !mapping.includes(key));
  const optionsFor = (column: number) => [
    { value: '', label: t('notTaken') },
    ...one.targets.map(({ key, label: name, required }) => ({
      value: key,
      label: `${label(name)}${required ? ' *' : ''}`,
      disabled: mapping.some((used, i) => used === key && i !== column),
    })),
  ];
  const set = (column: number, key: string) =>
    setMapping(mapping.map((used, i) => (i === column ? key || null : used)));
  return (
    <Section
      title={t('mapping.title')}
      aside={
        <Button
          type={isChanged ? 'primary' : 'default'}
          disabled={!isChanged}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t('mapping.check')}
        </Button>
      }
    >
      <div className="import-mapping-head">
        <p className="soft small">{t('mapping.hint')}</p>
        {missing.length > 0 ? (
          <p className="import-problem" role="alert">
            {t('mapping.missing', { fields: missing.map(({ label: name }) => label(name)).join('、') })}
          </p>
        ) : null}
        {save.error ? (
          <p className="import-problem" role="alert">
            {problem.what} {problem.next}
          </p>
        ) : null}
      </div>
      <ul className="import-columns">
        {one.columns.map((title, column) => (
          <li
            key={`${title}-${one.columns.slice(0, column).filter((each) => each === title).length}`}
            className={mapping[column] ? 'import-column' : 'import-column is-off'}
          >
            <div className="import-column-title">{title || t('untitled', { n: column + 1 })}</div>
            <Select
              className="import-column-target"
              aria-label={t('mapping.of', { title: title || column + 1 })}
              value={mapping[column] ?? ''}
              showSearch
              optionFilterProp="label"
              options={optionsFor(column)}
              onChange={(key) => set(column, key)}
            />
            <ol className="import-samples">
              {one.preview.slice(0, 3).map(({ line, cells, faults }) => {
                const fault = faults.find((each) => each.column === column);
                return (
                  <li
                    key={line}
                    className={fault ? 'import-sample is-bad' : 'import-sample'}
                    title={fault ? label(fault.text) : cells[column]}
                  >
                    {cells[column] || <span className="faint">{t('blank')}</span>}
                  </li>
                );
              })}
            </ol>
          </li>
        ))}
      </ul>
      <div className="import-mapping-foot">
        <span className="soft">{t('hall')}</span>
        <HallSelect
          {...(hallId ? { value: hallId } : {})}
          onChange={(value) => setHallId(value || undefined)}
          clearable
        />
        <span className="faint small">{t('hallHint')}</span>
      </div>
    </Section>
  );
}
