import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { unitPresenceQuery } from '../../api/units.js';
import { PresenceLog } from '../parts/PresenceLog.js';

const weekMs = 7 * 24 * 3_600_000;

/** When the unit's link stood and when not, in the last seven days. */
export function UnitPresenceLog({ unitId, zone }: { unitId: string; zone: string | undefined }) {
  const { t } = useTranslation('common');
  const [span] = useState(() => ({ fromMs: Date.now() - weekMs, toMs: Date.now() }));
  const query = useQuery(
    unitPresenceQuery(unitId, new Date(span.fromMs).toISOString(), new Date(span.toMs).toISOString()),
  );
  return (
    <PresenceLog
      steps={query.data}
      error={query.error}
      onRetry={() => void query.refetch()}
      {...span}
      zone={zone}
      look={(state) =>
        state === 'online'
          ? { tone: 'quiet', word: t('presence.online') }
          : { tone: 'bad', word: t('presence.offline') }
      }
    />
  );
}
