import { Button, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import type { ChannelSecret } from '../../api/notice-channels.js';
import { Secret } from '../parts/Secret.js';

/** What the other side needs, this once. It closes only on purpose. */
export function SecretModal({ secret, onClose }: { secret: ChannelSecret; onClose: () => void }) {
  const { t } = useTranslation('noticeChannels');
  const { channel } = secret;
  if (secret.secret === null) return null;
  return (
    <Modal
      open
      title={t('secret.title', { name: channel.name })}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      footer={
        <Button type="primary" onClick={onClose}>
          {t('secret.kept')}
        </Button>
      }
    >
      <div className="stack">
        <p>{t('secret.lead')}</p>
        <Secret value={secret.secret} label={t('secret.label')} />
        {channel.receiptsPath ? (
          <>
            <span className="soft">{t('receiptsPath')}</span>
            <Secret value={`${location.origin}${channel.receiptsPath}`} label={t('receiptsPath')} />
          </>
        ) : null}
        {channel.oldSecretUntil ? <p className="soft">{t('secret.old')}</p> : null}
      </div>
    </Modal>
  );
}
