import type { Clock } from '@hallhub/shared';
import type { Database } from '../../db/index.js';
import type { GatewayModule } from '../../gateway/gateway-module.js';
import { readUnitProof } from './unit-proof.js';

/** `GET /unit/v1/proof?day=YYYY-MM-DD`: a unit asks about itself; nobody else gets here. */
export const proofGateway = (deps: { readonly database: Database; readonly clock: Clock }): GatewayModule => ({
  path: '/unit/v1/proof',
  maxBodyBytes: 0,
  handle: async (request, { unitId }) => {
    if (request.method !== 'GET') return new Response(null, { status: 405, headers: { allow: 'GET' } });
    const day = new URL(request.url).searchParams.get('day') ?? undefined;
    return Response.json(await readUnitProof(deps, { unitId, day }));
  },
});
