import { useTranslation } from 'react-i18next';
import type { Alarm } from '../../api/alarms.js';
import { useLabel } from '../../i18n/use-language.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import type { Column } from '../../ui/table/DataTable.js';
import { SeverityMark } from '../parts/marks.js';
import { AlarmState } from './AlarmState.js';
import { alarmState } from './alarm-state.js';

/** The columns of a list of alarms. What is over is quiet. */
export function useAlarmColumns(): Column<Alarm>[] {
  const { t } = useTranslation(['alarms', 'common']);
  const label = useLabel();
  return [
    {
      id: 'severity',
      title: t('columns.severity'),
      width: 96,
      cell: (alarm) =>
        alarm.clearedAt ? (
          <span className="soft">{t(`common:severity.${alarm.severity}`)}</span>
        ) : (
          <SeverityMark severity={alarm.severity} />
        ),
      text: (alarm) => t(`common:severity.${alarm.severity}`),
    },
    {
      id: 'message',
      title: t('columns.message'),
      cell: (alarm) => (
        <>
          <span className={alarm.clearedAt ? 'soft' : undefined}>{label(alarm.message)}</span>
          <span className="faint"> · {alarm.deviceName ?? alarm.unitName}</span>
        </>
      ),
      text: (alarm) => `${label(alarm.message)} · ${alarm.deviceName ?? alarm.unitName}`,
    },
    {
      id: 'state',
      title: t('columns.state'),
      width: 112,
      priority: 2,
      cell: (alarm) => <AlarmState alarm={alarm} />,
      text: (alarm) => t(`state.${alarmState(alarm)}`),
    },
    {
      id: 'hall',
      title: t('columns.hall'),
      width: 150,
      priority: 2,
      cell: (alarm) => label(alarm.hallName),
      text: (alarm) => label(alarm.hallName),
    },
    {
      id: 'raised',
      title: t('columns.raised'),
      width: 112,
      priority: 2,
      cell: (alarm) => <RelativeTime time={alarm.raisedAt} />,
      text: (alarm) => alarm.raisedAt,
    },
    {
      id: 'count',
      title: t('columns.count'),
      width: 72,
      priority: 3,
      align: 'end',
      cell: (alarm) => alarm.count,
      text: (alarm) => String(alarm.count),
    },
  ];
}
