import type { Severity } from '@hallhub/shared/thing';
import { isEmptyValue } from '@hallhub/shared/ticket';
import { visionAlgorithms } from '@hallhub/shared/vision';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, InputNumber, Modal, Segmented, Select } from 'antd';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  checkRule,
  draftOfRule,
  type IntakeRule,
  type IntakeSource,
  type RuleDraft,
  saveRule,
} from '../../api/auto-tickets.js';
import { makeableKindsQuery, type TicketField } from '../../api/tickets.js';
import { useLabel } from '../../i18n/use-language.js';
import { FormProblem } from '../parts/FormProblem.js';
import { HallSelect } from '../parts/HallSelect.js';
import { FieldControl } from '../tickets/work/FieldControl.js';
import { useAlgorithmName } from '../video/use-algorithm-name.js';
import { HintList } from './HintList.js';

const severities = ['critical', 'warning', 'notice'] as const satisfies readonly Severity[];
/** What a rule may fill in beforehand; the others the matter itself tells, or nobody can know before. */
const presets: ReadonlySet<string> = new Set(['choice', 'choices', 'category', 'yesNo', 'text', 'office']);

const fresh = (source: string): RuleDraft => ({
  ...{ name: '', source, hallId: null, enabled: false, level: null, preset: {}, count: 1, withinMinutes: 30 },
  kind: source === 'evaluator' ? 'complaint' : 'video_case',
  match: source === 'evaluator' ? { when: 'confirmed', worst: 2 } : { when: 'confirmed', fromSeverity: 'warning' },
  ...{ mergeMinutes: 10, mostPerHour: 10 },
});

interface SourceRuleFormProps {
  /** None: a new one. */
  rule: IntakeRule | undefined;
  sources: readonly IntakeSource[];
  onClose: () => void;
}

