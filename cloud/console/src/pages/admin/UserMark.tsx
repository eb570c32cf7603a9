import { useTranslation } from 'react-i18next';
import type { User } from '../../api/people.js';
import { StatusMark } from '../../ui/StatusMark.js';

const looks = {
  active: { tone: 'quiet', shape: 'dot' },
  disabled: { tone: 'quiet', shape: 'ring' },
  locked: { tone: 'warn', shape: 'triangle' },
} as const;

export function UserMark({ state }: { state: User['state'] }) {
  const { t } = useTranslation('admin');
  return <StatusMark {...looks[state]} word={t(`userState.${state}`)} />;
}
