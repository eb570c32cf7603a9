import type { ThingValue } from '@hallhub/shared/thing';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { type Alarm, type AlarmStep, acknowledgeAlarm, alarmQuery } from '../../api/alarms.js';
import { deviceQuery } from '../../api/devices.js';
import { AppLink } from '../../app/AppLink.js';
import { useRights } from '../../app/session.js';
import { formatDuration } from '../../format/time.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { useValueText } from '../../thing/use-value-text.js';
import { Elapsed, RelativeTime } from '../../ui/RelativeTime.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { useUnitText } from '../../ui/Value.js';
import { PropertyValue } from '../devices/PropertyValue.js';
import { type Fact, Facts } from '../parts/Facts.js';
import { FormProblem } from '../parts/FormProblem.js';
import { SeverityMark } from '../parts/marks.js';
import { AlarmState } from './AlarmState.js';
import './alarm-panel.css';

/** One alarm: what, where, since when; and the acknowledgement with a note for whoever comes next. */
export function AlarmPanel({ alarmId, onClose }: { alarmId: string; onClose: () => void }) {
  const { t } = useTranslation('alarms');
  const label = useLabel();
  const may = useRights();
  const query = useQuery(alarmQuery(alarmId));
  const alarm = query.data;
  return (
    <SidePanel
      title={alarm ? label(alarm.message) : t('title')}
      mark={
        alarm ? (
          <span className="row">
            <SeverityMark severity={alarm.severity} />
            <AlarmState alarm={alarm} />
          </span>
        ) : undefined
      }
      onClose={onClose}
    >
      {alarm ? (
        <>
          <AlarmFacts alarm={alarm} />
          <AlarmSteps steps={alarm.steps} />
          {alarm.acknowledgedAt ? null : may('alarm.acknowledge') ? <Acknowledge alarm={alarm} /> : null}
        </>
      ) : query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
      ) : (
        <SkeletonLines lines={6} />
      )}
    </SidePanel>
  );
}

const ops = { gt: '>', lt: '<', eq: '=' } as const;

function AlarmFacts({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation('alarms');
  const label = useLabel();
  const language = useLanguage();
  const valueText = useValueText();
  const unitText = useUnitText();
  const device = useQuery({
    ...deviceQuery(alarm.deviceId ?? ''),
    enabled: alarm.deviceId !== null && alarm.rule.property !== null,
  });
  const property = device.data?.thing?.properties.find(({ id }) => id === alarm.rule.property);
  const written = (limit: ThingValue) => {
    const said = valueText(property, limit);
    return [said?.text, unitText(said?.unit)].filter(Boolean).join(' ');
  };
  const facts: (Fact | null)[] = [
    { label: t('columns.hall'), value: <AppLink to={paths.place(alarm.hallId)}>{label(alarm.hallName)}</AppLink> },
    alarm.deviceId
      ? {
          label: t('columns.device'),
          value: <AppLink to={paths.device(alarm.deviceId)}>{label(alarm.deviceName)}</AppLink>,
        }
      : { label: t('unit'), value: <AppLink to={paths.unit(alarm.unitId)}>{label(alarm.unitName)}</AppLink> },
    { label: t('columns.raised'), value: <RelativeTime time={alarm.raisedAt} /> },
    alarm.clearedAt
      ? {
          label: t('lasted'),
          value: formatDuration(Date.parse(alarm.clearedAt) - Date.parse(alarm.raisedAt), language),
        }
      : { label: t('lasting'), value: <Elapsed since={alarm.raisedAt} /> },
    alarm.clearedAt ? { label: t('clearedAt'), value: <RelativeTime time={alarm.clearedAt} /> } : null,
    alarm.value === null
      ? null
      : {
          label: property ? label(property.label) : t('value'),
          value: (
            <>
              <PropertyValue shape={property} value={alarm.value} />{' '}
              {alarm.rule.limit === null ? null : (
                <span className="faint">
                  {t('limit', { op: alarm.rule.op ? ops[alarm.rule.op] : '', limit: written(alarm.rule.limit) })}
                </span>
              )}
            </>
          ),
        },
    alarm.rule.source
      ? {
          label: t('rule.from'),
          value:
            alarm.rule.source === 'hall' && alarm.rule.id ? (
              <AppLink to={paths.alarmRules()} search={{ id: alarm.rule.id }}>
                {t('rule.source.hall')}
              </AppLink>
            ) : (
              t(`rule.source.${alarm.rule.source}`)
            ),
        }
      : null,
    alarm.count > 1 ? { label: t('columns.count'), value: t('times', { count: alarm.count }) } : null,
  ];
  return <Facts facts={facts} />;
}

function AlarmSteps({ steps }: { steps: AlarmStep[] }) {
  const { t } = useTranslation('alarms');
  if (steps.length === 0) return null;
  return (
    <section className="acknowledge" aria-label={t('steps')}>
      <Facts
        facts={[...steps]
          .sort((a, b) => b.at.localeCompare(a.at))
          .map((step) => ({
            label: t(`step.${step.step}`),
            value: (
              <>
                {step.by ? `${step.by} · ` : null}
                <RelativeTime time={step.at} />
                {step.note ? <div>{step.note}</div> : null}
              </>
            ),
          }))}
      />
    </section>
  );
}

function Acknowledge({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation('alarms');
  const client = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ note?: string }>();
  const acknowledge = useMutation({
    mutationFn: ({ note }: { note?: string }) => acknowledgeAlarm(alarm.id, note?.trim() ? { note: note.trim() } : {}),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['alarms'] });
      void client.invalidateQueries({ queryKey: ['overview'] });
      void message.success(t('acknowledgedSome', { count: 1 }));
    },
  });
  return (
    <Form form={form} layout="vertical" className="acknowledge" onFinish={(fields) => acknowledge.mutate(fields)}>
      <Form.Item name="note" label={t('note')} extra={t('noteHint')}>
        <Input.TextArea maxLength={500} autoSize={{ minRows: 2, maxRows: 6 }} />
      </Form.Item>
      <FormProblem error={acknowledge.error} form={form} />
      <Button type="primary" htmlType="submit" loading={acknowledge.isPending}>
        {t('acknowledge')}
      </Button>
    </Form>
  );
}
