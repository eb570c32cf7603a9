import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { User } from '../../api/people.js';
import {
  endSessionsOf,
  type PersonSignIn as Facts,
  personSignInQuery,
  renewInvitation,
  resetSecondFactor,
  withdrawInvitation,
} from '../../api/sign-in.js';
import { useMe } from '../../app/session.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { browserName } from '../me/browser-name.js';
import { FormProblem } from '../parts/FormProblem.js';
import { InvitationLink } from './InvitationLink.js';

/** How a person signs in: invitation, second factor, open sessions. */
export function PersonSignIn({ user }: { user: User }) {
  const { t } = useTranslation('admin');
  const query = useQuery(personSignInQuery(user.id));
  return (
    <section aria-label={t('personSignIn.title')} className="stack">
      <h3 className="soft">{t('personSignIn.title')}</h3>
      {query.data ? <Details user={user} facts={query.data} /> : null}
      {query.isLoading ? <SkeletonLines lines={3} /> : null}
      <FormProblem error={query.error} />
    </section>
  );
}

function Details({ user, facts }: { user: User; facts: Facts }) {
  const { t } = useTranslation('admin');
  const me = useMe();
  const client = useQueryClient();
  const { message } = App.useApp();
  const refresh = () => client.invalidateQueries({ queryKey: personSignInQuery(user.id).queryKey });
  const renew = useMutation({ mutationFn: () => renewInvitation(user.id), onSuccess: refresh });
  const withdraw = useMutation({ mutationFn: () => withdrawInvitation(user.id), onSuccess: refresh });
  const reset = useMutation({
    mutationFn: () => resetSecondFactor(user.id),
    onSuccess: () => {
      void refresh();
      void message.success(t('personSignIn.factorGone'));
    },
  });
  const end = useMutation({
    mutationFn: (sessionId: string | undefined) => endSessionsOf(user.id, sessionId),
    onSettled: refresh,
  });
  const self = me.user.id === user.id;
  const { invitation, secondFactor, sessions } = facts;
  return (
    <>
      {facts.hasPassword ? null : (
        <div className="stack">
          {renew.data ? <InvitationLink name={user.displayName} invitation={renew.data} /> : null}
          <p className="soft">
            {t(
              !invitation
                ? facts.signOns.length > 0
                  ? 'personSignIn.onlySignOn'
                  : 'personSignIn.noWayIn'
                : invitation.expired
                  ? 'personSignIn.invitationOver'
                  : 'personSignIn.invited',
            )}
          </p>
          <div className="row row-wrap">
            <Button loading={renew.isPending} onClick={() => renew.mutate()}>
              {t('personSignIn.newLink')}
            </Button>
            {invitation ? (
              <Button loading={withdraw.isPending} onClick={() => withdraw.mutate()}>
                {t('personSignIn.withdraw')}
              </Button>
            ) : null}
          </div>
        </div>
      )}
      {facts.signOns.length > 0 ? <p>{t('personSignIn.linked', { names: facts.signOns.join(', ') })}</p> : null}
      <div className="row row-wrap">
        <span className="grow">
          {t(secondFactor.enrolledAt ? 'personSignIn.factorOn' : 'personSignIn.factorOff')}
          {secondFactor.required && !secondFactor.enrolledAt ? ` · ${t('personSignIn.factorDue')}` : ''}
        </span>
        {secondFactor.enrolledAt && !self ? (
          <Button size="small" danger loading={reset.isPending} onClick={() => reset.mutate()}>
            {t('personSignIn.resetFactor')}
          </Button>
        ) : null}
      </div>
      <FormProblem error={renew.error ?? withdraw.error ?? reset.error ?? end.error} />
      {sessions.length > 0 ? (
        <>
          <div className="row">
            <span className="grow soft">{t('personSignIn.sessions', { count: sessions.length })}</span>
            {sessions.length > 1 && !self ? (
              <Button size="small" loading={end.isPending} onClick={() => end.mutate(undefined)}>
                {t('personSignIn.endAll')}
              </Button>
            ) : null}
          </div>
          <ul className="person-sessions">
            {sessions.map((session) => (
              <li key={session.id} className="row">
                <span className="grow">
                  {browserName(session.userAgent) ?? t('personSignIn.unknownBrowser')}
                  <span className="faint small">
                    {session.ip ? ` · ${session.ip}` : ''} · <RelativeTime time={session.lastSeenAt} />
                  </span>
                </span>
                {session.current ? null : (
                  <Button size="small" loading={end.isPending} onClick={() => end.mutate(session.id)}>
                    {t('personSignIn.end')}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p className="faint">{t('personSignIn.noSessions')}</p>
      )}
    </>
  );
}
