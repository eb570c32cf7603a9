import type { Severity } from '@hallhub/shared/thing';
import type { CommandState, DeviceState } from '@hallhub/shared/wire';
import { useTranslation } from 'react-i18next';
import type { DeviceSummary } from '../../api/devices.js';
import type { DevicePresence } from '../../api/presence.js';
import type { Unit } from '../../api/units.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { commandLooks, deviceStateLooks, presenceLooks, severityLooks, unitLooks } from '../looks.js';
import { useCodeWord } from './words.js';

interface PresenceMarkProps {
  presence: DevicePresence;
  reason?: string | null | undefined;
  bare?: boolean;
}

export function PresenceMark({ presence, reason, bare }: PresenceMarkProps) {
  const { t } = useTranslation();
  const word = useCodeWord();
  const said = t(`presence.${presence}`);
  return (
    <StatusMark
      {...presenceLooks[presence]}
      word={said}
      {...(bare ? { bare } : {})}
      {...(reason ? { title: `${said} · ${word('reason', reason)}` } : {})}
    />
  );
}

/** A device's most telling state: waiting or retired first; behind an unreachable unit nobody knows; then online or not. */
export function DeviceMark({ device, bare }: { device: DeviceSummary; bare?: boolean }) {
  const { t } = useTranslation();
  if (device.state === 'active' && device.stale) {
    return (
      <StatusMark
        {...presenceLooks.unknown}
        word={t('presence.unknown')}
        title={t('presenceStale', { state: t(`presence.${device.presence}`) })}
      />
    );
  }
  return device.state === 'active' ? (
    <PresenceMark presence={device.presence} reason={device.presenceReason} {...(bare ? { bare } : {})} />
  ) : (
    <DeviceStateMark state={device.state} />
  );
}

export function DeviceStateMark({ state }: { state: DeviceState }) {
  const { t } = useTranslation();
  return <StatusMark {...deviceStateLooks[state]} word={t(`deviceState.${state}`)} />;
}

export function UnitMark({ unit }: { unit: Pick<Unit, 'presence' | 'presenceReason'> & { state?: Unit['state'] } }) {
  const { t } = useTranslation();
  const word = useCodeWord();
  if (unit.state === 'new') return <StatusMark tone="accent" shape="ring" word={t('unitNew')} />;
  const said = t(`presence.${unit.presence}`);
  return (
    <StatusMark
      {...unitLooks[unit.presence]}
      word={said}
      title={unit.presenceReason ? `${said} · ${word('reason', unit.presenceReason)}` : said}
    />
  );
}

export function SeverityMark({ severity, bare }: { severity: Severity; bare?: boolean }) {
  const { t } = useTranslation();
  return <StatusMark {...severityLooks[severity]} word={t(`severity.${severity}`)} {...(bare ? { bare } : {})} />;
}

export function CommandMark({ state, provisional }: { state: CommandState; provisional?: boolean }) {
  const { t } = useTranslation('commands');
  return (
    <StatusMark
      {...commandLooks[state]}
      word={provisional ? t('provisional') : t(`state.${state}`)}
      title={t(`stateHelp.${state}`)}
    />
  );
}