/** A rule, with hints as it is written; it may be kept off until it is right. */
export function SourceRuleForm({ rule, sources, onClose }: SourceRuleFormProps) {
  const { t } = useTranslation(['autoTickets', 'common']);
  const label = useLabel();
  const algorithmName = useAlgorithmName();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [draft, setDraft] = useState<RuleDraft>(() => (rule ? draftOfRule(rule) : fresh('vision')));
  const [isTried, setTried] = useState(false);
  const kinds = useQuery(makeableKindsQuery).data?.items ?? [];
  const kind = kinds.find(({ code }) => code === draft.kind)?.document;
  const source = sources.find(({ id }) => id === draft.source);
  const asked = useDeferredValue(draft);
  const hints = useQuery({
    queryKey: ['intake-rules', 'check', asked],
    queryFn: () => checkRule({ ...asked, name: asked.name.trim() || '-' }),
    placeholderData: (before) => before,
  });
  const save = useMutation({
    mutationFn: (enabled: boolean) => saveRule({ ...draft, enabled }, rule),
    onSuccess: () => {
      void message.success(t('saved'));
      void client.invalidateQueries({ queryKey: ['intake-rules'] });
      onClose();
    },
  });
  const set = (change: Partial<RuleDraft>) => setDraft((before) => ({ ...before, ...change }));
  const match = (change: Partial<RuleDraft['match']>) => set({ match: { ...draft.match, ...change } });
  const send = (enabled: boolean) => {
    setTried(true);
    if (draft.name.trim() !== '') save.mutate(enabled);
  };
  const first = kind?.steps.find(({ id }) => id === kind.start)?.fields;
  const fields = (kind?.fields ?? []).filter(
    ({ key, type, personal }) =>
      !personal &&
      key !== kind?.title &&
      presets.has(type) &&
      first?.edit.includes(key) &&
      (first.required.includes(key) || draft.preset[key] !== undefined),
  ) as TicketField[];
  const preset = (key: string, value: unknown) => {
    const { [key]: _, ...rest } = draft.preset;
    set({ preset: isEmptyValue(value) ? rest : { ...rest, [key]: value } });
  };
  const number = (
    name: 'count' | 'withinMinutes' | 'mergeMinutes' | 'mostPerHour',
    more: { text: string; hint?: string; min: number; max: number },
  ) => (
    <Form.Item label={more.text} extra={more.hint} htmlFor={`auto-${name}`}>
      <InputNumber
        id={`auto-${name}`}
        className="auto-number"
        min={more.min}
        max={more.max}
        precision={0}
        value={draft[name]}
        onChange={(value) => value !== null && set({ [name]: value })}
      />
    </Form.Item>
  );
  return (
    <Modal
      open
      width={620}
      title={t(rule ? 'form.change' : 'form.new')}
      onCancel={onClose}
      footer={[
        <Button key="cancel" onClick={onClose}>
          {t('form.cancel')}
        </Button>,
        <Button
          key="save"
          loading={save.isPending && save.variables === draft.enabled}
          onClick={() => send(draft.enabled)}
        >
          {t('form.save')}
        </Button>,
        ...(draft.enabled
          ? []
          : [
              <Button
                key="on"
                type="primary"
                loading={save.isPending && save.variables === true}
                onClick={() => send(true)}
              >
                {t('form.saveOn')}
              </Button>,
            ]),
      ]}
    >
      <Form layout="vertical" component="div" requiredMark={false}>
        <div className="auto-two">
          <Form.Item
            label={t('form.name')}
            htmlFor="auto-name"
            required
            validateStatus={isTried && draft.name.trim() === '' ? 'error' : ''}
            help={isTried && draft.name.trim() === '' ? t('form.nameNeeded') : undefined}
          >
            <Input
              id="auto-name"
              maxLength={60}
              value={draft.name}
              onChange={(event) => set({ name: event.target.value })}
            />
          </Form.Item>
          <Form.Item label={t('form.source')} htmlFor="auto-source">
            <Select
              id="auto-source"
              value={draft.source}
              disabled={rule !== undefined}
              options={sources.map((one) => ({ value: one.id, label: label(one.label) }))}
              onChange={(next: string) => setDraft({ ...fresh(next), name: draft.name })}
            />
          </Form.Item>
        </div>
        {source?.asksAnswers ? (
          <Form.Item label={t('form.worst')}>
            <Segmented
              value={draft.match.worst ?? 2}
              options={([1, 2, 3] as const).map((value) => ({ value, label: t(`source.worst.${value}`) }))}
              onChange={(worst) => match({ worst })}
            />
          </Form.Item>
        ) : (
          <>
            {source?.feed === 'finding' ? (
              <Form.Item label={t('form.when')}>
                <Segmented<'confirmed' | 'seen'>
                  value={draft.match.when}
                  options={[
                    { value: 'confirmed', label: t('form.whenConfirmed') },
                    { value: 'seen', label: t('form.whenSeen') },
                  ]}
                  onChange={(when) => match({ when })}
                />
              </Form.Item>
            ) : null}
            <div className="auto-two">
              <Form.Item label={t('form.from')} htmlFor="auto-from">
                <Select
                  id="auto-from"
                  value={draft.match.fromSeverity ?? ''}
                  options={[
                    { value: '', label: t('form.anySeverity') },
                    ...severities.map((value) => ({
                      value,
                      label:
                        value === 'critical'
                          ? t('common:severity.critical')
                          : t('form.severityUp', { severity: t(`common:severity.${value}`) }),
                    })),
                  ]}
                  onChange={(next: Severity | '') => match({ fromSeverity: next === '' ? undefined : next })}
                />
              </Form.Item>
              <Form.Item label={t('form.algorithms')} htmlFor="auto-algorithms">
                <Select
                  id="auto-algorithms"
                  mode="multiple"
                  maxTagCount="responsive"
                  placeholder={t('form.algorithmsAll')}
                  value={draft.match.algorithms ?? []}
                  options={(source?.feed === 'finding' ? visionAlgorithms : (source?.algorithms ?? [])).map(
                    (value) => ({
                      value: value as string,
                      label: algorithmName(value),
                    }),
                  )}
                  showSearch={{ optionFilterProp: 'label' }}
                  onChange={(next: string[]) => match({ algorithms: next.length === 0 ? undefined : next })}
                />
              </Form.Item>
            </div>
          </>
        )}
        <div className="auto-three">
          <Form.Item label={t('form.hall')} htmlFor="auto-hall">
            <AnyHall placeholder={t('allHalls')} value={draft.hallId} onChange={(hallId) => set({ hallId })} />
          </Form.Item>
          <Form.Item label={t('form.kind')} htmlFor="auto-kind">
            <Select
              id="auto-kind"
              value={draft.kind}
              options={kinds.map((one) => ({ value: one.code, label: label(one.label) }))}
              onChange={(next: string) => set({ kind: next, level: null, preset: {} })}
            />
          </Form.Item>
          <Form.Item label={t('form.level')} htmlFor="auto-level">
            <Select
              id="auto-level"
              value={draft.level ?? ''}
              options={[
                { value: '', label: t('repair.noLevel') },
                ...(kind?.levels ?? []).map((one) => ({ value: one.id, label: label(one.label) })),
              ]}
              onChange={(level: string) => set({ level: level === '' ? null : level })}
            />
          </Form.Item>
        </div>
        {fields.length > 0 ? (
          <fieldset className="auto-levels">
            <legend>{t('form.preset')}</legend>
            <p className="faint small">{t('form.presetHint')}</p>
            {fields.map((field) => (
              <Form.Item key={field.key} label={label(field.label)} htmlFor={`auto-preset-${field.key}`}>
                <FieldControl
                  field={field}
                  id={`auto-preset-${field.key}`}
                  value={draft.preset[field.key]}
                  isMasked={false}
                  isInvalid={false}
                  describedBy={undefined}
                  disabled={false}
                  ticketId={undefined}
                  files={[]}
                  onChange={(value) => preset(field.key, value)}
                />
              </Form.Item>
            ))}
          </fieldset>
        ) : null}
        <div className="auto-two">
          {number('count', { text: t('form.count'), min: 1, max: 100 })}
          {draft.count > 1 ? number('withinMinutes', { text: t('form.within'), min: 1, max: 1_440 }) : null}
          {number('mergeMinutes', { text: t('form.merge'), hint: t('form.mergeHint'), min: 0, max: 1_440 })}
          {number('mostPerHour', { text: t('form.most'), hint: t('form.mostHint'), min: 1, max: 1_000 })}
        </div>
      </Form>
      <HintList hints={hints.data?.hints ?? []} />
      <FormProblem error={save.error} />
    </Modal>
  );
}

interface AnyHallProps {
  value: string | null;
  placeholder: string;
  onChange: (hallId: string | null) => void;
}

function AnyHall({ value, placeholder, onChange }: AnyHallProps) {
  return (
    <HallSelect
      id="auto-hall"
      placeholder={placeholder}
      clearable
      {...(value === null ? {} : { value })}
      onChange={(next) => onChange(next === '' ? null : next)}
    />
  );
}
