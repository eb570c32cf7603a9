import { useNavigate, useRouterState } from '@tanstack/react-router';
import { Drawer } from 'antd';
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { KeyHints } from '../ui/KeyHints.js';
import { useKeys } from '../ui/keys.js';
import { Stale } from '../ui/states.js';
import { useNow } from '../ui/use-now.js';
import { useLiveStatus } from './live.js';
import { Nav } from './Nav.js';
import { navigation } from './page-table.js';
import { useRights } from './session.js';
import { TopBar } from './TopBar.js';
import './shell.css';

const CommandPalette = lazy(() => import('./CommandPalette.js'));

/** A short loss is no news; after this the page says that it is old. */
const staleAfterMs = 8_000;

function StaleLine() {
  const { t } = useTranslation('shell');
  const { state, sinceMs } = useLiveStatus();
  const now = useNow(2_000);
  if (state === 'live' || now - sinceMs < staleAfterMs) return null;
  return (
    <div className="shell-stale">
      <Stale since={sinceMs} why={t('live.staleWhy')} />
    </div>
  );
}

/** The frame around every page. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation('shell');
  const may = useRights();
  const navigate = useNavigate();
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const [palette, setPalette] = useState(false);
  const [hints, setHints] = useState(false);
  const [drawer, setDrawer] = useState(false);
  const [leader, setLeader] = useState(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever was open closes when the page changes
  useEffect(() => {
    setDrawer(false);
    setPalette(false);
  }, [pathname]);
  useEffect(() => {
    if (!leader) return;
    const timer = setTimeout(() => setLeader(false), 1_200);
    return () => clearTimeout(timer);
  }, [leader]);

  const reachable = navigation.flatMap((row) => {
    const target = row.to.find((one) => may(one.right));
    return target ? [{ ...row, path: target.path }] : [];
  });
  useKeys([
    { key: 'mod+k', does: t('keys.palette'), run: () => setPalette(true), inFields: true },
    { key: '?', does: t('keys.help'), run: () => setHints(true) },
    {
      key: '/',
      does: t('keys.filter'),
      run: () => document.querySelector<HTMLElement>('[data-filter] input, input[data-filter]')?.focus(),
    },
    { key: 'g', does: t('keys.go'), run: () => setLeader(true) },
    ...(leader
      ? reachable.map((row) => ({
          key: row.go,
          does: t(`nav.${row.key}`),
          run: () => {
            setLeader(false);
            void navigate({ to: row.path as string });
          },
        }))
      : []),
  ]);

  return (
    <div className="shell">
      <a className="skip-link" href="#content">
        {t('skip')}
      </a>
      <aside className="shell-nav">
        <Nav />
      </aside>
      <Drawer
        open={drawer}
        onClose={() => setDrawer(false)}
        placement="left"
        size={248}
        title={null}
        closable={false}
        styles={{ body: { padding: 0 } }}
      >
        <Nav />
      </Drawer>
      <div className="shell-main">
        <TopBar onMenu={() => setDrawer(true)} onSearch={() => setPalette(true)} onKeys={() => setHints(true)} />
        <StaleLine />
        <div className="shell-content" id="content" tabIndex={-1}>
          {children}
        </div>
      </div>
      <KeyHints open={hints} onClose={() => setHints(false)} />
      {palette ? (
        <Suspense fallback={null}>
          <CommandPalette onClose={() => setPalette(false)} />
        </Suspense>
      ) : null}
    </div>
  );
}
