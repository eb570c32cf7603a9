import { useTranslation } from 'react-i18next';
import type { Decision } from '../../api/review.js';
import { type StatusLook, StatusMark } from '../../ui/StatusMark.js';

const looks: Record<Decision | 'open', StatusLook> = {
  open: { tone: 'accent', shape: 'ring' },
  accepted: { tone: 'quiet', shape: 'check' },
  below_standard: { tone: 'quiet', shape: 'half' },
  already_left: { tone: 'quiet', shape: 'ring' },
  duplicate: { tone: 'quiet', shape: 'dashed' },
  false: { tone: 'quiet', shape: 'cross' },
};

/** What was decided, or that it waits. */
export function DecisionMark({ decision }: { decision: Decision | null }) {
  const { t } = useTranslation('video');
  return <StatusMark {...looks[decision ?? 'open']} word={t(`decision.${decision ?? 'open'}`)} />;
}
