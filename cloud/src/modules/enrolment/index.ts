export { certificatesInForce } from '../pki/unit-certificates.js';
export { createGatewayHandlers } from './create-gateway-handlers.js';
export type { EnrolmentDeps, UnitAddresses } from './enrolment-deps.js';
export { gatewayCodeOf, gatewayError, gatewayStatusOf } from './gateway-error.js';
export type { GatewayCaller, GatewayHandlers, UnitCaller } from './gateway-handlers.js';
export { enrolmentRoutes } from './routes.js';
export { makeCode } from './verbs/enrolment-codes.js';
