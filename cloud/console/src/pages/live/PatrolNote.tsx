import type { LiveSight } from '@hallhub/shared/vision';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNow } from '../../ui/use-now.js';

/** Where the tour is, or when it goes on. */
export function PatrolNote({ sight }: { sight: LiveSight }) {
  const { t } = useTranslation('live');
  const { patrol } = sight;
  const now = useNow(1_000);
  const [heard, setHeard] = useState({ patrol, at: now });
  if (heard.patrol !== patrol) setHeard({ patrol, at: Date.now() });
  if (!patrol) return null;
  const seconds = Math.max(0, Math.ceil(((patrol.forMs ?? 0) - (now - heard.at)) / 1_000));
  const name = sight.presets.find(({ token }) => token === patrol.preset)?.name ?? patrol.preset ?? '';
  return <p className="small">{t(`patrol.${patrol.state}`, { name, seconds })}</p>;
}
