import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Form, Input, InputNumber, Modal, Segmented, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { type AlarmRule, changeAlarmRule, createAlarmRule } from '../../api/alarms.js';
import { deviceQuery, devicesOfHallQuery } from '../../api/devices.js';
import { formatUnit } from '../../format/ucum.js';
import { useLabel } from '../../i18n/use-language.js';
import { useUnitText } from '../../ui/Value.js';
import { useDeviceName } from '../devices/device-name.js';
import { FormProblem } from '../parts/FormProblem.js';
import { HallSelect } from '../parts/HallSelect.js';
import {
  clearsOnGoodSide,
  isAboutUnit,
  nameOfRule,
  numericProperties,
  type RuleFields,
  toRule,
  unitLimits,
} from './rule-fields.js';

const kinds = [
  ...(['threshold', 'device_offline', 'unit_offline', 'unit_runway', 'unit_certificate'] as const),
  ...(['unit_clock', 'unit_seal', 'unit_fault'] as const),
];
const severities = ['critical', 'warning', 'notice', 'info'] as const;
const longestSeconds = 86_400;

interface RuleFormProps {
  /** The rule to change; none makes a new one. */
  rule?: AlarmRule;
  hallId?: string | undefined;
  onClose: () => void;
}

/** A new rule of a hall or of one device, or a change to one. What it is about stays; its condition may change. */
export function RuleForm({ rule, hallId, onClose }: RuleFormProps) {
  const { t } = useTranslation(['alarms', 'common']);
  const label = useLabel();
  const nameOf = useDeviceName();
  const unitText = useUnitText();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [form] = Form.useForm<RuleFields>();
  const kind = Form.useWatch('kind', form) ?? rule?.kind ?? 'threshold';
  const hall = Form.useWatch('hallId', form) ?? rule?.hallId ?? hallId;
  const deviceId = Form.useWatch('deviceId', form);
  const chosen = Form.useWatch('property', form) ?? rule?.property;
  const devices = useQuery({ ...devicesOfHallQuery(hall ?? ''), enabled: Boolean(hall) }).data ?? [];
  // One device of each model knows all properties that the hall can have.
  const models = devices.filter((one, at) => devices.findIndex((other) => other.model === one.model) === at);
  const known = useQueries({
    queries: (deviceId ? [deviceId] : models.map(({ id }) => id)).map((id) => deviceQuery(id)),
  });
  const properties = numericProperties(known.flatMap(({ data }) => data ?? []));
  const property = properties.find(({ id }) => id === chosen);
  const unitLimit = unitLimits[kind];
  const unit = unitText(unitLimit?.unit ?? formatUnit(property?.unit));
  const save = useMutation({
    mutationFn: (fields: RuleFields) => {
      const input = toRule(fields, nameOfRule(fields, property));
      const { op, limit, clearLimit, forMs, severity, label: named } = input;
      if (!rule) return createAlarmRule(input);
      return changeAlarmRule(rule, {
        ...(rule.kind === 'threshold' ? { op, limit, clearLimit } : {}),
        ...(unitLimits[rule.kind] && limit !== null ? { limit, clearLimit } : {}),
        ...{ forMs, severity, label: named },
      });
    },
    onSuccess: () => {
      void message.success(t('common:saved'));
      void client.invalidateQueries({ queryKey: ['alarm-rules'] });
      void client.invalidateQueries({ queryKey: ['alarms'] });
      onClose();
    },
  });
  const initial: Partial<RuleFields> = rule
    ? {
        ...{ hallId: rule.hallId, deviceId: rule.deviceId, kind: rule.kind, severity: rule.severity },
        ...{ op: rule.op ?? 'gt', limit: rule.limit, clearLimit: rule.clearLimit, forSeconds: rule.forMs / 1_000 },
        ...(rule.property ? { property: rule.property } : {}),
        ...{ zh: rule.label.zh, en: rule.label.en ?? '' },
      }
    : { ...(hallId ? { hallId } : {}), kind: 'threshold', op: 'gt', severity: 'warning', forSeconds: 60 };
  return (
    <Modal
      open
      title={t(rule ? 'rule.edit' : 'rule.new')}
      width={480}
      onCancel={onClose}
      okText={t('common:save')}
      cancelText={t('common:cancel')}
      confirmLoading={save.isPending}
      onOk={() => form.submit()}
    >
      <Form<RuleFields>
        form={form}
        layout="vertical"
        initialValues={initial}
        onFinish={(fields) => save.mutate(fields)}
        onValuesChange={({ kind: chosenKind }: Partial<RuleFields>) => {
          if (chosenKind) form.setFieldsValue({ limit: null, clearLimit: null, ...unitLimits[chosenKind] });
        }}
      >
        <Form.Item name="kind" label={t('rule.what')} required>
          <Select
            disabled={rule !== undefined}
            options={kinds.map((value) => ({ value, label: t(`rule.kind.${value}`) }))}
          />
        </Form.Item>
        <Form.Item name="hallId" label={t('columns.hall')} rules={[{ required: true, message: t('rule.hallNeeded') }]}>
          <HallSelect disabled={rule !== undefined} />
        </Form.Item>
        {isAboutUnit(kind) ? null : (
          <Form.Item name="deviceId" label={t('columns.device')}>
            <Select
              allowClear
              disabled={rule !== undefined || !hall}
              placeholder={t('rule.allDevices')}
              showSearch={{ optionFilterProp: 'label' }}
              options={devices.map((device) => ({ value: device.id, label: nameOf(device) }))}
            />
          </Form.Item>
        )}
        {kind === 'threshold' ? (
          <Form.Item
            name="property"
            label={t('rule.property')}
            rules={[{ required: true, message: t('rule.propertyNeeded') }]}
          >
            <Select
              disabled={rule !== undefined || !hall}
              showSearch={{ optionFilterProp: 'label' }}
              options={properties.map((one) => ({ value: one.id, label: label(one.label) }))}
            />
          </Form.Item>
        ) : null}
        {kind === 'threshold' || unitLimit ? (
          <>
            <div className="rule-limit">
              {unitLimit ? null : (
                <Form.Item name="op" label={t('rule.condition')} required>
                  <Segmented
                    options={(['gt', 'lt'] as const).map((value) => ({ value, label: t(`rule.op.${value}`) }))}
                  />
                </Form.Item>
              )}
              <Form.Item
                name="limit"
                className="grow"
                label={t(unitLimit ? 'rule.below' : 'rule.limit')}
                rules={[{ required: true, message: t('rule.limitNeeded') }]}
              >
                <InputNumber className="field-number" suffix={unit} {...(unitLimit ? { min: 1 } : {})} />
              </Form.Item>
            </div>
            <Form.Item
              name="clearLimit"
              label={t('rule.clearLimit')}
              extra={t('rule.clearHint')}
              dependencies={['op', 'limit']}
              rules={[
                ({ getFieldsValue }) => ({
                  validator: async () => {
                    if (!clearsOnGoodSide({ ...getFieldsValue(), kind })) throw new Error(t('rule.clearWrong'));
                  },
                }),
              ]}
            >
              <InputNumber className="field-number" suffix={unit} />
            </Form.Item>
          </>
        ) : null}
        <Form.Item
          name="forSeconds"
          label={t('rule.for')}
          extra={kind === 'threshold' ? null : t(kind.endsWith('offline') ? 'rule.offlineHint' : 'rule.unitHint')}
        >
          <InputNumber className="field-number" min={0} max={longestSeconds} suffix={unitText('s')} />
        </Form.Item>
        <Form.Item name="severity" label={t('columns.severity')} required>
          <Segmented options={severities.map((value) => ({ value, label: t(`common:severity.${value}`) }))} />
        </Form.Item>
        <Form.Item name="zh" label={t('rule.nameZh')} extra={t('rule.nameHint')}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="en" label={t('rule.nameEn')}>
          <Input maxLength={100} />
        </Form.Item>
        <FormProblem error={save.error} form={form} />
      </Form>
    </Modal>
  );
}
