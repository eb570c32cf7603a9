import type { Property } from '@hallhub/shared/thing';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { historyQuery } from '../../api/devices.js';
import { historyView } from '../../thing/history-view.js';
import { Skeleton } from '../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { parseRange, toHistoryRange } from '../parts/time-range.js';
import { NumberHistory } from './NumberHistory.js';
import { TextHistory } from './TextHistory.js';
import { WordHistory } from './WordHistory.js';

interface PropertyHistoryProps {
  deviceId: string;
  /** The device is there now, so its last reading still holds. */
  present: boolean;
  property: Property;
  /** A counter’s differences instead of its value. */
  increments: boolean;
  range: string | undefined;
  zone?: string | undefined;
}

/** The past of one property: a line or bars for numbers, a band of states for words, a list for texts. */
export function PropertyHistory({ deviceId, present, property, increments, range, zone }: PropertyHistoryProps) {
  const { t } = useTranslation('devices');
  const span = parseRange(range, Date.now());
  const query = useQuery({
    ...historyQuery(deviceId, property.id, toHistoryRange(span)),
    placeholderData: (before) => (before?.property === property.id ? before : undefined),
    refetchInterval: span.key ? 60_000 : false,
  });
  if (query.error && !query.data) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />;
  }
  if (!query.data) return <Skeleton height={260} />;
  if (query.data.points.length === 0 && !query.data.before) {
    return <Empty title={t('history.none')} hint={t('history.noneHint')} />;
  }
  const { fromMs, toMs } = span;
  const past = { property, history: query.data, fromMs, toMs, zone };
  switch (historyView(property)) {
    case 'states':
      return <WordHistory {...past} />;
    case 'texts':
      return <TextHistory {...past} />;
    default:
      return <NumberHistory {...past} present={present} increments={increments} />;
  }
}
