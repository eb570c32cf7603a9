import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
  Outlet,
  type RouterHistory,
  retainSearchParams,
  useRouterState,
} from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Right } from '../api/session.js';
import { paths } from '../paths.js';
import { NoRight } from '../ui/states.js';
import { AppLink } from './AppLink.js';
import { Gate } from './Gate.js';
import { NotFound, PageFailed, PageLoading } from './PageStates.js';
import { firstPage, pages } from './page-table.js';
import { parseSearch, stringifySearch } from './search-state.js';
import { useRights } from './session.js';

function Guard({ right, children }: { right: Right | undefined; children: ReactNode }) {
  const may = useRights();
  const { t } = useTranslation('shell');
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  if (right === undefined || may(right)) return children;
  const first = firstPage(may);
  // Nobody asked for the start page: who may not see it starts where their work is.
  if (first && pathname === paths.today()) return <Navigate to={first.path as string} replace />;
  return <NoRight action={first ? <AppLink to={first.path}>{t(`nav.${first.key}`)}</AppLink> : undefined} />;
}

/** Routes made from the page table: each page is its own bundle, loaded when it is opened. */
export function makeRouter(history?: RouterHistory) {
  const rootRoute = createRootRoute({
    component: () => (
      <Gate>
        <Outlet />
      </Gate>
    ),
    notFoundComponent: NotFound,
    validateSearch: (search: Record<string, unknown>) => search as { hall?: string },
    search: { middlewares: [retainSearchParams(['hall'])] },
  });
  const routes = pages.map((page) => {
    const Content = lazyRouteComponent(page.load, 'default');
    const guarded = () => (
      <Guard right={page.right}>
        <Content />
      </Guard>
    );
    return createRoute({
      getParentRoute: () => rootRoute,
      path: page.path,
      component: Object.assign(guarded, { preload: Content.preload }),
    });
  });
  return createRouter({
    routeTree: rootRoute.addChildren(routes),
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    defaultPendingComponent: PageLoading,
    defaultPendingMs: 120,
    defaultErrorComponent: PageFailed,
    scrollRestoration: true,
    ...(history ? { history } : {}),
  });
}
