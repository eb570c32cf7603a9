import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type Alarm, acknowledgeAlarm, alarmsQuery } from '../../api/alarms.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { usePlace } from '../../app/use-place.js';
import { Page } from '../../ui/Page.js';
import { useProblemText } from '../../ui/problem-text.js';
import { Empty } from '../../ui/states.js';
import { DataTable } from '../../ui/table/DataTable.js';
import { FilterChoice } from '../parts/FilterChoice.js';
import { useListing } from '../parts/list-state.js';
import { SeverityMark } from '../parts/marks.js';
import { AlarmPanel } from './AlarmPanel.js';
import { AlarmTabs } from './AlarmTabs.js';
import { useAlarmColumns } from './alarm-columns.js';

const severities = ['critical', 'warning', 'notice', 'info'] as const;
const states = ['open', 'acknowledged', 'cleared'] as const;

const searchSchema = z.object({
  state: oneOf(states),
  severity: oneOf(severities),
  device: anyText,
  id: anyText,
});

/** Alarms, open and severe first; `e` acknowledges the one under the cursor. */
export default function AlarmsPage() {
  const { t } = useTranslation('alarms');
  const { hallId } = usePlace();
  const may = useRights();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [search, setSearch] = useSearchState(searchSchema);
  const columns = useAlarmColumns();
  const list = useListing(
    alarmsQuery({ hallId, state: search.state, severity: search.severity, deviceId: search.device }),
  );
  const acknowledge = useMutation({
    mutationFn: (alarms: Alarm[]) => Promise.all(alarms.map((alarm) => acknowledgeAlarm(alarm.id, {}))),
    onSuccess: (done) => message.success(t('acknowledgedSome', { count: done.length })),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['alarms'] });
      void client.invalidateQueries({ queryKey: ['overview'] });
    },
  });
  const problem = useProblemText(acknowledge.error);
  const waiting = (alarms: Alarm[]) => alarms.filter((alarm) => !alarm.acknowledgedAt);
  const mayAcknowledge = may('alarm.acknowledge');
  const filtered = Boolean(search.state || search.severity || search.device);
  return (
    <Page title={t('title')} tabs={<AlarmTabs active="alarms" />} fill>
      <DataTable
        name="alarms"
        label={t('title')}
        columns={columns}
        rowKey={(alarm) => alarm.id}
        {...list}
        openKey={search.id}
        onOpen={(alarm) => setSearch({ id: alarm.id }, { push: true })}
        {...(mayAcknowledge
          ? {
              act: {
                does: t('acknowledge'),
                run: (alarm: Alarm) => {
                  if (!alarm.acknowledgedAt) acknowledge.mutate([alarm]);
                },
              },
              bulk: (alarms: Alarm[], clear: () => void) => (
                <Button
                  size="small"
                  disabled={waiting(alarms).length === 0}
                  loading={acknowledge.isPending}
                  onClick={() => acknowledge.mutate(waiting(alarms), { onSuccess: clear })}
                >
                  {t('acknowledgeSome', { count: waiting(alarms).length })}
                </Button>
              ),
            }
          : {})}
        tools={
          <>
            <FilterChoice
              label={t('filter.state')}
              value={search.state}
              options={states.map((value) => ({ value, label: t(`state.${value}`) }))}
              onChange={(state) => setSearch({ state })}
            />
            <FilterChoice
              label={t('filter.severity')}
              value={search.severity}
              options={severities.map((value) => ({ value, label: <SeverityMark severity={value} /> }))}
              onChange={(severity) => setSearch({ severity })}
            />
            {search.device ? (
              <Button size="small" onClick={() => setSearch({ device: undefined })}>
                {t('filter.oneDevice')} ✕
              </Button>
            ) : null}
            {acknowledge.error ? (
              <span role="alert" className="problem-inline">
                {problem.what} {problem.next}
              </span>
            ) : null}
          </>
        }
        empty={
          filtered ? (
            <Empty icon="filter" title={t('none.title')} hint={t('none.hint')} />
          ) : (
            <Empty icon="alarm" title={t('empty.title')} hint={t('empty.hint')} />
          )
        }
      />
      {search.id ? (
        <AlarmPanel key={search.id} alarmId={search.id} onClose={() => setSearch({ id: undefined })} />
      ) : null}
    </Page>
  );
}
