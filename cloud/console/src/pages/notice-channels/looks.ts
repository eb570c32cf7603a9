import { useTranslation } from 'react-i18next';
import type { DeliveryState, NoticeChannel } from '../../api/notice-channels.js';
import type { StatusLook } from '../../ui/StatusMark.js';

export const channelLooks: Record<NoticeChannel['state'], StatusLook> = {
  working: { tone: 'quiet', shape: 'dot' },
  untried: { tone: 'quiet', shape: 'dashed' },
  failing: { tone: 'bad', shape: 'triangle' },
  off: { tone: 'quiet', shape: 'cross' },
  gave_up: { tone: 'bad', shape: 'cross' },
};

export const deliveryLooks: Record<DeliveryState | 'read' | 'unread', StatusLook> = {
  waiting: { tone: 'note', shape: 'half' },
  sent: { tone: 'quiet', shape: 'dot' },
  delivered: { tone: 'quiet', shape: 'check' },
  failed: { tone: 'bad', shape: 'triangle' },
  unknown: { tone: 'warn', shape: 'dashed' },
  skipped: { tone: 'quiet', shape: 'cross' },
  digested: { tone: 'quiet', shape: 'square' },
  dropped: { tone: 'quiet', shape: 'cross' },
  unread: { tone: 'quiet', shape: 'ring' },
  read: { tone: 'quiet', shape: 'check' },
};

/** Why something did not go out, in plain words; what a provider says by a code of its own stays that. */
export const useWhy = () => {
  const { t } = useTranslation('noticeChannels');
  return (code: string | null): string => {
    if (code === null) return '';
    if (code.startsWith('receipt_')) return t('why.receipt', { code: code.slice('receipt_'.length) });
    return t(`why.${code}` as 'why.auth', { defaultValue: code });
  };
};
