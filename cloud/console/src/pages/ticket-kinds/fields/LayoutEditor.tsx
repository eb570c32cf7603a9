import { Button, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../../i18n/use-language.js';
import { Icon } from '../../../ui/icons.js';
import { moved, replaced, useDesigner, without } from '../draft/designer.js';
import { Faults } from '../parts/Faults.js';
import { LabelInput } from '../parts/LabelInput.js';

/** Sections of rows, up to three fields a row; what has no place yet is named. */
export function LayoutEditor() {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const { kind, change, mayWrite } = useDesigner();
  const { layout, fields } = kind;
  const set = (next: typeof layout, place?: string) => change((was) => ({ ...was, layout: next }), place);
  const placed = new Set(layout.flatMap(({ rows }) => rows.flat()));
  const left = fields.filter(({ key }) => !placed.has(key));
  return (
    <div className="stack">
      {layout.map((section, i) => {
        const setRows = (rows: string[][]) =>
          set(replaced(layout, i, { ...section, rows: rows.filter((row) => row.length > 0) }));
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a section is known by its place
          <div key={i} className="tk-section">
            <LabelInput
              label={t('layout.section')}
              value={section.label}
              place={`layout.${i}`}
              onChange={(next) => set(replaced(layout, i, { ...section, label: next }), `layout.${i}`)}
            />
            {section.rows.map((row, r) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row is known by its place
              <div key={r} className="tk-line">
                <Select
                  mode="multiple"
                  maxCount={3}
                  className="grow"
                  disabled={!mayWrite}
                  value={row}
                  aria-label={t('layout.row', { n: r + 1 })}
                  options={[...row.flatMap((key) => fields.filter((one) => one.key === key)), ...left].map((one) => ({
                    value: one.key,
                    label: label(one.label) || one.key,
                  }))}
                  onChange={(keys: string[]) => setRows(replaced(section.rows, r, keys))}
                />
                {mayWrite ? (
                  <>
                    <Button
                      size="small"
                      type="text"
                      disabled={r === 0}
                      aria-label={t('part.up')}
                      onClick={() => setRows(moved(section.rows, r, -1))}
                    >
                      <span className="tk-up">
                        <Icon name="down" size={14} />
                      </span>
                    </Button>
                    <Button
                      size="small"
                      type="text"
                      aria-label={t('part.remove')}
                      onClick={() => setRows(without(section.rows, r))}
                    >
                      <Icon name="close" size={14} />
                    </Button>
                  </>
                ) : null}
              </div>
            ))}
            {mayWrite ? (
              <div className="row row-wrap">
                <Select
                  className="tk-add"
                  value={null}
                  placeholder={t('layout.addRow')}
                  aria-label={t('layout.addRow')}
                  disabled={left.length === 0}
                  options={left.map((one) => ({ value: one.key, label: label(one.label) || one.key }))}
                  onChange={(key: string | null) => key && setRows([...section.rows, [key]])}
                />
                <Button size="small" type="text" onClick={() => set(without(layout, i))}>
                  {t('layout.removeSection')}
                </Button>
              </div>
            ) : null}
          </div>
        );
      })}
      <Faults place="layout" exact />
      {left.length > 0 ? (
        <p className="soft small">
          {t('layout.left', { names: left.map((one) => label(one.label) || one.key).join(' ') })}
        </p>
      ) : null}
      {mayWrite ? (
        <div>
          <Button
            size="small"
            disabled={left.length === 0}
            onClick={() =>
              set([...layout, { label: { zh: t('new.section') }, rows: left.slice(0, 1).map(({ key }) => [key]) }])
            }
          >
            {t('layout.addSection')}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
