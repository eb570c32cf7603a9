import { type Refusal, refusals } from '@hallhub/shared/ticket';
import { useTranslation } from 'react-i18next';
import type { BatchResult } from '../../../api/tickets.js';

const isRefusal = (code: string): code is Refusal => (refusals as readonly string[]).includes(code);

/** Why one of several was left as it was. */
export function useBatchWhy(): (result: BatchResult) => string {
  const { t } = useTranslation('tickets');
  return ({ code, message }) => {
    if (code === null) return message ?? '';
    if (isRefusal(code)) return t(`refused.${code}`, { names: '', number: '', time: '' });
    if (code === 'conflict' || code === 'precondition_failed') return t('batch.why.conflict');
    if (code === 'not_found') return t('batch.why.not_found');
    return code === 'forbidden' ? t('batch.why.forbidden') : (message ?? code);
  };
}
