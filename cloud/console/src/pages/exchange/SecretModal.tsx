import { Button, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import type { ChannelSecret } from '../../api/exchange.js';
import { Secret } from '../parts/Secret.js';

/** What the other side needs, the secret this once. It closes only on purpose. */
export function SecretModal({ secret, onClose }: { secret: ChannelSecret; onClose: () => void }) {
  const { t } = useTranslation('exchange');
  return (
    <Modal
      open
      title={t('secret.title', { name: secret.channel.name })}
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
        <span className="soft">{t('secret.address')}</span>
        <Secret value={`${location.origin}${secret.channel.ourPath}`} label={t('secret.address')} />
        <span className="soft">{t('secret.key')}</span>
        <Secret value={secret.keyId} label={t('secret.key')} />
        <span className="soft">{t('secret.secret')}</span>
        <Secret value={secret.secret} label={t('secret.secret')} />
        {secret.channel.oldKeyUntil ? <p className="soft">{t('secret.old')}</p> : null}
      </div>
    </Modal>
  );
}
