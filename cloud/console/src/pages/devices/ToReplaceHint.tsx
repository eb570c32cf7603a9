import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { devicesToReplaceQuery } from '../../api/auto-tickets.js';
import { AppLink } from '../../app/AppLink.js';
import { paths } from '../../paths.js';
import { StatusMark } from '../../ui/StatusMark.js';

const shown = 5;

/** Above the devices, of the hall that was chosen: which failed three times within thirty days. Nothing where none did, or the reader may not know. */
export function ToReplaceHint({ hallId }: { hallId: string | undefined }) {
  const { t } = useTranslation('autoTickets');
  const [isWhole, setWhole] = useState(false);
  const { data } = useQuery(devicesToReplaceQuery);
  const items = data?.items.filter((one) => hallId === undefined || one.hallId === hallId) ?? [];
  if (items.length === 0) return null;
  return (
    <div className="to-replace small">
      <span role="status">
        <StatusMark tone="warn" shape="triangle" word={t('device.toReplace', { count: items.length })} />
      </span>
      {items.slice(0, isWhole ? undefined : shown).map((one) => (
        <AppLink key={one.deviceId} to={paths.device(one.deviceId)} search={{ tab: 'repairs' }}>
          {t('device.toReplaceOne', { name: one.name, hall: one.hallName, count: one.failures })}
        </AppLink>
      ))}
      {items.length > shown ? (
        <Button size="small" type="link" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? t('device.toReplaceFew') : t('device.toReplaceAll', { count: items.length })}
        </Button>
      ) : null}
    </div>
  );
}
