import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useEffect, useRef } from 'react';
import { meQuery } from '../api/session.js';
import { setPageZone } from '../format/page-zone.js';
import { Brand } from '../ui/icons.js';
import { ErrorState } from '../ui/states.js';
import { LiveProvider } from './live.js';
import { Shell } from './Shell.js';
import { leftKey } from './use-leave.js';
import { useZone } from './use-place.js';

const SignInPage = lazy(() => import('../pages/sign-in/SignInPage.js'));
const JoinPage = lazy(() => import('../pages/sign-in/JoinPage.js'));
const SecondFactorDuePage = lazy(() => import('../pages/sign-in/SecondFactorDuePage.js'));
const NewPasswordPage = lazy(() => import('../pages/sign-in/NewPasswordPage.js'));

function Boot() {
  return (
    <div className="boot" aria-busy="true">
      <div className="boot-nav">
        <Brand size={26} />
      </div>
      <div className="boot-main">
        <div className="boot-top" />
      </div>
    </div>
  );
}

/** Nobody signed in: the sign-in stands at the address that was asked for, which then opens. */
export function Gate({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const me = useQuery(meQuery);
  const wasIn = useRef(false);
  const isIn = Boolean(me.data);
  useEffect(() => {
    if (!isIn) return;
    wasIn.current = true;
    client.removeQueries({ queryKey: leftKey });
  }, [client, isIn]);
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  if (pathname === '/join') {
    return (
      <Suspense fallback={null}>
        <JoinPage />
      </Suspense>
    );
  }
  if (me.data === undefined) {
    return me.error ? <ErrorState error={me.error} onRetry={() => void me.refetch()} /> : <Boot />;
  }
  if (me.data === null || me.data.user.mustChangePassword) {
    return (
      <Suspense fallback={null}>
        {me.data ? (
          <NewPasswordPage userName={me.data.user.userName} minLength={me.data.signIn.passwordMinLength} />
        ) : (
          <SignInPage hasEnded={wasIn.current && !client.getQueryData(leftKey)} />
        )}
      </Suspense>
    );
  }
  if (me.data.signIn.secondFactorDue) {
    return (
      <Suspense fallback={null}>
        <SecondFactorDuePage />
      </Suspense>
    );
  }
  // Pages for the hand that holds a telephone bring a frame of their own.
  const page = pathname.startsWith('/m/') ? children : <Shell>{children}</Shell>;
  return (
    <LiveProvider>
      <Zoned>{page}</Zoned>
    </LiveProvider>
  );
}

/** Every time on the page is the hall's. */
function Zoned({ children }: { children: ReactNode }) {
  setPageZone(useZone());
  return children;
}
