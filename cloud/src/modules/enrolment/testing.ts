import { createHash, X509Certificate as NodeCertificate } from 'node:crypto';
import type { HubError } from '@hallhub/shared';
import { type EnrolRequest, parseEnrolmentCode } from '@hallhub/shared/wire';
import pino from 'pino';
import { startTestApp } from '../../http/testing.js';
import { fleetRoutes } from '../fleet/routes.js';
import { createUnit } from '../fleet/verbs/create-unit.js';
import { pkiRoutes, revocationLists } from '../pki/index.js';
import { makeTestRequest, openTestPki } from '../pki/testing.js';
import { createGatewayHandlers } from './create-gateway-handlers.js';
import type { EnrolmentDeps } from './enrolment-deps.js';
import { gatewayCodeOf } from './gateway-error.js';
import type { UnitCaller } from './gateway-handlers.js';
import { enrolmentRoutes } from './routes.js';
import { makeCode as makeEnrolmentCode } from './verbs/enrolment-codes.js';

export const addresses = { gateway: 'https://hub.example:18443', mqtts: 'mqtts://hub.example:18831' };
export const ip = '192.0.2.9';
export const dayMs = 86_400_000;

export const setup = async (t: { teardown(fn: () => unknown): unknown }) => {
  let deps: EnrolmentDeps | undefined;
  const current = (): EnrolmentDeps => deps as EnrolmentDeps;
  // The routes are made before the database's authority can be opened: they look it up when they are asked.
  const pki = new Proxy({} as EnrolmentDeps['pki'], { get: (_, name) => Reflect.get(current().pki, name) });
  const app = await startTestApp(t, {
    routes: ({ db, clock }) => [
      ...fleetRoutes({ disconnect: () => {}, wake: () => {} } as never),
      ...enrolmentRoutes({ pki, addresses: () => addresses }),
      ...pkiRoutes({ pki, revocationLists: revocationLists(db, clock, pki) }),
    ],
  });
  const { db: database, clock, bus: live } = app;
  deps = {
    ...{ database, clock, live, log: pino({ level: 'silent' }), addresses: () => addresses },
    pki: await openTestPki(t, database, { clock }),
  };
  const handlers = createGatewayHandlers(deps);
  const newUnit = async (name = '大厅单元'): Promise<string> => {
    const { unit } = await createUnit(app.systemContext(), { name, hallId: app.hallId });
    return unit.id;
  };
  return { app, deps, handlers, newUnit, database, clock };
};
export type Setup = Awaited<ReturnType<typeof setup>>;

export const makeCode = ({ app, deps }: Setup, unitId: string, kind: 'new' | 'replace' = 'new') =>
  makeEnrolmentCode(app.systemContext(), deps, { unitId, kind });

export const requestFor = (code: string, csr: string): EnrolRequest => ({
  ...{ v: 1, code: parseEnrolmentCode(code)?.secret ?? '', csr, software: '0.1.0', at: Date.now() },
  hardware: { model: 'box', hostName: 'hall-1' },
});

/** A unit that went through it, with its key. */
export const enrolled = async (s: Setup, unitId: string, kind: 'new' | 'replace' = 'new') => {
  const { code } = await makeCode(s, unitId, kind);
  const made = await makeTestRequest();
  const answer = await s.handlers.enrol(requestFor(code, made.csr), { ip });
  return { ...made, code, answer, der: new NodeCertificate(answer.certificate).raw };
};

/** What the gateway says of who holds that certificate. */
export const callerOf = (unitId: string, certificate: Uint8Array): UnitCaller => ({
  ...{ unitId, ip, certificateSha256: createHash('sha256').update(certificate).digest('hex') },
});

export const codeOf = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => 'no error',
    (error: HubError) => gatewayCodeOf(error) ?? error.code,
  );
