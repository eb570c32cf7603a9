import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { deviceQuery } from '../../api/devices.js';
import { useRights } from '../../app/session.js';
import { useLabel } from '../../i18n/use-language.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { Facts } from '../parts/Facts.js';
import { DeviceStateMark } from '../parts/marks.js';
import { Reason } from '../parts/Reason.js';
import { useCodeWord } from '../parts/words.js';
import { Decision } from './Decision.js';
import { useDeviceName } from './device-name.js';

/** Who is at the door, and the decision. */
export function PendingPanel({ deviceId, onClose }: { deviceId: string; onClose: () => void }) {
  const { t } = useTranslation('devices');
  const label = useLabel();
  const word = useCodeWord();
  const nameOf = useDeviceName();
  const may = useRights();
  const query = useQuery(deviceQuery(deviceId));
  const device = query.data;
  if (!device) {
    return (
      <SidePanel title={t('tabs.pending')} onClose={onClose}>
        {query.error ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
        ) : (
          <SkeletonLines lines={8} />
        )}
      </SidePanel>
    );
  }
  const identity = device.identity as Record<string, string | undefined>;
  return (
    <SidePanel title={nameOf(device)} mark={<DeviceStateMark state={device.state} />} onClose={onClose}>
      <Facts
        facts={[
          { label: t('fact.vendor'), value: device.vendor },
          { label: t('fact.model'), value: device.model },
          { label: t('fact.serial'), value: <code>{device.serial}</code> },
          identity.firmware ? { label: t('fact.firmware'), value: identity.firmware } : null,
          { label: t('fact.protocol'), value: word('protocol', device.protocol) },
          { label: t('columns.hall'), value: label(device.hallName) },
          { label: t('fact.unit'), value: label(device.unitName) },
          device.reason
            ? {
                label: t('pending.why'),
                value: <Reason reason={device.reason} />,
              }
            : null,
          {
            label: t('pending.match'),
            value: device.profile ? (
              label(device.profile.name) || device.profile.id
            ) : (
              <span className="soft">{t('pending.noMatch')}</span>
            ),
          },
        ]}
      />
      {device.state !== 'quarantined' ? (
        <p className="soft decision">{t('pending.decided')}</p>
      ) : may('device.approve') ? (
        <Decision device={device} onDone={onClose} />
      ) : (
        <p className="soft decision">{t('pending.noApprove')}</p>
      )}
    </SidePanel>
  );
}
