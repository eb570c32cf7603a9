import { queryOptions } from '@tanstack/react-query';
import { etagOf } from './etag.js';
import { listing } from './listing.js';
import { get, patch, post, put, type Query } from './request.js';
import type { AsideRow, Command, Listing, PresenceStep, StreamGap, Unit, UnitFault, UnitSeal } from './types.js';

export const unitsQuery = (query: Query) => listing<Unit>('units', '/units', query);

export const unitQuery = (id: string) =>
  queryOptions({
    queryKey: ['units', 'one', id],
    refetchInterval: 30_000,
    queryFn: ({ signal }) => get<Unit>(`/units/${id}`, { signal }),
  });

export const unitPresenceQuery = (id: string, from: string, to: string) =>
  queryOptions({
    queryKey: ['units', 'presence', id, from, to],
    queryFn: ({ signal }) =>
      get<{ items: PresenceStep[] }>(`/units/${id}/presence`, { query: { from, to }, signal }).then((a) => a.items),
  });

export const unitSealsQuery = (id: string, from: string, to: string) =>
  queryOptions({
    queryKey: ['units', 'seals', id, from, to],
    queryFn: ({ signal }) =>
      get<{ items: UnitSeal[] }>(`/units/${id}/seals`, { query: { from, to }, signal }).then((a) => a.items),
  });

/** What went wrong between the unit and the cloud: rows put aside, gaps, and what the unit says of itself. */
export const unitTroublesQuery = (id: string) =>
  queryOptions({
    queryKey: ['units', 'troubles', id],
    queryFn: async ({ signal }) => {
      const read = <T>(what: string) =>
        get<Listing<T>>(`/units/${id}/${what}`, { query: { limit: 20 }, signal }).then((answer) => answer.items);
      const [aside, gaps, faults] = await Promise.all([
        read<AsideRow>('aside'),
        read<StreamGap>('gaps'),
        read<UnitFault>('faults'),
      ]);
      return { aside, gaps, faults };
    },
  });

export const createUnit = (input: { name: string; hallId: string }) =>
  post<{ unit: Unit; secret: string }>('/units', input);
export const renewUnitSecret = (id: string) => post<{ secret: string }>(`/units/${id}/secret`);
export const changeUnit = (unit: Unit, input: { name?: string; hallId?: string }) =>
  patch<Unit>(`/units/${unit.id}`, input, { ifMatch: etagOf(unit) });
export const setJoinPolicy = (unit: Unit, input: { policy: 'closed' | 'approve' | 'window'; until?: string }) =>
  put<Command>(`/units/${unit.id}/join-policy`, input, { ifMatch: etagOf(unit) });
