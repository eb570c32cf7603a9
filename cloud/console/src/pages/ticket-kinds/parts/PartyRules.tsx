import type { PartyRule } from '@hallhub/shared/ticket';
import { AutoComplete, Button, InputNumber, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../ui/icons.js';
import { replaced, useDesigner, without } from '../draft/designer.js';
import { useOptions } from './use-options.js';

const kinds = [
  ...['office', 'chosen', 'categoryOffice', 'placeOffice', 'skill', 'leader', 'initiator', 'handlerOf'],
  ...['actor', 'field'],
] as const;
type Kind = PartyRule['kind'];

const fresh = (kind: Kind, first: { step: string; field: string; office: string }): PartyRule => {
  switch (kind) {
    case 'handlerOf':
      return { kind, step: first.step };
    case 'office':
      return { kind, code: first.office };
    case 'field':
    case 'categoryOffice':
      return { kind, field: first.field };
    case 'skill':
      return { kind, skill: 'general' };
    case 'leader':
      return { kind, up: 0 };
    case 'chosen':
      return { kind, most: 1 };
    default:
      return { kind };
  }
};

interface PartyRuleInputProps {
  rule: PartyRule;
  label: string;
  onChange: (rule: PartyRule) => void;
  /** `chosen` has no sense where nobody acts. */
  fixed?: boolean;
}

/** How a party is found: a way, and what that way needs to know. */
export function PartyRuleInput({ rule, label, onChange, fixed }: PartyRuleInputProps) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  const options = useOptions();
  const first = {
    step: options.works[0]?.value ?? '',
    field: options.fieldsOf('category')[0]?.value ?? options.fieldsOf('person', 'office')[0]?.value ?? '',
    office: options.offices[0]?.value ?? 'dispatch',
  };
  const ways = kinds.filter((one) => !fixed || (one !== 'chosen' && one !== 'actor'));
  return (
    <span className="tk-rule">
      <Select
        value={rule.kind}
        aria-label={label}
        disabled={!mayWrite}
        className="tk-rule-kind"
        options={ways.map((one) => ({ value: one, label: t(`party.${one}`) }))}
        onChange={(kind: Kind) => onChange(fresh(kind, first))}
      />
      <RuleDetail rule={rule} onChange={onChange} />
    </span>
  );
}

function RuleDetail({ rule, onChange }: { rule: PartyRule; onChange: (rule: PartyRule) => void }) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  const options = useOptions();
  const given = { disabled: !mayWrite, className: 'tk-rule-detail' };
  const text = (
    value: string,
    label: string,
    all: { value: string; label: string }[],
    write: (next: string) => void,
  ) => (
    <AutoComplete {...given} value={value} aria-label={label} options={all} onChange={(next: string) => write(next)} />
  );
  switch (rule.kind) {
    case 'handlerOf':
      return (
        <Select
          {...given}
          value={rule.step}
          aria-label={t('party.step')}
          options={options.works}
          onChange={(step: string) => onChange({ ...rule, step })}
        />
      );
    case 'office':
      return (
        <Select
          {...given}
          showSearch={{ optionFilterProp: 'label' }}
          value={rule.code}
          aria-label={t('party.office')}
          options={withOwn(options.offices, rule.code)}
          onChange={(code: string) => onChange({ ...rule, code })}
        />
      );
    case 'field':
      return (
        <Select
          {...given}
          value={rule.field}
          aria-label={t('party.whichField')}
          options={options.fieldsOf('person', 'office')}
          onChange={(field: string) => onChange({ ...rule, field })}
        />
      );
    case 'categoryOffice':
      return (
        <Select
          {...given}
          value={rule.field}
          aria-label={t('party.whichField')}
          options={options.fieldsOf('category')}
          onChange={(field: string) => onChange({ ...rule, field })}
        />
      );
    case 'placeOffice':
      return text(rule.purpose ?? '', t('party.purpose'), [], (next) => {
        const { purpose: _, ...bare } = rule;
        onChange(next === '' ? bare : { ...rule, purpose: next });
      });
    case 'skill':
      return text(rule.skill, t('party.skillName'), [], (skill) => onChange({ ...rule, skill }));
    case 'leader':
      return (
        <InputNumber
          {...given}
          value={rule.up}
          min={0}
          max={5}
          aria-label={t('party.up')}
          prefix={t('party.upShort')}
          onChange={(up) => onChange({ ...rule, up: up ?? 0 })}
        />
      );
    case 'chosen':
      return (
        <InputNumber
          {...given}
          value={rule.most}
          min={1}
          max={50}
          aria-label={t('party.most')}
          prefix={t('party.mostShort')}
          onChange={(most) => onChange({ ...rule, most: most ?? 1 })}
        />
      );
    default:
      return null;
  }
}

const withOwn = (options: { value: string; label: string }[], value: string) =>
  options.some((one) => one.value === value) ? options : [...options, { value, label: value }];

interface PartyRulesProps {
  rules: readonly PartyRule[];
  label: string;
  onChange: (rules: PartyRule[]) => void;
  fixed?: boolean;
}

/** Several ways, taken together. */
export function PartyRules({ rules, label, onChange, fixed }: PartyRulesProps) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  return (
    <div className="tk-rules">
      {rules.map((rule, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rules have no names, and the same may stand twice
        <div key={i} className="tk-line">
          <PartyRuleInput
            rule={rule}
            label={label}
            {...(fixed ? { fixed } : {})}
            onChange={(next) => onChange(replaced(rules, i, next))}
          />
          {mayWrite ? (
            <Button size="small" type="text" aria-label={t('part.remove')} onClick={() => onChange(without(rules, i))}>
              <Icon name="close" size={14} />
            </Button>
          ) : null}
        </div>
      ))}
      {mayWrite ? (
        <Button size="small" type="dashed" onClick={() => onChange([...rules, { kind: 'initiator' }])}>
          {t('party.add')}
        </Button>
      ) : null}
    </div>
  );
}
