import { useTranslation } from 'react-i18next';
import { AppLink } from '../../app/AppLink.js';
import { useRights } from '../../app/session.js';
import { paths } from '../../paths.js';

/** A moment before what is asked for: one sees how it came about. */
const beforeMs = 5_000;

/** To what a camera recorded at a moment; nothing for whoever may not see recordings. */
export function PlaybackLink({
  deviceId,
  at,
  className,
}: {
  deviceId: string;
  at: string | number;
  className?: string;
}) {
  const { t } = useTranslation('playback');
  const may = useRights();
  if (!may('recording.read')) return null;
  const from = new Date(new Date(at).getTime() - beforeMs).toISOString();
  return (
    <AppLink to={paths.playback()} search={{ camera: deviceId, at: from }} {...(className ? { className } : {})}>
      {t('link')}
    </AppLink>
  );
}
