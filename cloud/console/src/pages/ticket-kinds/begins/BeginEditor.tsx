import type { BeginRule, TicketKind } from '@hallhub/shared/ticket';
import { Button, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../../i18n/use-language.js';
import { useDesigner } from '../draft/designer.js';
import { FeelInput } from '../parts/FeelInput.js';
import { LabelInput } from '../parts/LabelInput.js';
import { Labelled } from '../parts/Labelled.js';
import { useOptions } from '../parts/use-options.js';
import { FillRow } from './FillRow.js';
import { fieldsToFill, fillAlike } from './fill-alike.js';

interface BeginEditorProps {
  rule: BeginRule;
  /** Undefined: they are not read yet. */
  others: ReadonlyMap<string, TicketKind> | undefined;
  set: (next: BeginRule, where?: string) => void;
}

const at = (step: string, action: string): string => `${step}.${action}`;

/** One linked process: when, of which kind, how it belongs to this ticket, filled with what. */
export function BeginEditor({ rule, others, set }: BeginEditorProps) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const { kind, mayWrite } = useDesigner();
  const options = useOptions();
  const place = `begins.${rule.id}`;
  const given = { disabled: !mayWrite };
  const to = rule.kind === kind.code ? kind : others?.get(rule.kind);
  const actions = kind.steps.flatMap((step) =>
    step.actions
      .filter(({ act }) => act === 'submit' || act === 'return')
      .map((one) => ({
        ...{ value: at(step.id, one.id), step: step.id, action: one.id },
        label: `${label(step.label)} · ${label(one.label)}`,
      })),
  );
  const kinds = [...(others?.values() ?? [])].map((one) => ({ value: one.code, label: label(one.label) || one.code }));
  const shown =
    rule.kind === '' || kinds.some(({ value }) => value === rule.kind)
      ? kinds
      : [...kinds, { value: rule.kind, label: rule.kind }];
  const optional = <K extends 'when' | 'level'>(name: K, value: BeginRule[K] | undefined): BeginRule => {
    const { [name]: _, ...bare } = rule;
    return (value === undefined ? bare : { ...bare, [name]: value }) as BeginRule;
  };
  const chooseKind = (code: string) => {
    const next = code === kind.code ? kind : others?.get(code);
    set({ ...optional('level', undefined), kind: code, fields: next ? fillAlike(kind, next) : {} });
  };
  return (
    <div className="tk-form">
      <LabelInput
        label={t('begin.label')}
        value={rule.label}
        place={`${place}.label`}
        hint={t('begin.labelHint')}
        onChange={(next) => set({ ...rule, label: next }, `${place}.label`)}
      />
      <Labelled label={t('begin.on')} group wide place={place} exact>
        {() => (
          <span className="tk-rule">
            <Select
              {...given}
              className="tk-rule-kind"
              value={rule.on.on}
              aria-label={t('begin.on')}
              options={(['action', 'entered'] as const).map((one) => ({ value: one, label: t(`begin.onOf.${one}`) }))}
              onChange={(on: 'action' | 'entered') => {
                const [first] = actions;
                if (on === 'entered') set({ ...rule, on: { on, step: rule.on.step } });
                else if (first) set({ ...rule, on: { on, step: first.step, action: first.action } });
              }}
            />
            {rule.on.on === 'action' ? (
              <Select
                {...given}
                className="tk-rule-detail"
                value={at(rule.on.step, rule.on.action)}
                aria-label={t('action.title')}
                options={actions}
                onChange={(_, one) => {
                  if (!Array.isArray(one) && one)
                    set({ ...rule, on: { on: 'action', step: one.step, action: one.action } });
                }}
              />
            ) : (
              <Select
                {...given}
                className="tk-rule-detail"
                value={rule.on.step}
                aria-label={t('party.step')}
                options={options.steps}
                onChange={(step: string) => set({ ...rule, on: { on: 'entered', step } })}
              />
            )}
          </span>
        )}
      </Labelled>
      <Labelled label={t('begin.when')} group wide>
        {() => (
          <FeelInput
            value={rule.when}
            label={t('begin.when')}
            none={t('step.otherwise')}
            onChange={(when) => set(optional('when', when), `${place}.when`)}
          />
        )}
      </Labelled>
      <Labelled label={t('begin.kind')}>
        {(id) => (
          <Select
            {...given}
            id={id}
            value={rule.kind || null}
            options={shown}
            loading={!others}
            onChange={chooseKind}
          />
        )}
      </Labelled>
      <Labelled label={t('begin.as')} hint={t(`begin.asHint.${rule.as}`)}>
        {(id) => (
          <Select
            {...given}
            id={id}
            value={rule.as}
            options={(['caused_by', 'child'] as const).map((one) => ({ value: one, label: t(`begin.asOf.${one}`) }))}
            onChange={(as: BeginRule['as']) => set({ ...rule, as })}
          />
        )}
      </Labelled>
      <Labelled label={t('begin.again')}>
        {(id) => (
          <Select
            {...given}
            id={id}
            value={rule.again}
            options={(['never', 'afterEnd', 'always'] as const).map((one) => ({
              value: one,
              label: t(`begin.againOf.${one}`),
            }))}
            onChange={(again: BeginRule['again']) => set({ ...rule, again })}
          />
        )}
      </Labelled>
      {to && to.levels.length > 0 ? (
        <Labelled label={t('begin.level')}>
          {(id) => (
            <Select
              {...given}
              id={id}
              value={rule.level === undefined ? '' : 'same' in rule.level ? ' ' : rule.level.value}
              options={[
                { value: '', label: t('begin.noLevel') },
                { value: ' ', label: t('begin.sameLevel') },
                ...to.levels.map((one) => ({ value: one.id, label: label(one.label) || one.id })),
              ]}
              onChange={(next: string) =>
                set(optional('level', next === '' ? undefined : next === ' ' ? { same: true } : { value: next }))
              }
            />
          )}
        </Labelled>
      ) : null}
      <Labelled label={t('begin.holds')} hint={t('begin.holdsHint')} wide place={`${place}.holds`}>
        {(id) => (
          <Select
            {...given}
            id={id}
            mode="multiple"
            value={rule.holds.map(({ step, action }) => at(step, action))}
            options={actions}
            placeholder={t('begin.holdsNone')}
            onChange={(_, chosen) =>
              set({
                ...rule,
                holds: [chosen]
                  .flat()
                  .flatMap((one) => (one ? [{ step: one.step, action: one.action }] : []))
                  .slice(0, 10),
              })
            }
          />
        )}
      </Labelled>
      {to ? (
        <Labelled label={t('begin.fields', { kind: label(to.label) })} group wide>
          {() => <Filling rule={rule} to={to} place={place} set={set} />}
        </Labelled>
      ) : null}
    </div>
  );
}

