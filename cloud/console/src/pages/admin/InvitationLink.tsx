import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Invited } from '../../api/sign-in.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { Secret } from '../parts/Secret.js';

/** A link that works once, to be sent or printed; it cannot be shown again. */
export function InvitationLink({ name, invitation }: { name: string; invitation: Invited }) {
  const { t } = useTranslation('admin');
  const link = `${window.location.origin}/join#${invitation.token}`;
  return (
    <div className="stack">
      <p className="soft">{t('invitation.lead', { name })}</p>
      <Secret value={link} label={t('invitation.link')} />
      <div className="row row-wrap">
        <span className="faint small grow">
          {t('invitation.ends')} <RelativeTime time={invitation.expiresAt} />
        </span>
        <Button size="small" onClick={() => window.print()}>
          {t('invitation.print')}
        </Button>
      </div>
    </div>
  );
}
