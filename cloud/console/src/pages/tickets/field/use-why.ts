import { type Refusal, refusals } from '@hallhub/shared/ticket';
import { useTranslation } from 'react-i18next';

const isRefusal = (code: string): code is Refusal => (refusals as readonly string[]).includes(code);

/** Why something that was kept was refused. */
export function useWhy(): (code: string | undefined) => string {
  const { t } = useTranslation('tickets');
  return (code) => {
    if (code === undefined) return '';
    if (isRefusal(code)) return t(`refused.${code}`, { names: '', number: '', time: '' });
    if (code === 'precondition_failed') return t('batch.why.conflict');
    if (code === 'not_found') return t('batch.why.not_found');
    return code === 'forbidden' ? t('batch.why.forbidden') : t('outbox.other', { code });
  };
}
