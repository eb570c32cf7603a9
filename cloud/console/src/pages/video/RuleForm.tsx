import type { Severity } from '@hallhub/shared/thing';
import { experimentalAlgorithms, type VisionRule } from '@hallhub/shared/vision';
import { Button, Form, Input, InputNumber, Segmented, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SeverityMark } from '../parts/marks.js';
import { RuleControl } from './cameras/RuleControl.js';
import { FactFields } from './FactFields.js';
import { fieldsOf, isFlowOnly, type RuleField } from './rule-fields.js';
import { TimeFields } from './TimeFields.js';

type Settings = Record<string, unknown>;

interface RuleFormProps {
  rule: VisionRule;
  unitId: string;
  readOnly: boolean;
  /** Of the same view: their times may be taken over. */
  others: readonly VisionRule[];
  onChange: (change: Settings) => void;
}

const severities: Severity[] = ['info', 'notice', 'warning', 'critical'];

/** What one rule is told, by what its algorithm understands. Every change is in the draft at once. */
export function RuleForm({ rule, others, unitId, readOnly, onChange }: RuleFormProps) {
  const { t } = useTranslation(['video', 'cameras']);
  const hint = useHint();
  const [showsMore, setShowsMore] = useState(false);
  const settings = rule as unknown as Settings;
  const { first, more } = fieldsOf(rule.algorithm);
  const hasFindings = !isFlowOnly(rule.algorithm);
  const item = (field: RuleField) => (
    <Form.Item key={field.name} label={t(`field.${field.name as 'most'}`)} extra={hint(field.name)}>
      <RuleControl field={field} value={settings[field.name]} onChange={(value) => onChange({ [field.name]: value })} />
    </Form.Item>
  );
  return (
    <Form layout="vertical" component="div" requiredMark={false} disabled={readOnly} className="rule-form">
      <p className="rule-about soft">{t(`cameras:about.${rule.algorithm}`)}</p>
      {experimentalAlgorithms.has(rule.algorithm) ? (
        <p className="rule-about warn-text">{t('cameras:rule.experimental')}</p>
      ) : null}
      <Form.Item
        label={t('rule.name')}
        required
        validateStatus={rule.name.trim() ? '' : 'error'}
        help={rule.name.trim() ? undefined : t('rule.nameNeeded')}
      >
        <Input
          aria-label={t('rule.name')}
          value={rule.name}
          maxLength={100}
          onChange={({ target }) => onChange({ name: target.value })}
        />
      </Form.Item>
      {first.map(item)}
      {hasFindings ? (
        <Form.Item label={t('rule.severity')}>
          <Segmented
            aria-label={t('rule.severity')}
            value={rule.severity}
            options={severities.map((value) => ({ value, label: <SeverityMark severity={value} /> }))}
            onChange={(severity) => onChange({ severity })}
          />
        </Form.Item>
      ) : null}
      <Form.Item label={t('rule.times')} extra={t('rule.timesHint')}>
        <TimeFields value={rule.times} others={others} onChange={(times) => onChange({ times })} />
      </Form.Item>
      <Form.Item
        label={t('rule.facts')}
        extra={rule.facts.length > 0 ? t('cameras:rule.together') : t('rule.factsHint')}
      >
        <FactFields value={rule.facts} unitId={unitId} onChange={(facts) => onChange({ facts })} />
      </Form.Item>
      {hasFindings ? <Evidence rule={rule} onChange={onChange} /> : null}
      {showsMore ? more.map(item) : null}
      <Button
        size="small"
        type="text"
        disabled={false}
        className="rule-more"
        aria-expanded={showsMore}
        onClick={() => setShowsMore(!showsMore)}
      >
        {t(showsMore ? 'cameras:rule.less' : 'cameras:rule.more')}
      </Button>
    </Form>
  );
}

/** What a finding of it keeps: a clip, and whether faces in it may be seen. */
function Evidence({ rule, onChange }: Pick<RuleFormProps, 'rule' | 'onChange'>) {
  const { t } = useTranslation('video');
  const { clip } = rule;
  return (
    <>
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
    </>
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
