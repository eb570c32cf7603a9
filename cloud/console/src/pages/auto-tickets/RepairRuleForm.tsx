import type { Severity } from '@hallhub/shared/thing';
import { useQuery } from '@tanstack/react-query';
import { Form, InputNumber, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { RepairRule } from '../../api/auto-tickets.js';
import { makeableKindsQuery } from '../../api/tickets.js';
import { usePlaces } from '../../app/use-place.js';
import { useLabel } from '../../i18n/use-language.js';
import { FormProblem } from '../parts/FormProblem.js';

const severities = ['critical', 'warning', 'notice', 'info'] as const satisfies readonly Severity[];
const all = 'all';

interface RepairRuleFormProps {
  /** None: a new one. */
  rule: RepairRule | undefined;
  /** Places that have a rule. */
  taken: readonly (string | null)[];
  busy: boolean;
  error: unknown;
  onSave: (rule: RepairRule) => void;
  onClose: () => void;
}

type Fields = Omit<RepairRule, 'hallId'> & { place: string };

export function RepairRuleForm({ rule, taken, busy, error, onSave, onClose }: RepairRuleFormProps) {
  const { t } = useTranslation(['autoTickets', 'common']);
  const label = useLabel();
  const places = usePlaces();
  const [form] = Form.useForm<Fields>();
  const kinds = useQuery(makeableKindsQuery).data?.items ?? [];
  const code = Form.useWatch('kind', form) ?? rule?.kind ?? 'repair';
  const from = Form.useWatch('fromSeverity', form) ?? rule?.fromSeverity ?? 'warning';
  const levels = kinds.find((one) => one.code === code)?.document.levels ?? [];
  const isFree = (place: string | null) => place === (rule ? rule.hallId : undefined) || !taken.includes(place);
  const halls = places.filter(({ kind, archivedAt, id }) => kind === 'hall' && !archivedAt && isFree(id));
  const places_ = [
    ...(isFree(null) ? [{ value: all, label: t(taken.length > 0 ? 'otherHalls' : 'allHalls') }] : []),
    ...halls.map((hall) => ({ value: hall.id, label: label(hall.name) })),
  ];
  const initial: Partial<Fields> = rule
    ? { ...rule, place: rule.hallId ?? all }
    : ({
        ...{ place: isFree(null) ? all : undefined, fromSeverity: 'warning', kind: 'repair', levels: {} },
        ...{ enabled: true, afterSeconds: 60, quietSeconds: 300, reopenHours: 24, mostPerHour: 30 },
      } as Partial<Fields>);
  const number = (
    name: 'afterSeconds' | 'quietSeconds' | 'reopenHours' | 'mostPerHour',
    more: { text: string; hint?: string; min?: number; max: number },
  ) => (
    <Form.Item name={name} label={more.text} extra={more.hint} rules={[{ required: true, message: t('required') }]}>
      <InputNumber min={more.min ?? 0} max={more.max} precision={0} className="auto-number" />
    </Form.Item>
  );
  return (
    <Modal
      open
      title={t('repair.edit')}
      width={560}
      okText={t('form.save')}
      cancelText={t('form.cancel')}
      confirmLoading={busy}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={initial}
        onFinish={({ place, ...fields }) => {
          const known = Object.entries(fields.levels ?? {}).filter((entry): entry is [Severity, string] =>
            levels.some(({ id }) => id === entry[1]),
          );
          onSave({
            ...fields,
            ...{
              levels: Object.fromEntries(known),
              hallId: place === all ? null : place,
              enabled: rule?.enabled ?? true,
            },
          });
        }}
      >
        <div className="auto-two">
          <Form.Item name="place" label={t('repair.hall')} rules={[{ required: true, message: t('required') }]}>
            <Select options={places_} showSearch={{ optionFilterProp: 'label' }} />
          </Form.Item>
          <Form.Item name="fromSeverity" label={t('repair.from')}>
            <Select
              options={severities.map((value) => ({
                value,
                label:
                  value === 'critical'
                    ? t('common:severity.critical')
                    : t('form.severityUp', { severity: t(`common:severity.${value}`) }),
              }))}
            />
          </Form.Item>
        </div>
        <Form.Item name="kind" label={t('repair.kind')}>
          <Select
            options={kinds
              .filter(({ document }) => document.fields.some(({ type }) => type === 'device'))
              .map((kind) => ({ value: kind.code, label: label(kind.label) }))}
          />
        </Form.Item>
        {levels.length > 0 ? (
          <fieldset className="auto-levels">
            <legend>{t('repair.levels')}</legend>
            <p className="faint small">{t('repair.levelsHint')}</p>
            <div className="auto-two">
              {severities.slice(0, severities.indexOf(from) + 1).map((severity) => (
                <Form.Item key={severity} name={['levels', severity]} label={t(`common:severity.${severity}`)}>
                  <Select
                    allowClear
                    placeholder={t('repair.noLevel')}
                    options={levels.map(({ id, label: named }) => ({ value: id, label: label(named) }))}
                  />
                </Form.Item>
              ))}
            </div>
          </fieldset>
        ) : null}
        <div className="auto-two">
          {number('afterSeconds', { text: t('repair.afterField'), max: 86_400 })}
          {number('quietSeconds', { text: t('repair.quietField'), hint: t('repair.quietHint'), max: 86_400 })}
          {number('reopenHours', { text: t('repair.reopenField'), hint: t('repair.reopenHint'), max: 720 })}
          {number('mostPerHour', { text: t('repair.mostField'), hint: t('repair.mostHint'), min: 1, max: 1_000 })}
        </div>
      </Form>
      <FormProblem error={error} />
    </Modal>
  );
}
