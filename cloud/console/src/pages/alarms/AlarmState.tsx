import { useTranslation } from 'react-i18next';
import type { Alarm } from '../../api/alarms.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { alarmState } from './alarm-state.js';

const looks = {
  open: { tone: 'accent', shape: 'ring' },
  acknowledged: { tone: 'quiet', shape: 'half' },
  cleared: { tone: 'quiet', shape: 'check' },
} as const;

export function AlarmState({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation('alarms');
  const state = alarmState(alarm);
  return <StatusMark {...looks[state]} word={t(`state.${state}`)} />;
}
