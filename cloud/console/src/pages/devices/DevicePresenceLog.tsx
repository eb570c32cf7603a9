import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Device, devicePresenceQuery } from '../../api/devices.js';
import type { DevicePresence } from '../../api/presence.js';
import { PresenceLog } from '../parts/PresenceLog.js';

const weekMs = 7 * 24 * 3_600_000;
const tones = { online: 'quiet', degraded: 'warn', offline: 'bad', unknown: 'none' } as const;

interface DevicePresenceLogProps {
  device: Device;
  zone: string | undefined;
}

/** When the device was there and when not in the last seven days, and on what evidence. */
export function DevicePresenceLog({ device, zone }: DevicePresenceLogProps) {
  const { t } = useTranslation('common');
  const [span] = useState(() => ({ fromMs: Date.now() - weekMs, toMs: Date.now() }));
  const query = useQuery(
    devicePresenceQuery(device.id, new Date(span.fromMs).toISOString(), new Date(span.toMs).toISOString()),
  );
  return (
    <PresenceLog
      steps={query.data}
      error={query.error}
      onRetry={() => void query.refetch()}
      {...span}
      zone={zone}
      look={(state) => ({
        tone: tones[state as DevicePresence] ?? 'none',
        word: state in tones ? t(`presence.${state as DevicePresence}`) : state,
      })}
    />
  );
}
