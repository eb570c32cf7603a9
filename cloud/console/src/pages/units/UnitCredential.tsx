import { useTranslation } from 'react-i18next';
import { Secret } from '../parts/Secret.js';

/** What the unit needs to sign in at the cloud. */
export function UnitCredential({ unitId, secret }: { unitId: string; secret: string }) {
  const { t } = useTranslation('units');
  return (
    <div className="stack">
      <p className="soft">{t('secret.lead')}</p>
      <div>
        <div className="faint small">{t('secret.unitId')}</div>
        <Secret value={unitId} label={t('secret.unitId')} />
      </div>
      <div>
        <div className="faint small">{t('secret.secret')}</div>
        <Secret value={secret} label={t('secret.secret')} />
      </div>
    </div>
  );
}
