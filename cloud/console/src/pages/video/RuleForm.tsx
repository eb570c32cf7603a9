import type { VisionRule } from '@hallhub/shared/vision';
import { Button, Checkbox, ColorPicker, Form, Input, InputNumber, Segmented, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Severity } from '../../api/types.js';
import { Icon } from '../../ui/icons.js';
import { SeverityMark } from '../parts/marks.js';
import { FactFields } from './FactFields.js';
import { hexOfLab, labOfHex } from './lab-colour.js';
import { fieldsOf, type RuleField } from './rule-fields.js';
import { TimeFields } from './TimeFields.js';

type Settings = Record<string, unknown>;

interface RuleFormProps {
  rule: VisionRule;
  unitId: string;
  readOnly: boolean;
  onChange: (change: Settings) => void;
}

const severities: Severity[] = ['info', 'notice', 'warning', 'critical'];

/** What one rule is told, by what its algorithm understands. Every change is in the draft at once. */
export function RuleForm({ rule, unitId, readOnly, onChange }: RuleFormProps) {
  const { t } = useTranslation('video');
  const hint = useHint();
  const settings = rule as unknown as Settings;
  const clip = rule.clip;
  return (
    <Form layout="vertical" component="div" requiredMark={false} disabled={readOnly} className="rule-form">
      <Form.Item
        label={t('rule.name')}
        required
        validateStatus={rule.name.trim() ? '' : 'error'}
        help={rule.name.trim() ? undefined : t('rule.nameNeeded')}
      >
        <Input value={rule.name} maxLength={100} onChange={({ target }) => onChange({ name: target.value })} />
      </Form.Item>
      <Form.Item label={t('rule.severity')}>
        <Segmented
          value={rule.severity}
          options={severities.map((value) => ({ value, label: <SeverityMark severity={value} /> }))}
          onChange={(severity) => onChange({ severity })}
        />
      </Form.Item>
      {fieldsOf(rule.algorithm).map((field) => (
        <Form.Item key={field.name} label={t(`field.${field.name as 'most'}`)} extra={hint(field.name)}>
          <Control field={field} value={settings[field.name]} onChange={(value) => onChange({ [field.name]: value })} />
        </Form.Item>
      ))}
      <Form.Item label={t('rule.times')} extra={t('rule.timesHint')}>
        <TimeFields value={rule.times} onChange={(times) => onChange({ times })} />
      </Form.Item>
      <Form.Item label={t('rule.facts')} extra={t('rule.factsHint')}>
        <FactFields value={rule.facts} unitId={unitId} onChange={(facts) => onChange({ facts })} />
      </Form.Item>
      <Form.Item label={t('rule.clip')}>
        <div className="row row-wrap">
          <Switch
            checked={clip !== undefined}
            aria-label={t('rule.clip')}
            onChange={(on) => onChange({ clip: on ? { beforeMs: 10_000, afterMs: 10_000 } : undefined })}
          />
          {clip
            ? (['beforeMs', 'afterMs'] as const).map((part) => (
                <InputNumber
                  key={part}
                  className="field-number"
                  aria-label={t(`rule.clip_.${part}`)}
                  prefix={t(`rule.clip_.${part}`)}
                  suffix={t('second')}
                  min={0}
                  max={part === 'beforeMs' ? 30 : 60}
                  value={clip[part] / 1_000}
                  onChange={(value) => onChange({ clip: { ...clip, [part]: Math.round((value ?? 0) * 1_000) } })}
                />
              ))
            : null}
        </div>
      </Form.Item>
      <Form.Item label={t('rule.faces')} extra={t('rule.facesHint')}>
        <Input
          value={rule.facesClearBecause ?? ''}
          maxLength={500}
          placeholder={t('rule.facesBlurred')}
          onChange={({ target }) => onChange({ facesClearBecause: target.value === '' ? undefined : target.value })}
        />
      </Form.Item>
    </Form>
  );
}

const hinted = ['minConfidence', 'minHeight', 'within'] as const;

function useHint(): (name: string) => string | undefined {
  const { t } = useTranslation('video');
  return (name) => {
    const key = hinted.find((one) => one === name);
    return key && t(`fieldHint.${key}`);
  };
}

interface ControlProps {
  field: RuleField;
  value: unknown;
  onChange: (value: unknown) => void;
}

function Control({ field, value, onChange }: ControlProps) {
  const { t } = useTranslation('video');
  const label = t(`field.${field.name as 'most'}`);
  const word = (option: string) => t(`option.${option as 'in'}`);
  switch (field.kind) {
    case 'number':
      return (
        <InputNumber
          className="field-number"
          aria-label={label}
          min={field.min}
          max={field.max}
          step={field.step}
          value={(value as number | undefined) ?? null}
          onChange={(next) => onChange(next ?? undefined)}
        />
      );
    case 'duration':
      return (
        <InputNumber
          className="field-number"
          aria-label={label}
          min={field.min / 1_000}
          max={field.max / 1_000}
          suffix={t('second')}
          value={value === undefined ? null : (value as number) / 1_000}
          onChange={(next) => onChange(next === null ? undefined : Math.round(next * 1_000))}
        />
      );
    case 'choice':
      return (
        <Segmented
          aria-label={label}
          value={(value as string | undefined) ?? ''}
          options={field.options.map((option) => ({ value: option, label: word(option) }))}
          onChange={onChange}
        />
      );
    case 'choices':
      return (
        <Checkbox.Group
          value={(value as string[] | undefined) ?? []}
          options={field.options.map((option) => ({ value: option, label: word(option) }))}
          onChange={onChange}
        />
      );
    case 'time':
      return (
        <Input
          type="time"
          className="field-number"
          aria-label={label}
          value={(value as string | undefined) ?? ''}
          onChange={({ target }) => onChange(target.value || undefined)}
        />
      );
    case 'labels':
      return (
        <Select
          mode="tags"
          aria-label={label}
          value={(value as string[] | undefined) ?? []}
          options={[
            'person',
            'bicycle',
            'car',
            'motorcycle',
            'bus',
            'truck',
            'backpack',
            'handbag',
            'suitcase',
            'cell phone',
          ].map((one) => ({ value: one, label: one }))}
          onChange={onChange}
        />
      );
    case 'colours':
      return <Colours value={(value as [number, number, number][] | undefined) ?? []} onChange={onChange} />;
  }
}

function Colours({ value, onChange }: { value: [number, number, number][]; onChange: (value: unknown) => void }) {
  const { t } = useTranslation('video');
  return (
    <div className="row row-wrap">
      {value.map((colour, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a colour is its place in the row
        <span key={index} className="row">
          <ColorPicker
            disabledAlpha
            value={hexOfLab(colour)}
            onChangeComplete={(next) =>
              onChange(value.map((one, i) => (i === index ? labOfHex(`#${next.toHex().slice(0, 6)}`) : one)))
            }
          />
          {value.length > 1 ? (
            <Button
              size="small"
              type="text"
              icon={<Icon name="close" size={14} />}
              aria-label={t('remove')}
              onClick={() => onChange(value.filter((_one, i) => i !== index))}
            />
          ) : null}
        </span>
      ))}
      {value.length < 8 ? (
        <Button size="small" icon={<Icon name="plus" size={14} />} onClick={() => onChange([...value, [30, 5, -35]])}>
          {t('addColour')}
        </Button>
      ) : null}
    </div>
  );
}
