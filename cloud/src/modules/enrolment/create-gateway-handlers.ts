import type { EnrolmentDeps } from './enrolment-deps.js';
import type { GatewayHandlers } from './gateway-handlers.js';
import { enrolUnit } from './verbs/enrol-unit.js';
import { getSnapshot, putSnapshot } from './verbs/keep-snapshot.js';
import { renewCertificate } from './verbs/renew-certificate.js';

/** The verbs that units reach, for the gateway to mount. */
export const createGatewayHandlers = (deps: EnrolmentDeps): GatewayHandlers => ({
  enrol: (request, caller) => enrolUnit(deps, request, caller),
  renew: (request, caller) => renewCertificate(deps, request, caller),
  trust: () => deps.pki.trust(),
  putSnapshot: (snapshot, caller) => putSnapshot(deps, snapshot, caller),
  getSnapshot: (caller) => getSnapshot(deps, caller),
});
