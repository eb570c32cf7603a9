import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Modal, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type AlarmRule, alarmRulesQuery, changeAlarmRule, deleteAlarmRule } from '../../api/alarms.js';
import { deviceQuery } from '../../api/devices.js';
import { AppLink } from '../../app/AppLink.js';
import { anyText, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { usePlace, usePlaces } from '../../app/use-place.js';
import { formatUnit } from '../../format/ucum.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Page } from '../../ui/Page.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { Value } from '../../ui/Value.js';
import { useDeviceName } from '../devices/device-name.js';
import { Facts } from '../parts/Facts.js';
import { FormProblem } from '../parts/FormProblem.js';
import { useListing } from '../parts/list-state.js';
import { SeverityMark } from '../parts/marks.js';
import { AlarmTabs } from './AlarmTabs.js';
import { RuleForm } from './RuleForm.js';
import { isAboutUnit } from './rule-fields.js';
import { useRuleText } from './use-rule-text.js';
import './alarm-panel.css';

const searchSchema = z.object({ id: anyText });

/** The rules that people made for halls and devices, beside those that come with device profiles. */
export default function RulesPage() {
  const { t } = useTranslation(['alarms', 'common']);
  const label = useLabel();
  const may = useRights();
  const textOf = useRuleText();
  const places = usePlaces();
  const { hallId } = usePlace();
  const [search, setSearch] = useSearchState(searchSchema);
  const [adding, setAdding] = useState(false);
  const list = useListing(alarmRulesQuery({ hallId }));
  const hallOf = (rule: AlarmRule) => label(places.find((place) => place.id === rule.hallId)?.name);
  const onOff = (rule: AlarmRule) => t(rule.enabled ? 'rule.on' : 'rule.off');
  const columns: Column<AlarmRule>[] = [
    {
      id: 'label',
      title: t('rule.name'),
      cell: (rule) => <span className={rule.enabled ? undefined : 'soft'}>{label(rule.label)}</span>,
      text: (rule) => label(rule.label),
    },
    { id: 'when', title: t('rule.condition'), priority: 2, cell: textOf, text: textOf },
    {
      id: 'scope',
      title: t('rule.scope'),
      width: 120,
      priority: 3,
      cell: (rule) => t(`rule.scopeOf.${scopeOf(rule)}`),
      text: (rule) => t(`rule.scopeOf.${scopeOf(rule)}`),
    },
    { id: 'hall', title: t('columns.hall'), width: 160, priority: 2, cell: hallOf, text: hallOf },
    {
      id: 'severity',
      title: t('columns.severity'),
      width: 96,
      cell: (rule) => <SeverityMark severity={rule.severity} />,
      text: (rule) => t(`common:severity.${rule.severity}`),
    },
    { id: 'enabled', title: t('rule.state'), width: 88, cell: onOff, text: onOff },
  ];
  const add = may('alarm.write') ? (
    <Button type="primary" onClick={() => setAdding(true)}>
      {t('rule.new')}
    </Button>
  ) : undefined;
  const open = list.rows?.find((rule) => rule.id === search.id);
  return (
    <Page title={t('title')} tabs={<AlarmTabs active="rules" />} actions={add} fill>
      <DataTable
        name="alarm-rules"
        label={t('tabs.rules')}
        columns={columns}
        rowKey={(rule) => rule.id}
        {...list}
        openKey={search.id}
        onOpen={(rule) => setSearch({ id: rule.id }, { push: true })}
        empty={<Empty icon="alarm" title={t('rule.none')} hint={t('rule.noneHint')} action={add} />}
      />
      {open ? <RulePanel key={open.id} rule={open} onClose={() => setSearch({ id: undefined })} /> : null}
      {adding ? <RuleForm hallId={hallId} onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}

function scopeOf(rule: AlarmRule): 'device' | 'profile' | 'unit' | 'hall' {
  if (rule.deviceId) return 'device';
  if (isAboutUnit(rule.kind)) return 'unit';
  return rule.profileId ? 'profile' : 'hall';
}

function RulePanel({ rule, onClose }: { rule: AlarmRule; onClose: () => void }) {
  const { t } = useTranslation(['alarms', 'common']);
  const label = useLabel();
  const may = useRights();
  const nameOf = useDeviceName();
  const textOf = useRuleText();
  const places = usePlaces();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [dialog, setDialog] = useState<'edit' | 'delete'>();
  const device = useQuery({ ...deviceQuery(rule.deviceId ?? ''), enabled: rule.deviceId !== null });
  const settle = () => {
    void client.invalidateQueries({ queryKey: ['alarm-rules'] });
    void client.invalidateQueries({ queryKey: ['alarms'] });
  };
  const toggle = useMutation({
    mutationFn: (enabled: boolean) => changeAlarmRule(rule, { enabled }),
    onSettled: settle,
  });
  const remove = useMutation({
    mutationFn: () => deleteAlarmRule(rule),
    onSuccess: () => {
      void message.success(t('rule.deleted'));
      settle();
      onClose();
    },
  });
  const mayWrite = may('alarm.write');
  return (
    <SidePanel
      title={label(rule.label)}
      mark={<SeverityMark severity={rule.severity} />}
      onClose={onClose}
      actions={
        mayWrite ? (
          <>
            <Button onClick={() => setDialog('edit')}>{t('rule.edit')}</Button>
            <Button danger type="text" onClick={() => setDialog('delete')}>
              {t('rule.delete')}
            </Button>
          </>
        ) : undefined
      }
    >
      <Facts
        facts={[
          { label: t('rule.condition'), value: textOf(rule) },
          rule.clearLimit === null
            ? null
            : {
                label: t('rule.clearLimit'),
                value: <Value value={rule.clearLimit} unit={formatUnit(rule.propertyUnit)} />,
              },
          { label: t('rule.scope'), value: t(`rule.scopeOf.${scopeOf(rule)}`) },
          {
            label: t('columns.hall'),
            value: (
              <AppLink to={paths.place(rule.hallId)}>
                {label(places.find((place) => place.id === rule.hallId)?.name) || rule.hallId}
              </AppLink>
            ),
          },
          rule.deviceId
            ? {
                label: t('columns.device'),
                value: (
                  <AppLink to={paths.device(rule.deviceId)}>
                    {device.data ? nameOf(device.data) : rule.deviceId}
                  </AppLink>
                ),
              }
            : null,
          rule.profileId ? { label: t('rule.profile'), value: <code>{rule.profileId}</code> } : null,
          {
            label: t('rule.state'),
            value: mayWrite ? (
              <Switch
                checked={rule.enabled}
                loading={toggle.isPending}
                checkedChildren={t('rule.on')}
                unCheckedChildren={t('rule.off')}
                aria-label={t('rule.state')}
                onChange={(enabled) => toggle.mutate(enabled)}
              />
            ) : (
              t(rule.enabled ? 'rule.on' : 'rule.off')
            ),
          },
        ]}
      />
      <FormProblem error={toggle.error} />
      {dialog === 'edit' ? <RuleForm rule={rule} onClose={() => setDialog(undefined)} /> : null}
      {dialog === 'delete' ? (
        <Modal
          open
          title={t('rule.delete')}
          onCancel={() => setDialog(undefined)}
          okText={t('rule.delete')}
          okButtonProps={{ danger: true }}
          cancelText={t('common:cancel')}
          confirmLoading={remove.isPending}
          onOk={() => remove.mutate()}
        >
          <p>{t('rule.deleteAsk', { name: label(rule.label) })}</p>
          <FormProblem error={remove.error} />
        </Modal>
      ) : null}
    </SidePanel>
  );
}
