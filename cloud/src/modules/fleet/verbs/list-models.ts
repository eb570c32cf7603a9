import type { Label } from '@hallhub/shared';
import { shownThing } from '@hallhub/shared/thing';
import { sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { classLabel } from '../class-labels.js';
import type { DeviceModelDto } from '../contract.js';
import type { FleetDeps } from '../fleet-deps.js';

interface ModelRecord {
  profile_id: string;
  version: string;
  hash: string;
  versions: number;
  devices: number;
  online: number;
}

/** Every device model that the tenant's units have told of, by its newest profile, with the devices in reach. */
export const listModels = async (
  ctx: VerbContext,
  deps: Pick<FleetDeps, 'profiles'>,
  { hallId }: { readonly hallId?: string | undefined },
): Promise<{ items: DeviceModelDto[] }> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const { tenantId } = ctx.actor;
    const reach = inReach(sql`d.hall_id`, ctx.actor, 'device.read') ?? sql`true`;
    const { rows } = (await tx.execute(sql`
      WITH used AS (
        SELECT d.profile_id, count(*)::int AS devices, count(DISTINCT d.profile_hash)::int AS versions,
          count(*) FILTER (WHERE d.presence = 'online' AND l.presence = 'online')::int AS online
        FROM devices d JOIN unit_links l ON l.unit_id = d.unit_id
        WHERE d.tenant_id = ${tenantId} AND d.state = 'active' AND d.profile_id IS NOT NULL AND ${reach}
          AND ${hallId ? sql`d.hall_id = ${hallId}` : sql`true`}
        GROUP BY d.profile_id)
      SELECT DISTINCT ON (p.profile_id) p.profile_id, p.version, p.hash, coalesce(used.versions, 0) AS versions,
        coalesce(used.devices, 0) AS devices, coalesce(used.online, 0) AS online
      FROM profiles p LEFT JOIN used ON used.profile_id = p.profile_id WHERE p.tenant_id = ${tenantId}
      ORDER BY p.profile_id, string_to_array(substring(p.version FROM '^[0-9.]+'), '.')::int[] DESC, p.received_at DESC
      LIMIT 2000`)) as unknown as { rows: ModelRecord[] };
    const profiles = await deps.profiles.getMany(
      tx,
      tenantId,
      rows.map(({ hash }) => hash),
    );
    return {
      items: rows.map((row): DeviceModelDto => {
        const profile = profiles.get(row.hash);
        const thing = profile ? shownThing(profile.thing) : undefined;
        return {
          ...{ profileId: row.profile_id, version: row.version, hash: row.hash, versions: row.versions },
          ...{ devices: row.devices, online: row.online },
          label: (profile?.label ?? null) satisfies Label | null,
          vendorLabel: profile?.vendorLabel ?? null,
          deviceClass: profile?.class ?? null,
          classLabel: profile ? classLabel(profile.class) : null,
          protocols: profile ? Object.keys(profile.bindings) : [],
          source: profile ? { kind: profile.source.kind, document: profile.source.document } : null,
          properties: thing?.properties.length ?? 0,
          events: thing?.events.length ?? 0,
          commands: thing?.commands.length ?? 0,
        };
      }),
    };
  });
