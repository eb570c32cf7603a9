import { useTranslation } from 'react-i18next';
import type { AnalysisState } from '../../../api/vision.js';
import { type StatusLook, StatusMark } from '../../../ui/StatusMark.js';

/** Normal is grey; what somebody has to mend is amber. */
export const analysisLooks: Record<AnalysisState, StatusLook> = {
  not_set_up: { tone: 'quiet', shape: 'dashed' },
  off: { tone: 'quiet', shape: 'ring' },
  unknown: { tone: 'quiet', shape: 'dashed' },
  waiting: { tone: 'accent', shape: 'half' },
  watching: { tone: 'quiet', shape: 'dot' },
  no_pictures: { tone: 'bad', shape: 'cross' },
  no_model: { tone: 'warn', shape: 'triangle' },
  no_address: { tone: 'warn', shape: 'triangle' },
};

/** What becomes of a camera’s pictures. */
export function AnalysisMark({ state, bare }: { state: AnalysisState; bare?: boolean }) {
  const { t } = useTranslation('cameras');
  return <StatusMark {...analysisLooks[state]} word={t(`analysis.${state}`)} {...(bare ? { bare } : {})} />;
}