interface FillingProps {
  rule: BeginRule;
  to: TicketKind;
  place: string;
  set: BeginEditorProps['set'];
}

function Filling({ rule, to, place, set }: FillingProps) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const { kind, mayWrite } = useDesigner();
  const required = to.steps.find(({ id }) => id === to.start)?.fields.required ?? [];
  const shown = fieldsToFill(to, rule.fields);
  const keys = new Set(shown.map(({ key }) => key));
  const rest = to.fields.filter(({ key }) => !keys.has(key));
  // What the other kind has no more stays to be seen, and to be taken away.
  const gone = Object.keys(rule.fields).filter((key) => !to.fields.some((field) => field.key === key));
  const fill = (key: string, next: BeginRule['fields'][string] | undefined) => {
    const { [key]: _, ...others } = rule.fields;
    set({ ...rule, fields: next === undefined ? others : { ...others, [key]: next } }, `${place}.fields.${key}`);
  };
  return (
    <div className="tk-fills">
      <ul>
        {shown.map((field) => (
          <FillRow
            key={field.key}
            field={field}
            fill={rule.fields[field.key]}
            required={required.includes(field.key)}
            place={`${place}.fields.${field.key}`}
            onChange={(next) => fill(field.key, next)}
          />
        ))}
        {gone.map((key) => (
          <li key={key} className="tk-fill">
            <code className="tk-fill-name">{key}</code>
            <span className="problem-inline small">{t('begin.gone')}</span>
            <Button size="small" disabled={!mayWrite} onClick={() => fill(key, undefined)}>
              {t('part.remove')}
            </Button>
          </li>
        ))}
      </ul>
      {mayWrite ? (
        <div className="row row-wrap">
          <Button size="small" onClick={() => set({ ...rule, fields: { ...fillAlike(kind, to), ...rule.fields } })}>
            {t('begin.alike')}
          </Button>
          {rest.length > 0 ? (
            <Select
              size="small"
              className="tk-fill-more"
              value={null}
              placeholder={t('begin.more')}
              aria-label={t('begin.more')}
              options={rest.map((one) => ({ value: one.key, label: label(one.label) || one.key }))}
              onChange={(key: string | null) => {
                if (key) fill(key, { feel: kind.title });
              }}
            />
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
