import { Input, InputNumber, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { Section } from '../../ui/Page.js';
import { useDesigner } from './draft/designer.js';
import { Levels } from './Levels.js';
import { PrintFields } from './PrintFields.js';
import { LabelInput } from './parts/LabelInput.js';
import { Labelled } from './parts/Labelled.js';
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
          <PrintFields />
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
