import { useTranslation } from 'react-i18next';
import type { Unit } from '../../api/units.js';
import { Stale } from '../../ui/states.js';

/** An unreachable unit goes on working; what is shown of it is as it was. */
export function UnitStale({ unit }: { unit: Unit }) {
  const { t } = useTranslation('units');
  if (unit.presence === 'online' || !unit.lastSeenAt) return null;
  return <Stale since={unit.lastSeenAt} why={t('stale')} />;
}
