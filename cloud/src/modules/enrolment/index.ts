export { gatewayCodeOf, gatewayError, gatewayStatusOf } from './gateway-error.js';
export type { GatewayCaller, GatewayHandlers, UnitCaller } from './gateway-handlers.js';
