import { useTranslation } from 'react-i18next';
import type { HistoryLine } from '../../api/tickets.js';

/** What does things without being anybody, by the name that is kept of it. */
const machines: Readonly<Record<string, 'system' | 'requester' | 'alarm' | 'rule' | 'mail' | 'form'>> = {
  ...{ 系统: 'system', 诉求人: 'requester', 告警: 'alarm', 自动开单: 'rule', 邮件: 'mail', 网上表单: 'form' },
};

/** Who did something, in the reader’s language where it was no person. */
export function useDoerName(): (by: HistoryLine['by']) => string {
  const { t } = useTranslation(['ticketDesk', 'tickets']);
  return ({ id, name }) => {
    const known = id === null ? machines[name] : undefined;
    return known ? t(`doer.${known}`) : name || t('tickets:line.outside');
  };
}
