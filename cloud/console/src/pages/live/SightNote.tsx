import type { LiveSight } from '@hallhub/shared/vision';
import { useTranslation } from 'react-i18next';

/** Where a camera that turns looks, and in whose hand it is; nothing of one that stands. */
export function SightNote({ sight }: { sight: LiveSight }) {
  const { t } = useTranslation('live');
  const text = useSightText(sight);
  if (sight.state === 'fixed' || (isWatchedAsItStands(sight) && !sight.steering)) return null;
  return (
    <span className="live-sight" role="status">
      {sight.steering ? t('sight.steeredBy', { name: sight.steering.by }) : text}
    </span>
  );
}

/** At no preset, and none is meant: its rules go on. */
const isWatchedAsItStands = ({ state, viewIds }: LiveSight) =>
  (state === 'elsewhere' || state === 'unknown') && viewIds.length > 0;

export function useSightText(sight: LiveSight): string {
  const { t } = useTranslation('live');
  if (isWatchedAsItStands(sight)) return t('sight.asItStands');
  if (sight.state !== 'at') return t(`sight.${sight.state}`);
  const name = sight.presets.find(({ token }) => token === sight.preset)?.name ?? sight.preset;
  return t('sight.at', { name });
}
