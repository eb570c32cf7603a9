import type { TicketKind } from '@hallhub/shared/ticket';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { kindsQuery, kindVersionQuery } from '../../../api/ticket-kinds.js';

/** Kinds as they are published, by code: what a draft’s tickets may begin. Undefined until all are known. */
export function useOtherKinds(enabled = true): ReadonlyMap<string, TicketKind> | undefined {
  const list = useQuery({ ...kindsQuery, enabled });
  const published = (list.data ?? []).flatMap(({ code, published: which, retired }) =>
    which && !retired ? [{ code, version: which.version }] : [],
  );
  const queries = useQueries({
    queries: published.map(({ code, version }) => ({ ...kindVersionQuery(code, version), enabled })),
  });
  const isKnown = list.data !== undefined && queries.every(({ data }) => data !== undefined);
  const stamp = isKnown ? published.map(({ code, version }) => `${code} ${version}`).join() : undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stamp tells when one of them is another
  return useMemo(
    () =>
      stamp === undefined
        ? undefined
        : new Map(queries.flatMap(({ data }) => (data ? [[data.document.code, data.document] as const] : []))),
    [stamp],
  );
}
