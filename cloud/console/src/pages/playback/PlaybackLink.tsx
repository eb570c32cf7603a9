import { useTranslation } from 'react-i18next';
import { AppLink } from '../../app/AppLink.js';
import { useRights } from '../../app/session.js';
import { paths } from '../../paths.js';

interface PlaybackLinkProps {
  deviceId: string;
  /** Left out: the newest there is. */
  at?: string | number;
  className?: string;
}

/** A moment before what is asked for: one sees how it came about. */
const beforeMs = 5_000;

/** To what a camera recorded at a moment; nothing for whoever may not see recordings. */
export function PlaybackLink({ deviceId, at, className }: PlaybackLinkProps) {
  const { t } = useTranslation('playback');
  const may = useRights();
  if (!may('recording.read')) return null;
  const from = at === undefined ? undefined : new Date(new Date(at).getTime() - beforeMs).toISOString();
  return (
    <AppLink to={paths.playback()} search={{ camera: deviceId, at: from }} {...(className ? { className } : {})}>
      {t(at === undefined ? 'title' : 'link')}
    </AppLink>
  );
}
