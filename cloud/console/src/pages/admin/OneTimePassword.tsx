import { useTranslation } from 'react-i18next';
import { Secret } from '../parts/Secret.js';

/** A password that opens the door once, to be handed over in person. */
export function OneTimePassword({ userName, password }: { userName: string; password: string }) {
  const { t } = useTranslation('admin');
  return (
    <div className="stack">
      <p className="soft">{t('oneTime.lead', { userName })}</p>
      <Secret value={password} label={t('oneTime.label')} />
    </div>
  );
}
