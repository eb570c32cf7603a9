import type { Label } from '@hallhub/shared';
import { queryOptions } from '@tanstack/react-query';
import * as z from 'zod/mini';
import { get } from './request.js';

const label = z.object({ zh: z.string(), en: z.optional(z.string()) });

/** What the console reads of a profile beyond its thing model; parts that a newer format changed are left out, not fatal. */
const documentSchema = z.object({
  label: z.catch(z.optional(label), undefined),
  vendorLabel: z.catch(z.optional(label), undefined),
  source: z.catch(
    z.optional(
      z.object({
        kind: z.string(),
        document: z.string(),
        url: z.optional(z.string()),
        note: z.optional(z.string()),
      }),
    ),
    undefined,
  ),
  thing: z.catch(
    z.optional(z.object({ properties: z.optional(z.array(z.object({ id: z.string(), label }))) })),
    undefined,
  ),
  derived: z.catch(z.optional(z.record(z.string(), z.object({ feel: z.string() }))), undefined),
  alarms: z.catch(
    z.optional(z.array(z.object({ id: z.string(), kind: z.string(), label, severity: z.string() }))),
    undefined,
  ),
});

export interface ProfileFacts {
  profileId: string;
  version: string;
  label: Label | undefined;
  vendorLabel: Label | undefined;
  source: { kind: string; document: string; url?: string | undefined; note?: string | undefined } | undefined;
  /** Property id to what it is called. */
  names: Record<string, Label>;
  /** Property id to its expression. */
  derived: Record<string, string>;
  alarms: { id: string; kind: string; label: Label; severity: string }[];
}

interface ProfileAnswer {
  profileId: string;
  version: string;
  document: unknown;
}

/** What a hash stands for never changes, so it is read once. */
export const profileQuery = (hash: string | undefined) =>
  queryOptions({
    queryKey: ['profiles', hash],
    enabled: hash !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }): Promise<ProfileFacts> => {
      const { profileId, version, document } = await get<ProfileAnswer>(`/profiles/${hash}`, { signal });
      const parsed = documentSchema.safeParse(document);
      const facts = parsed.success ? parsed.data : {};
      return {
        ...{ profileId, version, label: facts.label, vendorLabel: facts.vendorLabel, source: facts.source },
        names: Object.fromEntries((facts.thing?.properties ?? []).map(({ id, label: name }) => [id, name])),
        derived: Object.fromEntries(Object.entries(facts.derived ?? {}).map(([id, { feel }]) => [id, feel])),
        alarms: facts.alarms ?? [],
      };
    },
  });
