import { useQuery } from '@tanstack/react-query';
import { App } from 'antd';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ReviewDetail } from '../../api/review.js';
import { type Look, lookAway, lookQuery } from '../../api/review-desk.js';
import { useMe } from '../../app/session.js';

/** Who else has this item open. Says that this person has, while the item waits for a decision, and looks away at the end. */
export function useOnlookers(itemId: string, isOpen: boolean): Look['others'] {
  const query = useQuery({ ...lookQuery(itemId), enabled: isOpen });
  useEffect(() => {
    if (!isOpen) return;
    // Whoever closes the tab looks away by silence.
    return () => void lookAway(itemId).catch(() => undefined);
  }, [itemId, isOpen]);
  return isOpen ? (query.data?.others ?? []) : [];
}

/** Says it when somebody else decides the item under one's eyes. */
export function useDecidedByOther(item: ReviewDetail | undefined): void {
  const { t } = useTranslation(['review', 'video']);
  const { message } = App.useApp();
  const me = useMe();
  const before = useRef<string>(undefined);
  useEffect(() => {
    if (!item) return;
    const wasOpen = before.current === `${item.id} open`;
    before.current = `${item.id} ${item.state}`;
    if (!wasOpen || item.state !== 'decided' || !item.decision || item.decidedBy === me.user.userName) return;
    const decision = t(`video:decision.${item.decision}`);
    void message.info(t('look.decidedBy', { name: item.decidedBy ?? '', decision }), 6);
  }, [item, me, message, t]);
}
