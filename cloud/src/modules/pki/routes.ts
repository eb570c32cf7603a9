import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import {
  authoritiesSchema,
  hangingUnitsSchema,
  retireSchema,
  revokeSchema,
  unitCertificateSchema,
} from './contract.js';
import type { CloudPki } from './open-pki.js';
import { listAuthorities, listHangingUnits } from './verbs/list-authorities.js';
import { activateAuthority, makeNextAuthority, retireAuthority } from './verbs/rotate-authority.js';
import { listCertificates, revokeCertificates } from './verbs/unit-certificates.js';

export interface PkiRouteDeps {
  readonly pki: CloudPki;
  /** PEM, all trusted authorities'. */
  readonly revocationLists: () => Promise<string>;
}

const unitParams = z.object({ unitId: z.uuid() });
const caParams = z.object({ caId: z.uuid() });
const pem = 'application/x-pem-file';

export const pkiRoutes = (deps: PkiRouteDeps): AnyRoute[] => [
  ...unitRoutes(deps),
  ...caRoutes(deps),
  ...publicRoutes(deps),
];

const unitRoutes = (deps: PkiRouteDeps): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/units/{unitId}/certificates',
    right: 'unit.read',
    tag: 'Units',
    summary: 'The certificates of a unit, newest first',
    params: unitParams,
    response: z.object({ items: z.array(unitCertificateSchema) }),
    handler: ({ ctx, params }) => listCertificates(ctx, deps, params),
  }),
  defineRoute({
    method: 'post',
    path: '/units/{unitId}/certificates/revoke',
    right: 'unit.enrol',
    tag: 'Units',
    summary: 'Revoke the certificates of a unit, or one of them; its connection ends at once',
    params: unitParams,
    body: revokeSchema,
    response: z.object({ revoked: z.int() }),
    status: 200,
    handler: ({ ctx, params, body }) => revokeCertificates(ctx, deps, { ...params, ...body }),
  }),
];

const caRoutes = (deps: PkiRouteDeps): AnyRoute[] => {
  const answer = (ctx: Parameters<typeof listAuthorities>[0]) => listAuthorities(ctx, deps);
  return [
    defineRoute({
      method: 'get',
      path: '/certificate-authorities',
      right: 'pki.write',
      tag: 'Certificates',
      summary: "The installation's certificate authorities and how far a rotation is",
      response: authoritiesSchema,
      handler: ({ ctx }) => answer(ctx),
    }),
    defineRoute({
      method: 'post',
      path: '/certificate-authorities',
      right: 'pki.write',
      tag: 'Certificates',
      summary: 'Make the next authority; units are told to trust it',
      response: authoritiesSchema,
      handler: async ({ ctx }) => {
        await makeNextAuthority(ctx, deps);
        return answer(ctx);
      },
    }),
    defineRoute({
      method: 'post',
      path: '/certificate-authorities/{caId}/activate',
      right: 'pki.write',
      tag: 'Certificates',
      summary: 'Let the next authority issue; the one before stays trusted',
      params: caParams,
      response: authoritiesSchema,
      status: 200,
      handler: async ({ ctx, params }) => {
        await activateAuthority(ctx, deps, params);
        return answer(ctx);
      },
    }),
    defineRoute({
      method: 'post',
      path: '/certificate-authorities/{caId}/retire',
      right: 'pki.write',
      tag: 'Certificates',
      summary: 'Trust the previous (or an unused next) authority no more; its key is destroyed',
      params: caParams,
      body: retireSchema,
      response: authoritiesSchema,
      status: 200,
      handler: async ({ ctx, params, body }) => {
        await retireAuthority(ctx, deps, { ...params, ...body });
        return answer(ctx);
      },
    }),
    defineRoute({
      method: 'get',
      path: '/certificate-authorities/{caId}/units',
      right: 'pki.write',
      tag: 'Certificates',
      summary: 'Units that have no certificate of another authority',
      params: caParams,
      response: hangingUnitsSchema,
      handler: ({ ctx, params }) => listHangingUnits(ctx, params),
    }),
  ];
};

/** Nothing in them is secret, and brokers that fetch them have no account here. */
const publicRoutes = ({ pki, revocationLists }: PkiRouteDeps): AnyRoute[] => {
  const file = (text: string) => new Response(text, { headers: { 'content-type': pem, 'cache-control': 'no-store' } });
  return [
    defineRoute({
      method: 'get',
      path: '/pki/trust.pem',
      right: 'public',
      tag: 'Certificates',
      summary: 'The trusted authorities, for the `cafile` of an external broker',
      streams: pem,
      handler: () => file(pki.trust().certificates.join('')),
    }),
    defineRoute({
      method: 'get',
      path: '/pki/crl.pem',
      right: 'public',
      tag: 'Certificates',
      summary:
        'The revocation lists of the trusted authorities, for the `crlfile` of an external broker; good for seven days',
      streams: pem,
      handler: async () => file(await revocationLists()),
    }),
  ];
};
