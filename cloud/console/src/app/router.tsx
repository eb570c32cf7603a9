import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type RouterHistory,
  retainSearchParams,
} from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Right } from '../api/types.js';
import { NoRight } from '../ui/states.js';
import { Gate } from './Gate.js';
import { NotFound, PageFailed, PageLoading } from './PageStates.js';
import { pages } from './page-table.js';
import { parseSearch, stringifySearch } from './search-state.js';
import { useRights } from './session.js';

function Guard({ right, children }: { right: Right | undefined; children: ReactNode }) {
  const may = useRights();
  return right === undefined || may(right) ? children : <NoRight />;
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
