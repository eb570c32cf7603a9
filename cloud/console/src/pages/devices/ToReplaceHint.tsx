import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { devicesToReplaceQuery } from '../../api/auto-tickets.js';
import { AppLink } from '../../app/AppLink.js';
import { paths } from '../../paths.js';
import { StatusMark } from '../../ui/StatusMark.js';

const shown = 5;

/** Above the devices: which failed three times within thirty days. Nothing where none did, or the reader may not know. */
export function ToReplaceHint() {
  const { t } = useTranslation('autoTickets');
  const { data } = useQuery(devicesToReplaceQuery);
  if (!data || data.items.length === 0) return null;
  return (
    <p className="to-replace small" role="status">
      <StatusMark tone="warn" shape="triangle" word={t('device.toReplace', { count: data.items.length })} />
      {data.items.slice(0, shown).map((one) => (
        <AppLink key={one.deviceId} to={paths.device(one.deviceId)} search={{ tab: 'repairs' }}>
          {t('device.toReplaceOne', { name: one.name, hall: one.hallName, count: one.failures })}
        </AppLink>
      ))}
      {data.items.length > shown ? <span className="soft">…</span> : null}
    </p>
  );
}
