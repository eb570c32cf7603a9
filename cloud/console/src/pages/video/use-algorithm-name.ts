import type { VisionAlgorithm } from '@hallhub/shared/vision';
import { useTranslation } from 'react-i18next';

/** What an algorithm is called; one that this console does not know yet keeps its own name. */
export function useAlgorithmName(): (algorithm: string) => string {
  const { t, i18n } = useTranslation('video');
  return (algorithm) =>
    i18n.exists(`algorithm.${algorithm}`, { ns: 'video' }) ? t(`algorithm.${algorithm as VisionAlgorithm}`) : algorithm;
}
