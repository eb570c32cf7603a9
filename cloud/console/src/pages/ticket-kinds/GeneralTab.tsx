import { Checkbox, Input, InputNumber, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../i18n/use-language.js';
import { Section } from '../../ui/Page.js';
import { moved, replaced, useDesigner, without } from './draft/designer.js';
import { freeName } from './draft/rename.js';
import { LabelInput } from './parts/LabelInput.js';
import { Labelled } from './parts/Labelled.js';
import { MasterList } from './parts/MasterList.js';
import { MinutesInput } from './parts/MinutesInput.js';
import { PartyRuleInput } from './parts/PartyRules.js';
import { useOptions } from './parts/use-options.js';

/** What a kind is called, how its tickets are numbered, and what holds for all its steps. */
export function GeneralTab() {
  const { t } = useTranslation('ticketKinds');
  const { kind, change, mayWrite } = useDesigner();
  const options = useOptions();
  const { numbering, reopen, extension } = kind;
  const given = { disabled: !mayWrite };
  const set = (patch: object, place?: string) => change((was) => ({ ...was, ...patch }), place);
  return (
    <div className="tk-columns">
      <Section title={t('general.kind')}>
        <div className="tk-form">
          <LabelInput
            label={t('general.label')}
            value={kind.label}
            place="label"
            onChange={(label) => set({ label }, 'label')}
          />
          <Labelled
            label={t('general.prefix')}
            place="numbering"
            hint={t('general.example', { number: exampleOf(numbering) })}
          >
            {(id) => (
              <Input
                {...given}
                id={id}
                value={numbering.prefix}
                maxLength={8}
                onChange={(event) =>
                  set({ numbering: { ...numbering, prefix: event.target.value.toUpperCase() } }, 'numbering.prefix')
                }
              />
            )}
          </Labelled>
          <Labelled label={t('general.per')}>
            {(id) => (
              <Select
                {...given}
                id={id}
                value={numbering.per}
                options={(['day', 'month', 'year'] as const).map((one) => ({
                  value: one,
                  label: t(`general.perOf.${one}`),
                }))}
                onChange={(per) => set({ numbering: { ...numbering, per } })}
              />
            )}
          </Labelled>
          <Labelled label={t('general.digits')}>
            {(id) => (
              <InputNumber
                {...given}
                id={id}
                value={numbering.digits}
                min={3}
                max={9}
                onChange={(digits) => set({ numbering: { ...numbering, digits: digits ?? 4 } })}
              />
            )}
          </Labelled>
          <Labelled label={t('general.title')} place="title" hint={t('general.titleHint')}>
            {(id) => (
              <Select
                {...given}
                id={id}
                value={kind.title}
                options={options.fieldsOf('text')}
                onChange={(title) => set({ title })}
              />
            )}
          </Labelled>
          <Labelled label={t('general.duplicates')} hint={t('general.duplicatesHint')}>
            {(id) => (
              <InputNumber
                {...given}
                id={id}
                value={kind.duplicatesWithinDays}
                min={1}
                max={365}
                onChange={(days) => set({ duplicatesWithinDays: days ?? 30 })}
              />
            )}
          </Labelled>
        </div>
      </Section>
      <Levels />
      <Section title={t('general.whole')}>
        <div className="tk-form">
          <Labelled label={t('general.suspended')} place="suspendedState" hint={t('general.suspendedHint')}>
            {(id) => (
              <Select
                {...given}
                id={id}
                allowClear
                placeholder={t('general.never')}
                value={kind.suspendedState ?? null}
                options={options.states.filter(({ value }) =>
                  kind.states.some((one) => one.id === value && one.phase === 'suspended'),
                )}
                onChange={(state: string | null) =>
                  change(({ suspendedState: _, ...was }) => (state ? { ...was, suspendedState: state } : was))
                }
              />
            )}
          </Labelled>
          <Labelled label={t('general.reopen')} place="reopen">
            {(id) => (
              <Select
                {...given}
                id={id}
                allowClear
                placeholder={t('general.never')}
                value={reopen?.to ?? null}
                options={options.works}
                onChange={(to: string | null) =>
                  change(({ reopen: was, ...rest }) => (to ? { ...rest, reopen: { ...was, to } } : rest))
                }
              />
            )}
          </Labelled>
          {reopen ? (
            <Labelled label={t('general.reopenDays')}>
              {(id) => (
                <InputNumber
                  {...given}
                  id={id}
                  value={reopen.withinDays ?? null}
                  min={1}
                  max={3_650}
                  placeholder={t('general.always')}
                  onChange={(days) => set({ reopen: { to: reopen.to, ...(days ? { withinDays: days } : {}) } })}
                />
              )}
            </Labelled>
          ) : null}
          <Labelled label={t('general.extension')}>
            {(id) => (
              <Switch
                {...given}
                id={id}
                checked={extension !== undefined}
                onChange={(on) =>
                  change(({ extension: _, ...rest }) =>
                    on
                      ? { ...rest, extension: { approver: { kind: 'leader', up: 0 }, most: 1, maxMinutes: 2_880 } }
                      : rest,
                  )
                }
              />
            )}
          </Labelled>
          {extension ? (
            <>
              <Labelled label={t('general.approver')} place="extension" group wide>
                {() => (
                  <PartyRuleInput
                    rule={extension.approver}
                    label={t('general.approver')}
                    fixed
                    onChange={(approver) => set({ extension: { ...extension, approver } })}
                  />
                )}
              </Labelled>
              <Labelled label={t('general.most')}>
                {(id) => (
                  <InputNumber
                    {...given}
                    id={id}
                    value={extension.most}
                    min={1}
                    max={20}
                    onChange={(most) => set({ extension: { ...extension, most: most ?? 1 } })}
                  />
                )}
              </Labelled>
              <Labelled label={t('general.longest')} group>
                {() => (
                  <MinutesInput
                    value={extension.maxMinutes}
                    label={t('general.longest')}
                    onChange={(maxMinutes) => set({ extension: { ...extension, maxMinutes: Math.max(1, maxMinutes) } })}
                  />
                )}
              </Labelled>
            </>
          ) : null}
          <Print />
        </div>
      </Section>
    </div>
  );
}

const exampleOf = ({
  prefix,
  per,
  digits,
}: {
  prefix: string;
  per: 'day' | 'month' | 'year';
  digits: number;
}): string => `${prefix}${{ day: '20261123', month: '202611', year: '2026' }[per]}${'1'.padStart(digits, '0')}`;

function Levels() {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const { kind, change, item, open } = useDesigner();
  const { levels } = kind;
  const at = Math.max(
    0,
    levels.findIndex(({ id }) => id === item),
  );
  const level = levels[at];
  const set = (next: typeof levels, place?: string) => change((was) => ({ ...was, levels: next }), place);
  const add = () => {
    const id = freeName(
      levels.map((one) => one.id),
      'level_',
    );
    set([...levels, { id, label: { zh: t('new.level') } }]);
    open('general', id);
  };
  return (
    <Section title={t('general.levels')}>
      <div className="tk-form">
        <MasterList
          label={t('general.levels')}
          place="levels"
          items={levels.map((one) => ({ id: one.id, text: label(one.label), note: one.id }))}
          selected={level?.id}
          onSelect={(id) => open('general', id)}
          onAdd={add}
          addText={t('new.level')}
          onMove={(index, by) => set(moved(levels, index, by))}
          onRemove={(index) => set(without(levels, index))}
        />
        {level ? (
          <LabelInput
            label={t('general.levelLabel')}
            value={level.label}
            place={`levels.${level.id}`}
            onChange={(next) => set(replaced(levels, at, { ...level, label: next }), `levels.${level.id}`)}
          />
        ) : (
          <p className="faint small">{t('general.noLevels')}</p>
        )}
      </div>
    </Section>
  );
}

const sections = ['fields', 'history', 'clocks', 'signatures'] as const;

function Print() {
  const { t } = useTranslation('ticketKinds');
  const { kind, change, mayWrite } = useDesigner();
  const { print } = kind;
  return (
    <>
      <Labelled label={t('general.print')}>
        {(id) => (
          <Switch
            id={id}
            disabled={!mayWrite}
            checked={print !== undefined}
            onChange={(on) =>
              change(({ print: _, ...rest }) =>
                on ? { ...rest, print: { title: kind.label, sections: ['fields', 'history'] } } : rest,
              )
            }
          />
        )}
      </Labelled>
      {print ? (
        <>
          <LabelInput
            label={t('general.printTitle')}
            value={print.title}
            place="print"
            onChange={(title) => change((was) => ({ ...was, print: { ...print, title } }), 'print.title')}
          />
          <Labelled label={t('general.printSections')} group wide>
            {() => (
              <Checkbox.Group
                disabled={!mayWrite}
                value={print.sections}
                options={sections.map((one) => ({ value: one, label: t(`general.printOf.${one}`) }))}
                onChange={(chosen) =>
                  change((was) => ({
                    ...was,
                    print: { ...print, sections: sections.filter((one) => chosen.includes(one)) },
                  }))
                }
              />
            )}
          </Labelled>
        </>
      ) : null}
    </>
  );
}
